"""Names of topics that other programs make and keep for themselves: such topics are watched, never kept by us."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import NamedTuple

INTERNAL = "__*"
"""Kafka's own, which an import does not even list."""

RECORD_PREFIX = "_provisioner_"
"""With which the names of our own topics begin."""


class ReservedName(NamedTuple):
    """A glob of names, and why such a topic is somebody else's.

    `binding`: no file may keep such a topic. Other globs are conventions, which an import goes by: whoever declares
    such a topic by hand means it.
    """

    pattern: str
    why: str
    binding: bool = False


RESERVED_NAMES = (
    ReservedName(INTERNAL, "Kafka keeps it", True),
    ReservedName(f"{RECORD_PREFIX}*", "the record of what was applied is kept in it", True),
    ReservedName("_schemas", "the schema registry keeps it", True),
    ReservedName("*-changelog", "Kafka Streams keeps the changelog of a state store in it"),
    ReservedName("*-repartition", "Kafka Streams repartitions through it"),
    ReservedName("*connect*[-_.]configs", "Kafka Connect keeps its connectors' settings in it"),
    ReservedName("*connect*[-_.]offsets", "Kafka Connect keeps its connectors' positions in it"),
    ReservedName("*connect*[-_.]status*", "Kafka Connect keeps its connectors' states in it"),
    ReservedName("mm2-*", "MirrorMaker keeps it"),
    ReservedName("*.checkpoints.internal", "MirrorMaker keeps consumers' positions in it"),
    ReservedName("heartbeats", "MirrorMaker shows in it that it lives"),
)


def is_internal(name: str) -> bool:
    """True for a topic of Kafka itself, or of ours: nobody's to declare, and nobody's to miss."""
    return fnmatchcase(name, INTERNAL) or name.startswith(RECORD_PREFIX)


def reserved_names(protected: Iterable[str]) -> tuple[ReservedName, ...]:
    """Those of a cluster: what everybody's rows say, and its own `protected` globs."""
    return (*RESERVED_NAMES, *(ReservedName(pattern, "protected on this cluster", True) for pattern in protected))


def reserved_name(name: str, rows: Iterable[ReservedName]) -> ReservedName | None:
    """The first of these rows that a name falls under, None where it is free."""
    return next((row for row in rows if fnmatchcase(name, row.pattern)), None)
