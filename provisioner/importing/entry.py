"""A topic as it lives -> the entry that says so: only what the defaults do not say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from provisioner.catalog.model import Presence, Setting
from provisioner.catalog.topic_config import THROTTLES
from provisioner.catalog.units import Duration
from provisioner.importing.context import ImportContext
from provisioner.importing.existing_topic import ExistingTopic


@dataclass(frozen=True, slots=True)
class TopicEntry:
    """An entry to be written. None and empty: left out. `comments` stand above it, one a line."""

    name: str
    state: Presence = Presence.PRESENT
    clusters: tuple[str, ...] = ()
    partitions: int | None = None
    replication_factor: int | None = None
    config: Mapping[str, str] = field(default_factory=dict)
    lag: Duration | Literal["none"] | None = None
    allow: Mapping[str, str] = field(default_factory=dict)
    comments: tuple[str, ...] = ()


def managed_entry(topic: ExistingTopic, context: ImportContext) -> TopicEntry:
    """The entry of a topic that is ours from now on."""
    fewest, copies = topic.replication_factor, topic.most_replicas
    uneven = f"some of its partitions have {fewest} replicas: a plan shows it, and an apply adds what they lack"
    return TopicEntry(
        topic.name,
        clusters=_clusters(context),
        partitions=_unless(topic.partitions, context.defaults.partitions),
        replication_factor=_unless(copies, context.defaults.replication_factor),
        config=dict(_overrides(topic, context.config)),
        comments=(*([uneven] if copies > fewest else []), *topic.undeclared),
    )


def external_entry(topic: ExistingTopic, context: ImportContext) -> TopicEntry:
    """The entry of a topic that somebody else keeps."""
    return TopicEntry(topic.name, Presence.EXTERNAL, _clusters(context))


def _clusters(context: ImportContext) -> tuple[str, ...]:
    return () if context.is_home else (context.cluster.name,)


def _unless(value: int, default: Setting[int]) -> int | None:
    return None if value == default.value else value


def _overrides(topic: ExistingTopic, defaults: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What the entry must say; a default that the topic neither has nor inherits cannot be unset, so it is said too."""
    for key in sorted({*topic.config, *defaults} - THROTTLES):
        value = topic.config.get(key, topic.inherited.get(key))
        if value is not None and value != defaults.get(key):
            yield key, value
