"""`provisioner sandbox up|status|down`: three real brokers on this machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from provisioner.commands import exits
from provisioner.commands.console import Console
from provisioner.errors import SandboxError
from provisioner.options import Sandbox
from provisioner.report.results import SandboxState
from provisioner.settings import Settings

if TYPE_CHECKING:
    from provisioner import sandbox


def run(options: Sandbox, _settings: Settings, console: Console) -> SandboxState:
    """Start the brokers, say which of them run, or stop them."""
    return _ACTIONS[options.action](options, console)


def _up(options: Sandbox, console: Console) -> SandboxState:
    """Start the brokers and say how to reach them."""
    from provisioner import sandbox

    running = sandbox.up(
        options.name, kafka=options.kafka, secure=options.secure, heap=options.heap, progress=console.say
    )
    first = f"sandbox {options.name} is up: cluster {running.cluster_id} at {running.bootstrap}"
    return _shown(running, first, exits.DONE)


def _status(options: Sandbox, _console: Console) -> SandboxState:
    """Say which brokers run; 1 unless all of them do."""
    from provisioner import sandbox

    there = sandbox.remembered(options.name)
    if there is None:
        return SandboxState([_none(options.name)], {"name": options.name, "nodes": []}, exits.FAILED)
    dead = [str(node.number) for node in there.nodes if not there.alive(node.number)]
    first = f"sandbox {options.name}: {_state(there, dead)}"
    return _shown(there, first, exits.FAILED if dead else exits.DONE)


def _state(there: sandbox.Sandbox, dead: list[str]) -> str:
    again = f"provisioner sandbox up --name {there.name}"
    if len(dead) == len(there.nodes):
        return f"no broker lives; {again} begins anew, without the topics"
    return f"broker {', '.join(dead)} dead; {again} starts it again" if dead else "up"


def _down(options: Sandbox, _console: Console) -> SandboxState:
    """Stop the brokers and remove what they wrote. Raises SandboxError where there is no such sandbox."""
    from provisioner import sandbox

    if not sandbox.down(options.name):
        raise SandboxError(_none(options.name), "nothing was stopped: give the name of one that is there")
    return SandboxState([f"sandbox {options.name} is gone"], {"name": options.name, "nodes": []}, exits.DONE)


_ACTIONS: Mapping[str, Callable[[Sandbox, Console], SandboxState]] = {"up": _up, "status": _status, "down": _down}


def _none(name: str) -> str:
    from provisioner import sandbox

    others = ", ".join(sandbox.names())
    return f"there is no sandbox {name}; " + (f"there are: {others}" if others else "there is none at all")


def _shown(there: sandbox.Sandbox, first: str, code: int) -> SandboxState:
    from provisioner.sandbox import shown

    return SandboxState([first, *shown.lines(there)], shown.document(there), code)
