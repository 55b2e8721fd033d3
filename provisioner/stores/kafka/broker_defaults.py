"""What topics inherit from their brokers, and what takes the place of an override that goes.

Several brokers are asked, since in a rolling upgrade they differ: an answer is that of the broker that gave it, the
values of the others are not in it (measured on 4.4).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from confluent_kafka.admin import ConfigResource, ResourceType

from provisioner.catalog.topic_config import shown
from provisioner.errors import UnreachableError
from provisioner.stores.kafka import codes, reading
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.reading import Configs, canonical

BROKERS = 3
"""So many are asked: of a few brokers all, so that a plan does not depend on which one answers."""

LOOKS = 40
"""A listing names any broker as the next to be asked: so many of them for three different ones.

One of three is missed by 12 looks once in 130 plans, by 40 once in ten million; a look takes a few milliseconds, and
those beyond the third are for brokers that have not been named yet.
"""

MOST_SAMPLES = 5
ANOTHER = "another broker"
UNLISTED = "does not list it"

BROKERS_OWN = 2
"""So many are asked for their own configs: where they differ, nothing is known."""

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


Values = dict[str | None, str]
"""Value -> the first broker that has it; None: the broker does not list the key at all."""


@dataclass(frozen=True, slots=True)
class Inherited:
    """Key -> what topics without an override get, where brokers agree; where they do not, what each has, in words."""

    values: Mapping[str, str]
    unsettled: Mapping[str, str]


def inherited(connection: Connection, known: Mapping[str, Configs], keys: frozenset[str]) -> Inherited:
    """By the topics that were read already, and by a few of them read again from other brokers."""
    values: dict[str, Values] = {key: {} for key in keys}
    samples = _samples(known, keys)
    for broker, configs in _answers(connection, samples, keys):
        _add(values, broker, configs.values())
    _add(values, ANOTHER, (known[name] for name in samples))
    for config in known.values():
        for key, value in config.inherited.items():
            values[key].setdefault(value, ANOTHER)
    agreed = {key: value for key, each in values.items() if len(each) == 1 for value in each if value is not None}
    return Inherited(agreed, {key: _worded(key, each) for key, each in sorted(values.items()) if len(each) > 1})


def remarks(inherited: Inherited) -> tuple[str, ...]:
    """One for each key on which the brokers do not agree."""
    return tuple(
        f"the brokers do not agree on {key} ({each}), as in a rolling upgrade: a default sets nothing there, "
        "and what a topic inherits counts as not known; plan again when they agree"
        for key, each in inherited.unsettled.items()
    )


def completed(
    connection: Connection,
    brokers: Collection[int],
    known: Mapping[str, Configs],
    inherited: Inherited,
    keys: frozenset[str],
) -> dict[str, Configs]:
    """The configs without what brokers do not agree on, and with what each override among `keys` falls back to.

    That is what topics without it inherit; where no topic is without it, the brokers are asked for their own configs.
    """
    open_keys = {key for config in known.values() for key in config.overrides if key in keys}
    open_keys -= inherited.values.keys() | inherited.unsettled.keys()
    fallback = {**inherited.values, **(fallbacks(connection, brokers, open_keys) if open_keys else {})}
    return {name: _completed(config, fallback, inherited.unsettled) for name, config in known.items()}


def _completed(config: Configs, fallback: Mapping[str, str], unsettled: Collection[str]) -> Configs:
    return Configs(
        config.overrides,
        {key: value for key, value in config.inherited.items() if key not in unsettled},
        {key: fallback[key] for key in config.overrides if key in fallback},
    )


def _samples(known: Mapping[str, Configs], keys: frozenset[str]) -> list[str]:
    """A few topics, so that each key is inherited by one of them."""
    samples, left = list[str](), keys
    for name, config in known.items():
        if left - config.overrides.keys() and len(samples) < MOST_SAMPLES:
            samples.append(name)
            left &= config.overrides.keys()
    return samples


def _answers(
    connection: Connection, samples: Sequence[str], keys: frozenset[str]
) -> Iterator[tuple[str, Mapping[str, Configs]]]:
    """A second look is worth no failed plan: where a broker dies meanwhile, those before it count."""
    asked = set[int]()
    try:
        for _ in range(LOOKS if samples else 0):
            view = reading.listing(connection, samples[0])
            if view.controller not in asked:
                asked.add(view.controller)
                answers = reading.configs(connection, samples, keys, tries=1)
                yield f"broker {view.controller}", {name: each for name, each in answers if isinstance(each, Configs)}
            if len(asked) >= min(BROKERS, len(view.brokers)):
                return
    except UnreachableError:
        return


def _add(values: dict[str, Values], broker: str, configs: Iterable[Configs]) -> None:
    for config in configs:
        for key in values.keys() - config.overrides.keys():
            values[key].setdefault(config.inherited.get(key), broker)


def _worded(key: str, values: Values) -> str:
    """`broker 1: 3600000 (1h), broker 2: does not list it`."""
    rows = sorted((broker, UNLISTED if value is None else shown(key, value)) for value, broker in values.items())
    return ", ".join(f"{broker}: {value}" for broker, value in rows)


def fallbacks(connection: Connection, brokers: Collection[int], keys: Collection[str]) -> dict[str, str]:
    """Key -> what brokers have for it, where those that answer agree. Without the right to ask: nothing.

    A topic's synonyms do not tell: they are a dict by name, in which a broker's default hides what was set above it,
    and retention.ms has none where only hours are configured (measured on 4.4).
    """
    asked = list(brokers)[:BROKERS_OWN] if any(key in SOURCES for key in keys) else []
    answers = [own for broker in asked if (own := _own(connection, broker)) is not None]
    values = {key: {_value(key, own) for own in answers} for key in keys}
    return {key: value for key, each in values.items() if len(each) == 1 for value in each if value is not None}


def _own(connection: Connection, broker: int) -> Mapping[str, str | None] | None:
    """One broker's configs as they are in force; two brokers in one request are a conflict for librdkafka."""
    resource, timeouts = ConfigResource(ResourceType.BROKER, str(broker)), connection.timeouts
    try:
        (future,) = connection.reader.describe_configs([resource], request_timeout=timeouts.read).values()
        entries: Mapping[str, Any] = future.result(timeouts.read_future)
    except codes.FUTURE_ERRORS:
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
