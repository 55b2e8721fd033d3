"""The Kafka releases that a sandbox can run: one lock of jars each."""

from __future__ import annotations

from pathlib import Path

from provisioner.errors import SandboxError

LOCKS = Path(__file__).with_name("locks")
NEWEST = "4.4.0"


def known() -> tuple[str, ...]:
    """From the oldest to the newest."""
    return tuple(sorted((path.stem for path in LOCKS.glob("*.lock")), key=_order))


def lock(version: str) -> Path:
    """The jars of one release. Raises SandboxError for a release that has no lock here."""
    if version not in known():
        raise SandboxError(f"the sandbox has no Kafka {version!r}", f"it has {', '.join(known())}")
    return LOCKS / f"{version}.lock"


def _order(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]
