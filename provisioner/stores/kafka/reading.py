"""What a cluster holds: a listing, configs in batches, and the truth about names that the listing lacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from confluent_kafka import TopicCollection
from confluent_kafka.admin import ConfigResource, NewTopic, ResourceType

from provisioner.catalog.topic_config import THROTTLES, ConfigValueError, normal
from provisioner.kinds.topic import Topic
from provisioner.stores.kafka import codes
from provisioner.stores.kafka.connection import FUTURE_ERRORS, OPERATION_SECONDS, REQUEST_SECONDS, Connection, code_of

DESCRIBE_BATCH = 500
DRY_RUN_BATCH = 500
OVERRIDE_SOURCE = 1
"""DYNAMIC_TOPIC_CONFIG: set on the topic itself. Every other source is inherited."""

ILLEGAL_NAME = "not a legal name!"


@dataclass(frozen=True, slots=True)
class Shape:
    """What the listing says of a topic; replicas: of the partition that has fewest."""

    partitions: int
    replicas: int


@dataclass(frozen=True, slots=True)
class Listing:
    """One broker's view of the cluster; `controller` is where the next admin request goes (in KRaft: any live broker)."""

    cluster_id: str | None
    topics: Mapping[str, Shape]
    brokers: tuple[int, ...]
    answered_by: int
    controller: int


@dataclass(frozen=True, slots=True)
class Configs:
    """One topic's overrides and, of the keys asked for, what it inherits. `denied`: the error instead."""

    overrides: Mapping[str, str]
    inherited: Mapping[str, str]
    denied: str | None = None


def listing(connection: Connection, topic: str | None = None) -> Listing:
    """All topics (or one) as some broker sees them. Raises UnreachableError."""
    metadata = connection.listing(topic)
    return Listing(
        metadata.cluster_id,
        {name: _shape(seen) for name, seen in metadata.topics.items() if seen.error is None and seen.partitions},
        tuple(metadata.brokers),
        metadata.orig_broker_id,
        metadata.controller_id,
    )


def _shape(seen: Any) -> Shape:
    return Shape(len(seen.partitions), min(len(partition.replicas) for partition in seen.partitions.values()))


def configs(
    connection: Connection, names: Sequence[str], inherited: frozenset[str]
) -> Iterator[tuple[str, Configs | int]]:
    """Each topic's configs, or the error code. One batch's objects are dropped before the next is asked for."""
    for portion in portions(names, DESCRIBE_BATCH):
        resources = [ConfigResource(ResourceType.TOPIC, name) for name in portion]
        futures = connection.reader.describe_configs(resources, request_timeout=REQUEST_SECONDS)
        for resource, future in futures.items():
            yield resource.name, _configs(future, inherited)


def _configs(future: Any, inherited: frozenset[str]) -> Configs | int:
    try:
        entries = future.result(REQUEST_SECONDS + 5)
    except FUTURE_ERRORS as error:
        return code_of(error)[0]
    overrides, others = {}, {}
    for key, entry in entries.items():
        if entry.source == OVERRIDE_SOURCE:
            if key not in THROTTLES and entry.value is not None:
                overrides[key] = _canonical(key, entry.value)
        elif key in inherited and entry.value is not None:
            others[key] = _canonical(key, entry.value)
    return Configs(overrides, others)


def _canonical(key: str, value: str) -> str:
    try:
        return normal(key, value)
    except ConfigValueError:
        return value


def topic(shape: Shape, config: Configs, topic_id: str | None = None) -> Topic:
    """The observed topic."""
    return Topic(shape.partitions, shape.replicas, config.overrides, inherited=config.inherited, topic_id=topic_id)


@dataclass(frozen=True, slots=True)
class Described:
    """A topic asked for by name: its shape and id, or the error code."""

    shape: Shape | None
    topic_id: str | None
    code: int = 0


def by_name(connection: Connection, names: Iterable[str]) -> dict[str, Described]:
    """Ask for each topic by its name: unlike the listing this tells hidden (29) from unknown (3)."""
    answers: dict[str, Described] = {}
    for portion in portions(list(names), DESCRIBE_BATCH):
        futures = connection.reader.describe_topics(TopicCollection(list(portion)), request_timeout=REQUEST_SECONDS)
        answers.update({name: _described(future) for name, future in futures.items()})
    return answers


def _described(future: Any) -> Described:
    try:
        seen = future.result(REQUEST_SECONDS + 5)
    except FUTURE_ERRORS as error:
        return Described(None, None, code_of(error)[0])
    replicas = min((len(partition.replicas) for partition in seen.partitions), default=0)
    return Described(Shape(len(seen.partitions), replicas), str(seen.topic_id))


def dry_creates(connection: Connection, names: Sequence[str]) -> dict[str, int]:
    """What the controller says to creating each name, nothing created: 36 exists, 29 no right, else absent.

    The one question answered from the controller's own state: listings and descriptions may be half a minute late.
    """
    answers: dict[str, int] = {}
    for portion in portions(names, DRY_RUN_BATCH):
        futures = connection.reader.create_topics(
            [NewTopic(name, num_partitions=1, replication_factor=-1) for name in portion],
            validate_only=True,
            request_timeout=REQUEST_SECONDS,
            operation_timeout=OPERATION_SECONDS,
        )
        answers.update({name: _code(future) for name, future in futures.items()})
    return answers


def _code(future: Any) -> int:
    try:
        future.result(REQUEST_SECONDS + 5)
    except FUTURE_ERRORS as error:
        return code_of(error)[0]
    return 0


def dry_runs_are_dry(connection: Connection) -> bool:
    """False on a cluster that accepts an illegal name even as a dry run: there validate_only may really create."""
    answer = dry_creates(connection, [ILLEGAL_NAME])[ILLEGAL_NAME]
    return answer == codes.INVALID_TOPIC or answer in codes.DENIED


def portions(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """The items, at most `size` at a time."""
    return (items[at : at + size] for at in range(0, len(items), size))
