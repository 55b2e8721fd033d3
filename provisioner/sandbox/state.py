"""What a sandbox is, and its state file. The file marks a folder as a sandbox's own: no other is ever removed."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from provisioner.errors import SandboxError
from provisioner.sandbox import cache, processes
from provisioner.sandbox.properties import Ports

FILE = "state.json"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


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

    def log(self, number: int, lines: int = 8) -> str:
        """The last lines a node said, without Java's stack traces: they would hide the sentence above them."""
        try:
            said = (self.home(number) / "out.log").read_text("utf-8", errors="replace").splitlines()
        except OSError:
            return "(no log)"
        spoken = [line for line in said if not line.startswith(("\tat ", "\t... "))]
        return "\n".join(spoken[-lines:]) or "(an empty log)"

    def document(self) -> dict[str, Any]:
        """For programs: the addresses, the cluster's id and each node."""
        nodes = [
            {"node": n.number, "pid": n.pid, "port": n.ports.client, "alive": self.alive(n.number)} for n in self.nodes
        ]
        addresses = {"bootstrap": self.bootstrap, "secure_bootstrap": self.secure_bootstrap}
        return {"name": self.name, "cluster_id": self.cluster_id, **addresses, "nodes": nodes}


def named(name: str) -> None:
    """Refuse a name that could lead out of the folder where sandboxes lie."""
    if not _NAME.fullmatch(name):
        raise SandboxError(f"{name!r} cannot be a sandbox's name", "use letters, digits, `.`, `_` and `-`")


def is_sandbox(folder: Path) -> bool:
    """True if the folder was made by us, readable or not."""
    return (folder / FILE).is_file()


def save(sandbox: Sandbox) -> None:
    """Write the state file whole."""
    cache.written(sandbox.folder / FILE, json.dumps({**asdict(sandbox), "folder": str(sandbox.folder)}))


def load(folder: Path) -> Sandbox | None:
    """The sandbox of that folder; None where there is none, or none that can be read."""
    try:
        told = json.loads((folder / FILE).read_text("utf-8"))
        nodes = tuple(Node(node["number"], Ports(**node["ports"]), node["pid"]) for node in told["nodes"])
        return Sandbox(told["name"], folder, told["cluster_id"], told["heap"], nodes)
    except (OSError, ValueError, KeyError, TypeError):
        return None
