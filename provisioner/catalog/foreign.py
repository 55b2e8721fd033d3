"""Topics that other programs make and keep for themselves: they can be watched, never kept by us."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

INTERNAL = "__*"
"""Kafka's own: never declared at all."""

FOREIGN: tuple[tuple[str, str], ...] = (
    ("_schemas", "the schema registry keeps it"),
    ("*-changelog", "Kafka Streams keeps the changelog of a state store in it"),
    ("*-repartition", "Kafka Streams repartitions through it"),
    ("*connect*[-_.]configs", "Kafka Connect keeps its connectors' settings in it"),
    ("*connect*[-_.]offsets", "Kafka Connect keeps its connectors' positions in it"),
    ("*connect*[-_.]status*", "Kafka Connect keeps its connectors' states in it"),
    ("mm2-*", "MirrorMaker keeps it"),
    ("*.checkpoints.internal", "MirrorMaker keeps consumers' positions in it"),
    ("heartbeats", "MirrorMaker shows in it that it lives"),
)
"""Globs of names, and whose they are."""


def kept_by(name: str, protected: Iterable[str]) -> tuple[str, str] | None:
    """The glob that a name falls under and why such a topic is somebody else's; None where it is not."""
    rows = [(pattern, "protected on this cluster") for pattern in protected]
    return next((row for row in (*rows, *FOREIGN) if fnmatchcase(name, row[0])), None)
