"""Entries -> files: which topic goes where, under names that every file system can hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import count

from provisioner.catalog.model import Presence
from provisioner.importing.entry import TopicEntry

TEAM = "team"
"""team.yaml is the team's own."""

LONGEST = 200
MOST_TOPICS = 2_000
"""Topics in one file: a longer one takes an editor's patience, and files end at 1 MiB."""

DEVICES = frozenset({"aux", "con", "nul", "prn", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))})
"""Names that Windows keeps for itself, with any ending."""


def _by_topic(name: str) -> str:
    return name


def _by_prefix(name: str) -> str:
    return next((part for part in re.split(r"[._-]", name) if part), "other")


def _together(_: str) -> str:
    return "topics"


GROUPINGS: Mapping[str, Callable[[str], str]] = {"topic": _by_topic, "prefix": _by_prefix, "one": _together}
"""The words of --group-by, and the name of the file that a topic goes into, before it is made safe."""


def filed(entries: Iterable[TopicEntry], grouping: str) -> list[tuple[str, list[TopicEntry]]]:
    """Files' stems and their entries; what others keep lies together. Topics by themselves never share a file."""
    files: dict[str, tuple[str, list[TopicEntry]]] = {}
    for entry in entries:
        outside = entry.state is Presence.EXTERNAL
        stem = safe("external" if outside else GROUPINGS[grouping](entry.name))
        key = f"topic {entry.name}" if grouping == "topic" and not outside else stem.casefold()
        files.setdefault(key, (stem, []))[1].append(entry)
    return [(stem, part) for stem, group in files.values() for part in _portions(group)]


def _portions(group: Sequence[TopicEntry]) -> Iterator[list[TopicEntry]]:
    return (list(group[at : at + MOST_TOPICS]) for at in range(0, len(group), MOST_TOPICS))


def safe(name: str) -> str:
    """A file's stem: not hidden, no option, no device, not the team's own, short enough for a number behind it."""
    stem = name[:LONGEST]
    if not stem[:1].isalnum():
        stem = f"topic{stem}"
    return f"topic-{stem}" if stem.lower().split(".")[0] in DEVICES or stem.lower() == TEAM else stem


def stems(stem: str) -> Iterator[str]:
    """The names to try for a file, one after the other: orders, orders-2, orders-3."""
    yield stem
    yield from (f"{stem}-{number}" for number in count(2))
