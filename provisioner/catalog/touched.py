"""Which topics the files of two folders may say different things of, told by the files that differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from provisioner.catalog.entries import TEAM_FILE, Declarations, Entry
from provisioner.catalog.placing import homes
from provisioner.catalog.topic_declarations import TopicDeclaration

Parts = tuple[str, ...]


def touched(now: Declarations, then: Declarations) -> frozenset[str] | None:
    """Every topic that a differing file speaks of, and whatever hangs together with it; None: it may be any topic.

    Of all others both say the same: their entries, consumers, teams and dead letters stand in files that are equal.
    """
    if _top(now) != _top(then):
        return None
    differing = _differing(now, then)
    names = {name for each in (now, then) for name in _spoken_of(each, differing)}
    return _together(names, [*now.topics, *then.topics])


def _top(declarations: Declarations) -> tuple[Any, ...]:
    """What concerns every topic of a cluster: `clusters.yaml`, whatever its layout."""
    clusters = {name: entry.value for name, entry in declarations.clusters.items()}
    return clusters, declarations.repository, homes(declarations), declarations.broken_clusters


def _differing(now: Declarations, then: Declarations) -> set[Parts]:
    mine, theirs = ({file.parts: file.digest for file in each.files.values() if file.is_clean} for each in (now, then))
    every = {file.parts for each in (now, then) for file in each.files.values()}
    return {parts for parts in every if parts not in mine or mine[parts] != theirs.get(parts)}


def _spoken_of(declarations: Declarations, differing: set[Parts]) -> Iterator[str]:
    paths = {path for path, file in declarations.files.items() if file.parts in differing}
    teams = {parts[0] for parts in differing if parts[-1] == TEAM_FILE}
    for topic in declarations.topics:
        if topic.document.path in paths or topic.team in teams:
            yield from _names(topic)
    for consumer in declarations.consumers:
        if consumer.document.path in paths or consumer.team in teams:
            yield consumer.value.topic


def _names(entry: Entry[TopicDeclaration]) -> Iterator[str]:
    """The topic's, and those of its dead letter topics."""
    topic = entry.value
    yield topic.name
    for letter in (topic.dead_letter, *(override.dead_letter for override in topic.overrides.values())):
        if letter is not None:
            yield letter.name


def _together(names: set[str], entries: Iterable[Entry[TopicDeclaration]]) -> frozenset[str]:
    """A topic and its dead letters are merged together."""
    groups = [group for entry in entries if len(group := set(_names(entry))) > 1]
    found, before = set(names), -1
    while len(found) > before:
        before = len(found)
        for group in groups:
            if group & found:
                found |= group
    return frozenset(found)
