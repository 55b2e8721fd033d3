"""What a topic falls back to where its override goes: the brokers' own configs, in a topic's units.

A topic's synonyms do not tell: they are a dict by name, in which a broker's default hides what was set above it, and
retention.ms has none where only hours are configured (measured on 4.4).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from confluent_kafka.admin import ConfigResource, ResourceType

from provisioner.stores.kafka.connection import FUTURE_ERRORS, GRACE_SECONDS, READ_SECONDS, Connection
from provisioner.stores.kafka.reading import canonical

ASKED = 2
"""Brokers: where they differ, nothing is known."""

MINUTE, HOUR = 60_000, 3_600_000
UNLIMITED = "-1"

Sources = tuple[tuple[str, int], ...]

SOURCES: Mapping[str, Sources] = {
    "cleanup.policy": (("log.cleanup.policy", 1),),
    "compression.gzip.level": (("compression.gzip.level", 1),),
    "compression.lz4.level": (("compression.lz4.level", 1),),
    "compression.type": (("compression.type", 1),),
    "compression.zstd.level": (("compression.zstd.level", 1),),
    "delete.retention.ms": (("log.cleaner.delete.retention.ms", 1),),
    "file.delete.delay.ms": (("log.segment.delete.delay.ms", 1),),
    "flush.messages": (("log.flush.interval.messages", 1),),
    "flush.ms": (("log.flush.interval.ms", 1), ("log.flush.scheduler.interval.ms", 1)),
    "index.interval.bytes": (("log.index.interval.bytes", 1),),
    "local.retention.bytes": (("log.local.retention.bytes", 1),),
    "local.retention.ms": (("log.local.retention.ms", 1),),
    "max.compaction.lag.ms": (("log.cleaner.max.compaction.lag.ms", 1),),
    "max.message.bytes": (("message.max.bytes", 1),),
    "message.downconversion.enable": (("log.message.downconversion.enable", 1),),
    "message.format.version": (("log.message.format.version", 1),),
    "message.timestamp.after.max.ms": (("log.message.timestamp.after.max.ms", 1),),
    "message.timestamp.before.max.ms": (("log.message.timestamp.before.max.ms", 1),),
    "message.timestamp.difference.max.ms": (("log.message.timestamp.difference.max.ms", 1),),
    "message.timestamp.type": (("log.message.timestamp.type", 1),),
    "min.cleanable.dirty.ratio": (("log.cleaner.min.cleanable.ratio", 1),),
    "min.compaction.lag.ms": (("log.cleaner.min.compaction.lag.ms", 1),),
    "min.insync.replicas": (("min.insync.replicas", 1),),
    "preallocate": (("log.preallocate", 1),),
    "retention.bytes": (("log.retention.bytes", 1),),
    "retention.ms": (("log.retention.ms", 1), ("log.retention.minutes", MINUTE), ("log.retention.hours", HOUR)),
    "segment.bytes": (("log.segment.bytes", 1),),
    "segment.index.bytes": (("log.index.size.max.bytes", 1),),
    "segment.jitter.ms": (("log.roll.jitter.ms", 1), ("log.roll.jitter.hours", HOUR)),
    "segment.ms": (("log.roll.ms", 1), ("log.roll.hours", HOUR)),
    "unclean.leader.election.enable": (("unclean.leader.election.enable", 1),),
}
"""Topic's key -> the broker's, each with its factor; of several the first that is set holds.

Keys without a row exist for topics alone.
"""


def fallbacks(connection: Connection, brokers: Collection[int], keys: Collection[str]) -> dict[str, str]:
    """Key -> what brokers have for it, where those that answer agree. Without the right to ask: nothing."""
    asked = list(brokers)[:ASKED] if any(key in SOURCES for key in keys) else []
    answers = [own for broker in asked if (own := _own(connection, broker)) is not None]
    values = {key: {_value(key, own) for own in answers} for key in keys}
    return {key: value for key, each in values.items() if len(each) == 1 for value in each if value is not None}


def _own(connection: Connection, broker: int) -> Mapping[str, str | None] | None:
    """One broker's configs as they are in force; two brokers in one request are a conflict for librdkafka."""
    resource = ConfigResource(ResourceType.BROKER, str(broker))
    try:
        (future,) = connection.reader.describe_configs([resource], request_timeout=READ_SECONDS).values()
        entries: Mapping[str, Any] = future.result(READ_SECONDS + GRACE_SECONDS)
    except FUTURE_ERRORS:
        return None
    return {name: entry.value for name, entry in entries.items()}


def _value(key: str, own: Mapping[str, str | None]) -> str | None:
    return next(_values(key, own), None)


def _values(key: str, own: Mapping[str, str | None]) -> Iterator[str]:
    for name, factor in SOURCES.get(key, ()):
        if (value := own.get(name)) is not None:
            yield canonical(key, value if factor == 1 else _scaled(value, factor))


def _scaled(value: str, factor: int) -> str:
    """Hours as milliseconds; any negative number is without limit."""
    return UNLIMITED if value.startswith("-") else str(int(value) * factor)
