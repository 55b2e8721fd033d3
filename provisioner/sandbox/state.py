"""What a sandbox is, and its state file. The file marks a folder as a sandbox's own: no other is ever removed."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from provisioner import files
from provisioner.errors import SandboxError
from provisioner.sandbox import cache, processes
from provisioner.sandbox.properties import Ports

FILE = "state.json"
MAX_BYTES = 1024 * 1024
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
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


def place(folder: Path) -> Path:
    """The folder without any link on its way below the working folder, and none at its end.

    A link there would have brokers started, and everything removed, wherever it leads. Raises SandboxError.
    """
    root, name = files.located(folder)
    reached = root.path
    for part in Path(name).parts:
        reached = reached / part
        if reached.is_symlink():
            raise SandboxError(f"{reached} is a link, and a sandbox's folder is none", "remove the link")
    return reached


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
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return Sandbox(name, folder, cluster_id, heap, nodes) if is_sandbox(folder) else None


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
    return None if pid is None else int(pid)


def _text(value: Any) -> str:
    if isinstance(value, str) and _WORD.fullmatch(value):
        return value
    raise ValueError(value)
