"""Three real brokers on this machine: started, found again, hurt on purpose, and removed without a trace."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from provisioner.errors import SandboxError
from provisioner.sandbox import cache, jars, jvm, storage, wire
from provisioner.sandbox.properties import Ports, server, text

Progress = Callable[[str], None]

READY_SECONDS = 120
PORTS = range(20_000, 32_000)
"""Below 32768: above, a client's own outgoing connection can take a port."""


@dataclass(frozen=True, slots=True)
class Node:
    """One broker."""

    number: int
    ports: Ports
    pid: int | None = None


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A running set of brokers, as its state file tells."""

    name: str
    folder: Path
    cluster_id: str
    heap: str
    nodes: tuple[Node, ...]

    @property
    def bootstrap(self) -> str:
        """The plain listeners."""
        return ",".join(f"127.0.0.1:{node.ports.client}" for node in self.nodes)

    @property
    def secure_bootstrap(self) -> str | None:
        """The SASL listeners, of a secure sandbox."""
        ports = [node.ports.secure for node in self.nodes if node.ports.secure]
        return ",".join(f"127.0.0.1:{port}" for port in ports) or None

    def alive(self, number: int) -> bool:
        """True if that node's process is ours and runs."""
        return _is_ours(self.folder, self.nodes[number - 1].pid)

    def document(self) -> dict[str, Any]:
        """For programs: the addresses, the cluster's id and each node."""
        nodes = [
            {"node": n.number, "pid": n.pid, "port": n.ports.client, "alive": self.alive(n.number)} for n in self.nodes
        ]
        addresses = {"bootstrap": self.bootstrap, "secure_bootstrap": self.secure_bootstrap}
        return {"name": self.name, "cluster_id": self.cluster_id, **addresses, "nodes": nodes}


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
    folder = folder.resolve()
    if running := status(folder):
        progress(f"sandbox {name} is already up")
        return running
    down(folder)
    java = _prepared(progress)
    made = _laid_out(name, folder, java, heap, _free_ports(nodes, secure), settings or {})
    try:
        made = _started(made, java, range(1, nodes + 1))
        progress(f"starting {nodes} brokers")
        ready(made)
    except BaseException:
        down(folder)
        raise
    return made


def _prepared(progress: Progress) -> jvm.Jvm:
    kept = cache.folder()
    lib = jars.ensured(kept / "jars", progress)
    java = jvm.found(lib, kept)
    if java.archive is None:
        progress("preparing Java (once)")
        archive = jvm.archive_path(java.java, lib, kept)
        jvm.trained(java, lambda extra: _training(java, kept, extra), archive)
        java = jvm.found(lib, kept)
    return java


def _training(java: jvm.Jvm, kept: Path, extra: tuple[str, ...]) -> subprocess.Popen[bytes]:
    """One node alone for a moment, so that its classes can be archived."""
    folder = kept / f"training-{storage.new_id()}"
    made = _laid_out("training", folder, java, "256m", _free_ports(1, False), {})
    process = _process(made, java, 1, extra)
    made = replace(made, nodes=(replace(made.nodes[0], pid=process.pid),))
    try:
        ready(made)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return process


def status(folder: Path) -> Sandbox | None:
    """The sandbox in that folder if any of its brokers runs."""
    known = _load(folder.resolve())
    running = known and any(known.alive(node.number) for node in known.nodes)
    return known if running else None


def down(folder: Path) -> None:
    """Stop the brokers of a sandbox and remove its folder; nothing happens where there is none."""
    folder = folder.resolve()
    known = _load(folder)
    for node in known.nodes if known else ():
        _signal(folder, node.pid, signal.SIGKILL)
    for node in known.nodes if known else ():
        _wait_gone(folder, node.pid)
    shutil.rmtree(folder, ignore_errors=True)


def ready(sandbox: Sandbox, numbers: Iterable[int] | None = None) -> None:
    """Wait until each of these nodes (all) answers with our own cluster's id and knows all of these brokers."""
    wanted = set(numbers or range(1, len(sandbox.nodes) + 1))
    left, deadline = set(wanted), time.monotonic() + READY_SECONDS
    while left:
        for number in sorted(left):
            answer = wire.ask(sandbox.nodes[number - 1].ports.client)
            if answer and answer.cluster_id not in (None, sandbox.cluster_id):
                raise SandboxError(f"broker {number}'s port answers for another cluster", "try again")
            if answer and wanted <= answer.brokers:
                left.discard(number)
            elif not sandbox.alive(number):
                raise SandboxError(f"broker {number} died while starting:\n{_log(sandbox, number)}", "try again")
        if time.monotonic() > deadline:
            raise SandboxError(
                f"brokers {sorted(left)} are not ready after {READY_SECONDS} s:\n{_log(sandbox, min(left))}"
            )
        time.sleep(0.05)


def start(sandbox: Sandbox, number: int) -> Sandbox:
    """Start one node again."""
    return _started(sandbox, jvm.found(cache.folder() / "jars", cache.folder()), [number])


def kill(sandbox: Sandbox, number: int) -> None:
    """SIGKILL one node, and wait until it is gone."""
    _signal(sandbox.folder, sandbox.nodes[number - 1].pid, signal.SIGKILL)
    _wait_gone(sandbox.folder, sandbox.nodes[number - 1].pid)


def pause(sandbox: Sandbox, number: int) -> None:
    """SIGSTOP one node: it keeps its connections and says nothing."""
    _signal(sandbox.folder, sandbox.nodes[number - 1].pid, signal.SIGSTOP)


def resume(sandbox: Sandbox, number: int) -> None:
    """SIGCONT one node."""
    _signal(sandbox.folder, sandbox.nodes[number - 1].pid, signal.SIGCONT)


def _laid_out(
    name: str, folder: Path, java: jvm.Jvm, heap: str, ports: Sequence[Ports], settings: Mapping[str, str]
) -> Sandbox:
    made = Sandbox(name, folder, storage.new_id(), heap, tuple(Node(n, p) for n, p in enumerate(ports, 1)))
    sample = text({**server(1, ports, Path("@DATA@"), settings)})
    source = storage.template(java, cache.folder(), sample)
    for node in made.nodes:
        home = folder / f"node{node.number}"
        home.mkdir(parents=True)
        storage.copied(source, home / "data", node.number, made.cluster_id)
        properties = server(node.number, ports, home / "data", settings)
        (home / "server.properties").write_text(text(properties), "utf-8")
    return made


def _started(sandbox: Sandbox, java: jvm.Jvm, numbers: Iterable[int]) -> Sandbox:
    chosen = set(numbers)
    nodes = tuple(
        replace(node, pid=_process(sandbox, java, node.number).pid) if node.number in chosen else node
        for node in sandbox.nodes
    )
    made = replace(sandbox, nodes=nodes)
    _save(made)
    return made


def _process(sandbox: Sandbox, java: jvm.Jvm, number: int, extra: tuple[str, ...] = ()) -> subprocess.Popen[bytes]:
    home = sandbox.folder / f"node{number}"
    command = java.command("kafka.Kafka", str(home / "server.properties"), heap=sandbox.heap, extra=extra)
    with (home / "out.log").open("ab") as log:
        return subprocess.Popen(  # noqa: S603 - our own Java
            command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True, cwd=home
        )


def _log(sandbox: Sandbox, number: int) -> str:
    path = sandbox.folder / f"node{number}" / "out.log"
    try:
        return "\n".join(path.read_text("utf-8", errors="replace").splitlines()[-8:])
    except OSError:
        return "(no log)"


def _free_ports(nodes: int, secure: bool) -> list[Ports]:
    """Ports that nobody listens on, all held open together while choosing."""
    each = 3 if secure else 2
    taken: list[socket.socket] = []
    try:
        for port in random.sample(PORTS, len(PORTS)):
            if len(taken) == nodes * each:
                break
            held = socket.socket()
            try:
                held.bind(("127.0.0.1", port))
                taken.append(held)
            except OSError:
                held.close()
        numbers = [held.getsockname()[1] for held in taken]
    finally:
        for held in taken:
            held.close()
    return [Ports(*numbers[at : at + each]) for at in range(0, nodes * each, each)]


def _save(sandbox: Sandbox) -> None:
    temporary = sandbox.folder / f".state-{os.getpid()}"
    temporary.write_text(json.dumps({**asdict(sandbox), "folder": str(sandbox.folder)}), "utf-8")
    temporary.replace(sandbox.folder / "state.json")


def _load(folder: Path) -> Sandbox | None:
    try:
        told = json.loads((folder / "state.json").read_text("utf-8"))
        nodes = tuple(Node(node["number"], Ports(**node["ports"]), node["pid"]) for node in told["nodes"])
        return Sandbox(told["name"], folder, told["cluster_id"], told["heap"], nodes)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _is_ours(folder: Path, pid: int | None) -> bool:
    """A pid may have been given to another process since: its command line must name our folder."""
    for _ in range(20):
        try:
            line = Path(f"/proc/{pid}/cmdline").read_bytes()
            if line or "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text("utf-8"):
                return str(folder).encode() in line
        except OSError:
            return False
        # Java's launcher executes itself anew; in that instant the command line is empty.
        time.sleep(0.01)
    return False


def _signal(folder: Path, pid: int | None, number: signal.Signals) -> None:
    if pid is not None and _is_ours(folder, pid):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return


def _wait_gone(folder: Path, pid: int | None) -> None:
    deadline = time.monotonic() + 20
    while _is_ours(folder, pid) and time.monotonic() < deadline:
        _reap(pid)
        time.sleep(0.02)


def _reap(pid: int | None) -> None:
    try:
        os.waitpid(pid or 0, os.WNOHANG)
    except ChildProcessError:
        return
