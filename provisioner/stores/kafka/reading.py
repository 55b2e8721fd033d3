"""What a cluster holds: a listing, configs in batches, and the truth about names that the listing lacks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar

from confluent_kafka import TopicCollection
from confluent_kafka.admin import ConfigResource, NewTopic, ResourceType

from provisioner.catalog.topic_config import THROTTLES, ConfigValueError, normal
from provisioner.kinds.topic import Topic
from provisioner.stores.kafka import codes
from provisioner.stores.kafka.connection import FUTURE_ERRORS, GRACE_SECONDS, READ_SECONDS, Connection, code_of

READ_TRIES = 3
LATE_PAUSE_SECONDS = 0.5
DESCRIBE_BATCH = 500
DRY_RUN_BATCH = 500
OVERRIDE_SOURCE = 1
"""DYNAMIC_TOPIC_CONFIG: set on the topic itself. Every other source is inherited."""

ILLEGAL_NAME = "not a legal name!"


@dataclass(frozen=True, slots=True)
class Shape:
    """What the listing says of a topic; replicas: of the partition that has fewest, `most`: of the one with most."""

    partitions: int
    replicas: int
    most: int = 0


@dataclass(frozen=True, slots=True)
class Listing:
    """One broker's view of the cluster; `controller`: where the next admin request goes (in KRaft any live broker)."""

    cluster_id: str | None
    topics: Mapping[str, Shape]
    brokers: tuple[int, ...]
    answered_by: int
    controller: int


@dataclass(frozen=True, slots=True)
class Configs:
    """One topic's overrides and, of the keys asked for, what it inherits and what overrides would fall back to."""

    overrides: Mapping[str, str]
    inherited: Mapping[str, str]
    fallback: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Described:
    """A topic asked for by name: its shape and id, or the error code."""

    shape: Shape | None
    topic_id: str | None
    code: int = 0


A = TypeVar("A", Configs | int, Described, int)
T = TypeVar("T")


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
    counts = [len(partition.replicas) for partition in seen.partitions.values()]
    return Shape(len(counts), min(counts), max(counts))


def configs(
    connection: Connection, names: Sequence[str], inherited: frozenset[str], tries: int = READ_TRIES
) -> Iterator[tuple[str, Configs | int]]:
    """Each topic's configs, or the error code. One batch's objects are dropped before the next is asked for.

    The topics are known to exist: a broker that does not know one is only late, and asked again.
    """
    late = frozenset({codes.UNKNOWN_TOPIC})

    def ask(portion: Sequence[str]) -> dict[str, Configs | int]:
        resources = [ConfigResource(ResourceType.TOPIC, name) for name in portion]
        futures = connection.reader.describe_configs(resources, request_timeout=READ_SECONDS)
        return {resource.name: _configs(future, inherited) for resource, future in futures.items()}

    for portion in portions(names, DESCRIBE_BATCH):
        yield from answered(connection, portion, ask, tries, late).items()


def answered(
    connection: Connection,
    names: Sequence[str],
    ask: Callable[[Sequence[str]], dict[str, A]],
    tries: int = READ_TRIES,
    late: frozenset[int] = frozenset(),
) -> dict[str, A]:
    """Ask again, of a client that has forgotten dead brokers, for the names that got no clear answer."""
    answers: dict[str, A] = {}
    left: Sequence[str] = names
    for attempt in range(1, tries + 1):
        answers.update(ask(left))
        silent: list[str] = [name for name in left if codes.verdict(_code_of(answers[name])) is codes.Verdict.RETRY]
        if silent:
            connection.recover()
        left = [*silent, *(name for name in left if _code_of(answers[name]) in late)]
        if not left or attempt == tries:
            break
        connection.progress(f"no answer about {len(left)} topics; asking another broker")
        time.sleep(LATE_PAUSE_SECONDS if len(left) > len(silent) else 0)
    return answers


def _code_of(answer: Configs | Described | int) -> int:
    return answer if isinstance(answer, int) else answer.code if isinstance(answer, Described) else codes.OK


def _configs(future: Any, inherited: frozenset[str]) -> Configs | int:
    try:
        entries = future.result(READ_SECONDS + GRACE_SECONDS)
    except FUTURE_ERRORS as error:
        return code_of(error)[0]
    overrides, others = {}, {}
    for key, entry in entries.items():
        if entry.source == OVERRIDE_SOURCE:
            if key not in THROTTLES and entry.value is not None:
                overrides[key] = canonical(key, entry.value)
        elif key in inherited and entry.value is not None:
            others[key] = canonical(key, entry.value)
    return Configs(overrides, others)


@lru_cache(maxsize=10_000)
def canonical(key: str, value: str) -> str:
    """A value of the broker's in the one form that values are compared in."""
    try:
        return normal(key, value)
    except ConfigValueError:
        return value


def topic(shape: Shape, config: Configs, topic_id: str | None = None) -> Topic:
    """The observed topic."""
    return Topic(
        shape.partitions,
        shape.replicas,
        config.overrides,
        inherited=config.inherited,
        fallback=config.fallback,
        topic_id=topic_id,
    )


def by_name(connection: Connection, names: Iterable[str], tries: int = READ_TRIES) -> dict[str, Described]:
    """Ask for each topic by its name: unlike the listing this tells hidden (29) from unknown (3)."""

    def ask(portion: Sequence[str]) -> dict[str, Described]:
        futures = connection.reader.describe_topics(TopicCollection(list(portion)), request_timeout=READ_SECONDS)
        return {name: _described(future) for name, future in futures.items()}

    answers: dict[str, Described] = {}
    for portion in portions(list(names), DESCRIBE_BATCH):
        answers.update(answered(connection, portion, ask, tries))
    return answers


def _described(future: Any) -> Described:
    try:
        seen = future.result(READ_SECONDS + GRACE_SECONDS)
    except FUTURE_ERRORS as error:
        return Described(None, None, code_of(error)[0])
    replicas = min((len(partition.replicas) for partition in seen.partitions), default=0)
    return Described(Shape(len(seen.partitions), replicas), spelled_id(seen.topic_id))


def spelled_id(topic_id: object) -> str:
    """As Kafka's own tools spell an id; librdkafka takes the other base64 alphabet (measured with 2.16.1)."""
    return str(topic_id).replace("+", "-").replace("/", "_")


def dry_creates(connection: Connection, names: Sequence[str], tries: int = READ_TRIES) -> dict[str, int]:
    """What the controller says to creating each name, nothing created: 36 exists, 29 no right, else absent.

    The one question answered from the controller's own state: listings and descriptions may be half a minute late.
    """

    def ask(portion: Sequence[str]) -> dict[str, int]:
        topics = [NewTopic(name, num_partitions=1, replication_factor=-1) for name in portion]
        times = {"request_timeout": READ_SECONDS, "operation_timeout": READ_SECONDS}
        futures = connection.reader.create_topics(topics, validate_only=True, **times)
        return {name: _code(future) for name, future in futures.items()}

    answers: dict[str, int] = {}
    for portion in portions(names, DRY_RUN_BATCH):
        answers.update(answered(connection, portion, ask, tries))
    return answers


def _code(future: Any) -> int:
    try:
        future.result(READ_SECONDS + GRACE_SECONDS)
    except FUTURE_ERRORS as error:
        return code_of(error)[0]
    return 0


def dry_runs_are_dry(connection: Connection) -> bool | None:
    """False on a cluster that accepts an illegal name even as a dry run: there validate_only may really create.

    None where no clear answer came: nothing is known of it then.
    """
    answer = dry_creates(connection, [ILLEGAL_NAME])[ILLEGAL_NAME]
    if answer == codes.INVALID_TOPIC or answer in codes.DENIED:
        return True
    return None if codes.verdict(answer) in (codes.Verdict.RETRY, codes.Verdict.WAIT) else False


def portions(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items, at most `size` at a time."""
    return (items[at : at + size] for at in range(0, len(items), size))
