"""What a sandbox is, and its state file. The file marks a folder as a sandbox's own: no other is ever removed."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from provisioner import files
from provisioner.errors import SandboxError
from provisioner.sandbox import broker_log, cache, processes, releases
from provisioner.sandbox.properties import Ports

FILE = "state.json"
MAX_BYTES = 1024 * 1024
_WORD = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True, slots=True)
class Node:
    """One broker."""

    number: int
    ports: Ports
    pid: int | None = None


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A set of brokers, as its state file tells."""

    name: str
    folder: Path
    cluster_id: str
    heap: str
    nodes: tuple[Node, ...]
    kafka: str = releases.NEWEST

    @property
    def bootstrap(self) -> str:
        """The plain listeners."""
        return ",".join(f"127.0.0.1:{node.ports.client}" for node in self.nodes)

    @property
    def secure_bootstrap(self) -> str | None:
        """The SASL listeners, of a secure sandbox."""
        ports = [node.ports.secure for node in self.nodes if node.ports.secure]
        return ",".join(f"127.0.0.1:{port}" for port in ports) or None

    def node(self, number: int) -> Node:
        """Node `number`, from 1. Raises SandboxError where there is none."""
        for node in self.nodes:
            if node.number == number:
                return node
        raise SandboxError(f"sandbox {self.name} has no broker {number}", f"it has 1 to {len(self.nodes)}")

    def home(self, number: int) -> Path:
        """That node's own folder."""
        return self.folder / f"node{number}"

    def config(self, number: int) -> Path:
        """That node's server.properties; its process is known by it."""
        return self.home(number) / "server.properties"

    def alive(self, number: int) -> bool:
        """True if that node's process is ours and runs."""
        return processes.is_node(self.node(number).pid, self.config(number))

    def condition(self, number: int) -> str:
        """One word: alive, paused or dead."""
        if processes.is_paused(self.node(number).pid, self.config(number)):
            return "paused"
        return "alive" if self.alive(number) else "dead"

    def log(self, number: int, lines: int = 8) -> str:
        """The last lines that a node wrote."""
        return broker_log.tail(self.home(number), lines)


def is_sandbox(folder: Path) -> bool:
    """True if the folder was made by us, as a sandbox in this very place."""
    return _document(folder).get("folder") == str(folder)


def save(sandbox: Sandbox) -> None:
    """Write the state file whole."""
    cache.written(sandbox.folder / FILE, json.dumps({**asdict(sandbox), "folder": str(sandbox.folder)}))


def load(folder: Path) -> Sandbox | None:
    """The sandbox of that folder; None where there is none, or none that can be read."""
    document = _document(folder)
    try:
        nodes = tuple(Node(int(n["number"]), _ports(n["ports"]), _pid(n["pid"])) for n in document["nodes"])
        name, cluster_id, heap = (_text(document[word]) for word in ("name", "cluster_id", "heap"))
        kafka = _text(document["kafka"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return Sandbox(name, folder, cluster_id, heap, nodes, kafka) if is_sandbox(folder) else None


def _document(folder: Path) -> dict[str, Any]:
    try:
        document = json.loads(files.Root(folder).read(FILE, MAX_BYTES))
    except (files.FileFault, ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _ports(ports: dict[str, Any]) -> Ports:
    secure = ports.get("secure")
    return Ports(int(ports["client"]), int(ports["controller"]), None if secure is None else int(secure))


def _pid(pid: Any) -> int | None:
    if pid is None or 0 < int(pid) < 2**31:
        return None if pid is None else int(pid)
    raise ValueError(pid)


def _text(value: Any) -> str:
    if isinstance(value, str) and _WORD.fullmatch(value):
        return value
    raise ValueError(value)
