"""A lock: the coordinates of one Kafka's jars with their hashes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from provisioner.errors import SandboxError

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Jar:
    """One line of the lock."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def file(self) -> str:
        """Its file name."""
        return f"{self.artifact}-{self.version}.jar"


def locked(text: str) -> list[Jar]:
    """The lock's lines: `group:artifact:version sha256`. Raises SandboxError for any other."""
    return [_jar(line) for line in text.splitlines() if line and not line.startswith("#")]


def _jar(line: str) -> Jar:
    match line.replace(":", " ").split():
        case [group, artifact, version, sha256] if len(sha256) == 64:
            return Jar(group, artifact, version, sha256)
    raise SandboxError(f"the lock of jars has a line that is none: {line[:80]!r}", "install this program again")
