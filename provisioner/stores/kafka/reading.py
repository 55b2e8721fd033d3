"""What brokers show: a listing, topics by name, their configs in batches, each asked again for a clear answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar

from confluent_kafka import TopicCollection
from confluent_kafka.admin import ConfigResource, ResourceType

from provisioner.catalog.topic_config import THROTTLES, ConfigValueError, normal
from provisioner.errors import RefusedError
from provisioner.kinds.topic_spec import TopicFacts, TopicSpec
from provisioner.reconcile.model import Observed
from provisioner.stores.kafka import codes
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.timeouts import Timeouts

READ_TRIES = 3
DESCRIBE_BATCH = 500
OVERRIDE_SOURCE = 1
"""DYNAMIC_TOPIC_CONFIG: set on the topic itself. Every other source is inherited."""

DESCRIBE = "DESCRIBE on the topic"
DESCRIBE_CONFIGS = "DESCRIBE_CONFIGS on the topic"
DISPUTED = "one broker lists it, another one denies that it exists; plan again in a minute"


@dataclass(frozen=True, slots=True)
class Shape:
    """What the listing says of a topic; replicas: of the partition that has fewest, `most`: of the one with most.

    `in_sync`: every replica of every partition is.
    """

    partitions: int
    replicas: int
    most: int = 0
    in_sync: bool = True


@dataclass(frozen=True, slots=True)
class Listing:
    """One broker's view of the cluster; `controller`: where the next admin request goes (in KRaft any live broker)."""

    cluster_id: str | None
    topics: Mapping[str, Shape]
    brokers: tuple[int, ...]
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
    code: int = codes.OK

    @property
    def hidden(self) -> str | None:
        """Why this does not say whether the topic exists; None where it does."""
        if codes.is_denied(self.code):
            return f"hidden: it may exist, but our user lacks {DESCRIBE}"
        return None if self.shape or self.code == codes.UNKNOWN_TOPIC else silent(self.code)


def silent(code: int) -> str:
    """No clear answer, in words."""
    return f"the brokers gave no clear answer about it ({codes.named(code)}); plan again"


def unreadable(code: int) -> str:
    """Why a topic's configs could not be read."""
    if codes.is_denied(code):
        return f"its configs cannot be read: our user lacks {DESCRIBE_CONFIGS}"
    return DISPUTED if code == codes.UNKNOWN_TOPIC else silent(code)


T = TypeVar("T")


def listing(connection: Connection, topic: str | None = None) -> Listing:
    """All topics (or one) as some broker sees them. Raises UnreachableError."""
    metadata = connection.listing(topic)
    return Listing(
        metadata.cluster_id,
        {name: _shape(each) for name, each in metadata.topics.items() if each.error is None and each.partitions},
        tuple(metadata.brokers),
        metadata.controller_id,
    )


def listing_of(connection: Connection, cluster_id: str | None, topic: str | None = None) -> Listing:
    """The same of the declared cluster (None: any). Raises RefusedError if another one answers, UnreachableError."""
    view = listing(connection, topic)
    if cluster_id is not None and view.cluster_id != cluster_id:
        raise RefusedError(
            f"the brokers at {connection.bootstrap} are cluster {view.cluster_id}, declared is {cluster_id}",
            "correct bootstrap: or cluster_id: in clusters.yaml; nothing was read or changed",
        )
    return view


def _shape(topic: Any) -> Shape:
    counts = [len(partition.replicas) for partition in topic.partitions.values()]
    in_sync = all(len(partition.isrs) >= len(partition.replicas) for partition in topic.partitions.values())
    return Shape(len(counts), min(counts), max(counts), in_sync)


def configs(
    connection: Connection, names: Sequence[str], inherited: frozenset[str], tries: int = READ_TRIES
) -> Iterator[tuple[str, Configs | int]]:
    """Each topic's configs, or the error code. One batch's objects are dropped before the next is asked for.

    The topics are known to exist: a broker that does not know one is only late, and asked again.
    """
    late = frozenset({codes.UNKNOWN_TOPIC})
    timeouts = connection.timeouts

    def ask(portion: Sequence[str]) -> dict[str, Configs | int]:
        resources = [ConfigResource(ResourceType.TOPIC, name) for name in portion]
        futures = connection.reader.describe_configs(resources, request_timeout=timeouts.read)
        return {resource.name: _configs(future, inherited, timeouts) for resource, future in futures.items()}

    for portion in portions(names, DESCRIBE_BATCH):
        yield from answered(connection, portion, ask, tries, late).items()


def _configs(future: Any, inherited: frozenset[str], timeouts: Timeouts) -> Configs | int:
    try:
        entries = future.result(timeouts.read_future)
    except codes.FUTURE_ERRORS as error:
        return codes.code_of(error)[0]
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


def observed(
    shape: Shape,
    config: Configs,
    topic_id: str | None = None,
    unsettled: frozenset[str] = frozenset(),
    growing: bool = False,
) -> Observed[TopicSpec]:
    """The topic as the engine compares it. `unsettled`: keys on which the brokers do not agree; `growing`: it is
    getting replicas.
    """
    facts = TopicFacts(config.inherited, config.fallback, unsettled, topic_id, shape.in_sync, growing)
    most = shape.most if shape.most > shape.replicas else 0
    return Observed(TopicSpec(shape.partitions, shape.replicas, config.overrides, most), topic_id, facts=facts)


def by_name(connection: Connection, names: Iterable[str], tries: int = READ_TRIES) -> dict[str, Described]:
    """Ask for each topic by its name: unlike the listing this tells hidden (29) from unknown (3)."""
    timeouts = connection.timeouts

    def ask(portion: Sequence[str]) -> dict[str, Described]:
        futures = connection.reader.describe_topics(TopicCollection(list(portion)), request_timeout=timeouts.read)
        return {name: _described(future, timeouts) for name, future in futures.items()}

    answers: dict[str, Described] = {}
    for portion in portions(list(names), DESCRIBE_BATCH):
        answers.update(answered(connection, portion, ask, tries))
    return answers


def _described(future: Any, timeouts: Timeouts) -> Described:
    try:
        topic = future.result(timeouts.read_future)
    except codes.FUTURE_ERRORS as error:
        return Described(None, None, codes.code_of(error)[0])
    counts = [len(partition.replicas) for partition in topic.partitions] or [0]
    in_sync = all(len(partition.isr) >= len(partition.replicas) for partition in topic.partitions)
    return Described(Shape(len(topic.partitions), min(counts), max(counts), in_sync), spelled_id(topic.topic_id))


def spelled_id(topic_id: object) -> str:
    """As Kafka's own tools spell an id; librdkafka takes the other base64 alphabet (measured with 2.16.1)."""
    return str(topic_id).replace("+", "-").replace("/", "_")


def answered(
    connection: Connection,
    names: Sequence[str],
    ask: Callable[[Sequence[str]], dict[str, T]],
    tries: int = READ_TRIES,
    late: frozenset[int] = frozenset(),
) -> dict[str, T]:
    """Ask again, of a client that has forgotten dead brokers, for the names that got no clear answer.

    An answer that is an int is an error code. `late`: codes that another broker may not have.
    """
    answers: dict[str, T] = {}
    left: Sequence[str] = names
    for attempt in range(1, tries + 1):
        answers.update(ask(left))
        unclear: list[str] = [name for name in left if codes.verdict(_code(answers[name])) is codes.Verdict.RETRY]
        if unclear:
            connection.recover()
        left = [*unclear, *(name for name in left if _code(answers[name]) in late)]
        if not left or attempt == tries:
            break
        connection.progress(f"no answer about {len(left)} topics; asking another broker")
        time.sleep(connection.timeouts.again_pause if len(left) > len(unclear) else 0)
    return answers


def _code(answer: object) -> int:
    return answer if isinstance(answer, int) else answer.code if isinstance(answer, Described) else codes.OK


def portions(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items, at most `size` at a time."""
    return (items[at : at + size] for at in range(0, len(items), size))
