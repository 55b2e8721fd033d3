"""`provisioner sandbox up|status|down`: three real brokers on this machine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from provisioner.commands import exits
from provisioner.commands.console import Console
from provisioner.errors import SandboxError

if TYPE_CHECKING:
    from provisioner.sandbox import Sandbox


def up(name: str, kafka: str | None, secure: bool, heap: str, output: str, console: Console) -> int:
    """Start the brokers and say how to reach them."""
    from provisioner import sandbox

    running = sandbox.up(name, kafka=kafka, secure=secure, heap=heap, progress=console.say)
    _show(running, output, f"sandbox {name} is up: cluster {running.cluster_id} at {running.bootstrap}", console)
    return exits.DONE


def status(name: str, output: str, console: Console) -> int:
    """Say which brokers run; 1 unless all of them do."""
    from provisioner import sandbox

    there = sandbox.remembered(name)
    if there is None:
        console.out(json.dumps({"name": name, "nodes": []}, indent=2) if output == "json" else _none(name))
        return exits.FAILED
    dead = [str(node.number) for node in there.nodes if not there.alive(node.number)]
    _show(there, output, f"sandbox {name}: {_state(there, dead)}", console)
    return exits.FAILED if dead else exits.DONE


def _state(there: Sandbox, dead: list[str]) -> str:
    again = f"provisioner sandbox up --name {there.name}"
    if len(dead) == len(there.nodes):
        return f"no broker lives; {again} begins anew, without the topics"
    return f"broker {', '.join(dead)} dead; {again} starts it again" if dead else "up"


def down(name: str, console: Console) -> int:
    """Stop the brokers and remove what they wrote. Raises SandboxError where there is no such sandbox."""
    from provisioner import sandbox

    if not sandbox.down(name):
        raise SandboxError(_none(name), "nothing was stopped: give the name of one that is there")
    console.out(f"sandbox {name} is gone")
    return exits.DONE


def _none(name: str) -> str:
    from provisioner import sandbox

    others = ", ".join(sandbox.names())
    return f"there is no sandbox {name}; " + (f"there are: {others}" if others else "there is none at all")


def _show(there: Sandbox, output: str, first: str, console: Console) -> None:
    from provisioner.sandbox import shown

    as_json = output == "json"
    text = json.dumps(shown.document(there), indent=2) if as_json else "\n".join([first, *shown.lines(there)])
    console.out(text)
