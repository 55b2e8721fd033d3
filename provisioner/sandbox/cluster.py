"""Three real brokers on this machine: started, found again, and removed without a trace.

A folder is the place of its name in the user's cache folder, unless the caller has another one.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from provisioner.errors import SandboxError
from provisioner.sandbox import broker, cache, places, ports, processes, releases, rights, setup, state, storage
from provisioner.sandbox.jvm import Jvm
from provisioner.sandbox.lock import Progress
from provisioner.sandbox.state import Sandbox

PORT_TRIES = 3


@dataclass(frozen=True, slots=True)
class _Wish:
    """What a new sandbox is to be like."""

    kafka: str
    secure: bool
    heap: str
    nodes: int
    settings: Mapping[str, str] = field(default_factory=dict)


def up(
    name: str,
    folder: Path | None = None,
    *,
    kafka: str | None = None,
    secure: bool = False,
    heap: str = "256m",
    nodes: int = 3,
    settings: Mapping[str, str] | None = None,
    progress: Progress,
) -> Sandbox:
    """Start a sandbox, or find it running. Raises SandboxError where it cannot be had."""
    home = places.home(name, folder)
    if kafka:
        releases.lock(kafka)
    if running := status(name, home):
        return _again(running, secure, kafka, progress)
    down(name, home)
    _vacant(home)
    if folder is None:
        cache.usable(home.parent)
    wish = _Wish(kafka or releases.NEWEST, secure, heap, nodes, settings or {})
    return _begun(name, home, wish, progress)


def status(name: str, folder: Path | None = None) -> Sandbox | None:
    """The sandbox of that name if any of its brokers runs."""
    known = remembered(name, folder)
    return known if known and any(known.alive(node.number) for node in known.nodes) else None


def remembered(name: str, folder: Path | None = None) -> Sandbox | None:
    """The sandbox of that name, its brokers running or not."""
    return state.load(places.home(name, folder))


def down(name: str, folder: Path | None = None) -> bool:
    """Kill the brokers of a sandbox and remove its folder. False where there is none; nothing happens then."""
    home = places.home(name, folder)
    known = state.load(home)
    noted = [(node.pid, known.config(node.number)) for node in known.nodes] if known else []
    strays = list(processes.of(home))
    for pid, config in [*noted, *strays]:
        processes.ended(pid, config)
    ours = state.is_sandbox(home)
    if ours:
        shutil.rmtree(home, ignore_errors=True)
    return ours or bool(strays)


def start(sandbox: Sandbox, number: int) -> Sandbox:
    """Start one node again."""
    return broker.started(sandbox, setup.prepared(sandbox.kafka, lambda _: None), [number])


def _again(running: Sandbox, secure: bool, kafka: str | None, progress: Progress) -> Sandbox:
    """A sandbox that is up already; brokers of it that were hurt are up again."""
    _fits(running, secure, kafka)
    progress(f"sandbox {running.name} is already up")
    for node in running.nodes:
        broker.resume(running, node.number)
        if not running.alive(node.number):
            progress(f"broker {node.number} was down: starting it again")
            running = start(running, node.number)
    broker.ready(running)
    return running


def _fits(running: Sandbox, secure: bool, kafka: str | None) -> None:
    other = f", and on Kafka {running.kafka}" if kafka not in (None, running.kafka) else ""
    other = ", and without SASL" if secure and running.secure_bootstrap is None else other
    if other:
        hint = f"take it down first: provisioner sandbox down --name {running.name}; or give this one another name"
        raise SandboxError(f"sandbox {running.name} is up already{other}", hint)


def _vacant(folder: Path) -> None:
    """Never build in, and so never remove, a folder that somebody else uses."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SandboxError(
            f"{folder} is in use and no sandbox", "remove it if nothing in it is yours, or give another name"
        )


def _begun(name: str, folder: Path, wish: _Wish, progress: Progress) -> Sandbox:
    java = setup.prepared(wish.kafka, progress)
    template = storage.template(java, cache.folder(releases.lock(wish.kafka)))
    for _ in range(PORT_TRIES):
        made = broker.laid_out(name, folder, ports.free(wish.nodes, secure=wish.secure), wish.kafka, wish.heap)
        progress(f"starting {wish.nodes} brokers of Kafka {wish.kafka}")
        try:
            return _running(made, java, template, wish.settings)
        except broker.PortTakenError:
            progress("somebody took a port meanwhile: choosing others")
    raise SandboxError(f"each of {PORT_TRIES} choices of ports was taken meanwhile", "run it again")


def _running(made: Sandbox, java: Jvm, template: Path, settings: Mapping[str, str]) -> Sandbox:
    """All of its brokers up, or nothing left of it."""
    try:
        broker.furnished(made, template, settings)
        made = broker.started(made, java, [node.number for node in made.nodes])
        broker.ready(made)
        if made.secure_bootstrap:
            rights.granted(made)
    except BaseException:
        down(made.name, made.folder)
        raise
    return made
