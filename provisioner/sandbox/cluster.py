"""Three real brokers on this machine: started, found again, and removed without a trace."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from provisioner.errors import SandboxError
from provisioner.sandbox import broker, cache, ports, processes, setup, state, storage
from provisioner.sandbox.jvm import Jvm
from provisioner.sandbox.lock import Progress
from provisioner.sandbox.state import Sandbox

PORT_TRIES = 3


def up(
    name: str,
    folder: Path,
    *,
    secure: bool = False,
    heap: str = "256m",
    nodes: int = 3,
    settings: Mapping[str, str] | None = None,
    progress: Progress,
) -> Sandbox:
    """Start a sandbox, or find it running. Raises SandboxError where it cannot be had."""
    folder = state.place(folder)
    if running := status(name, folder):
        return _again(running, secure, progress)
    down(name, folder)
    _vacant(folder)
    return _begun(name, folder, heap, nodes, secure, settings or {}, progress)


def status(name: str, folder: Path) -> Sandbox | None:
    """The sandbox of that name if any of its brokers runs."""
    state.named(name)
    known = state.load(state.place(folder))
    return known if known and any(known.alive(node.number) for node in known.nodes) else None


def down(name: str, folder: Path) -> None:
    """Kill the brokers of a sandbox and remove its folder; nothing happens where there is none."""
    state.named(name)
    folder = state.place(folder)
    known = state.load(folder)
    noted = [(node.pid, known.config(node.number)) for node in known.nodes] if known else []
    for pid, config in [*noted, *processes.of(folder)]:
        processes.ended(pid, config)
    if state.is_sandbox(folder):
        shutil.rmtree(folder, ignore_errors=True)


def start(sandbox: Sandbox, number: int) -> Sandbox:
    """Start one node again."""
    return broker.started(sandbox, setup.prepared(lambda _: None), [number])


def _again(running: Sandbox, secure: bool, progress: Progress) -> Sandbox:
    """A sandbox that is up already; brokers of it that were hurt are up again."""
    if secure and running.secure_bootstrap is None:
        hint = "take it down first, or give the other one another name"
        raise SandboxError(f"sandbox {running.name} is up already, and without SASL", hint)
    progress(f"sandbox {running.name} is already up")
    for node in running.nodes:
        broker.resume(running, node.number)
        if not running.alive(node.number):
            progress(f"broker {node.number} was down: starting it again")
            running = start(running, node.number)
    broker.ready(running)
    return running


def _vacant(folder: Path) -> None:
    """Never build in, and so never remove, a folder that somebody else uses."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SandboxError(f"{folder} is in use and no sandbox", "name an empty folder, or one that does not exist")


def _begun(
    name: str, folder: Path, heap: str, nodes: int, secure: bool, settings: Mapping[str, str], progress: Progress
) -> Sandbox:
    java = setup.prepared(progress)
    template = storage.template(java, cache.folder())
    for _ in range(PORT_TRIES):
        made = broker.laid_out(name, folder, heap, ports.free(nodes, secure=secure))
        progress(f"starting {nodes} brokers")
        try:
            return _running(made, java, template, settings)
        except broker.PortTakenError:
            progress("somebody took a port meanwhile: choosing others")
    raise SandboxError(f"each of {PORT_TRIES} choices of ports was taken meanwhile", "run it again")


def _running(made: Sandbox, java: Jvm, template: Path, settings: Mapping[str, str]) -> Sandbox:
    """All of its brokers up, or nothing left of it."""
    try:
        broker.furnished(made, template, settings)
        made = broker.started(made, java, [node.number for node in made.nodes])
        broker.ready(made)
    except BaseException:
        down(made.name, made.folder)
        raise
    return made
