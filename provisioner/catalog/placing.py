"""Where entries live: a topic on each cluster that it names, or at home."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from provisioner.catalog.entries import Declarations, Entry
from provisioner.catalog.topic_declarations import ConsumerDeclaration, TopicDeclaration
from provisioner.problem import Problem

MOST_PLACED = 200_000
"""Topics and consumers, each counted on each of its clusters."""


class Placed(NamedTuple):
    """Which entries concern which cluster: topics by cluster, consumers by topic, both in the order of files."""

    topics: Mapping[str, Sequence[Entry[TopicDeclaration]]]
    consumers: Mapping[str, Sequence[Entry[ConsumerDeclaration]]]


def placed(declarations: Declarations) -> Placed:
    """In one pass over all entries, whatever the number of clusters."""
    topics: dict[str, list[Entry[TopicDeclaration]]] = {name: [] for name in declarations.clusters}
    home = homes(declarations)
    for topic in declarations.topics:
        for name in home if topic.value.clusters is None else topic.value.clusters:
            if name in topics:
                topics[name].append(topic)
    consumers: dict[str, list[Entry[ConsumerDeclaration]]] = {}
    for consumer in declarations.consumers:
        consumers.setdefault(consumer.value.topic, []).append(consumer)
    return Placed(topics, consumers)


def others(declarations: Declarations, cluster: str) -> dict[str, tuple[Entry[Any], ...]]:
    """The entries of other sections that concern a cluster: those that name it under `clusters:`, or live at home."""
    home = homes(declarations)
    return {
        word: tuple(entry for entry in entries if cluster in (getattr(entry.value, "clusters", None) or home))
        for word, entries in declarations.others.items()
    }


def too_many(entries: Placed) -> Problem | None:
    """A topic on forty clusters is forty topics: what is short to write can be long to work through."""
    count = 0
    for topics in entries.topics.values():
        for entry in topics:
            count += 1 + len(entries.consumers.get(entry.value.name, ()))
            if count > MOST_PLACED:
                message = f"more than {MOST_PLACED:,} topics and consumers, each counted on each of its clusters"
                return Problem("topics/too-many", message, entry.span("name"), "declare fewer, or split the folder")
    return None


def homes(declarations: Declarations) -> Sequence[str]:
    """The clusters of a topic that names none: the default, or the only one.

    One that cannot be read counts as well: nothing moves to another cluster for a slip in its entry.
    """
    named = [name for name, entry in declarations.clusters.items() if entry.value.default]
    return [*named, *sorted(declarations.broken_defaults)] or _only(declarations)


def _only(declarations: Declarations) -> list[str]:
    known = [*declarations.clusters, *sorted(declarations.broken_clusters)]
    return known if len(known) == 1 else []
