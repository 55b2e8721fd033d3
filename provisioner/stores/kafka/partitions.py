"""Which broker holds which replica, what is on its way, and who lives: as whoever moves replicas needs it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import TopicCollection

from provisioner.stores.kafka import codes, reading
from provisioner.stores.kafka.kafka_python import KafkaPython, NoClientError
from provisioner.stores.kafka.nodes import nodes
from provisioner.stores.kafka.reading import DESCRIBE, DESCRIBE_BATCH

Key = tuple[str, int]
"""Topic and number of a partition."""

RIGHT = "DESCRIBE on the cluster"
GONE = "it does not exist"
NO_LEADER = -1


@dataclass(frozen=True, slots=True)
class Broker:
    """One that lives, or that a replica is placed on; of a dead one nobody tells the rack."""

    id: int
    rack: str | None = None
    is_live: bool = True


@dataclass(frozen=True, slots=True)
class Partition:
    """`replicas` in their order, those on their way in and out included; `adding`, `removing`: while it moves."""

    topic: str
    number: int
    replicas: tuple[int, ...]
    isr: frozenset[int]
    leader: int | None
    adding: frozenset[int] = frozenset()
    removing: frozenset[int] = frozenset()

    @property
    def coming(self) -> tuple[int, ...]:
        """The replicas when the reassignment that runs has ended; without one, those that there are."""
        return tuple(each for each in self.replicas if each not in self.removing)

    @property
    def is_moving(self) -> bool:
        """A reassignment of it runs."""
        return bool(self.adding or self.removing)


@dataclass(frozen=True, slots=True)
class Running:
    """A reassignment as the controller lists it."""

    replicas: tuple[int, ...]
    adding: frozenset[int]
    removing: frozenset[int]


@dataclass(frozen=True, slots=True)
class Placement:
    """One reading. `gaps`: topic -> why its partitions are not known; `unlisted`: why nobody knows what is moving, else
    empty. With it set no partition counts as settled.
    """

    brokers: tuple[Broker, ...]
    partitions: Mapping[Key, Partition]
    gaps: Mapping[str, str] = field(default_factory=dict)
    unlisted: str = ""

    @property
    def live(self) -> frozenset[int]:
        """The ids of the brokers that live."""
        return frozenset(each.id for each in self.brokers if each.is_live)


def placement(client: KafkaPython, topics: Sequence[str] | None = None) -> Placement:
    """Of these topics, or of all that we may see. A topic that vanishes is a gap. Raises UnreachableError."""
    described = _every(client) if topics is None else _each(client, topics)
    gaps = {name: _why(answer) for name, answer in described.items() if isinstance(answer, int)}
    rows = [row for answer in described.values() if not isinstance(answer, int) for row in answer]
    brokers = _brokers(client, rows)
    # Asked last: what began since is in this list, with the replicas as they are by now.
    try:
        moving, unlisted = running(client), ""
    except NoClientError as error:
        moving, unlisted = {}, str(error)
    return Placement(brokers, {(row.topic, row.number): _with(row, moving) for row in rows}, gaps, unlisted)


def running(client: KafkaPython, topics: Sequence[str] | None = None) -> dict[Key, Running]:
    """The reassignments that run, of these topics or of all. Raises NoClientError.

    All are asked for in any case: a question by name has to know the numbers of the partitions.
    """
    try:
        listed = client.ask("list_partition_reassignments", lambda admin: admin.list_partition_reassignments(None))
    except NoClientError as error:
        if error.code is not None and codes.is_denied(error.code):
            raise NoClientError(f"our user lacks {RIGHT}", error.code, is_final=True) from None
        raise
    wanted = None if topics is None else set(topics)
    return {
        (at.topic, at.partition): Running(
            tuple(each["replicas"]), frozenset(each["adding_replicas"]), frozenset(each["removing_replicas"])
        )
        for at, each in listed.items()
        if wanted is None or at.topic in wanted
    }


def _with(row: Partition, moving: Mapping[Key, Running]) -> Partition:
    if (move := moving.get((row.topic, row.number))) is None:
        return row
    return Partition(row.topic, row.number, move.replicas, row.isr, row.leader, move.adding, move.removing)


def _why(code: int) -> str:
    if code == codes.UNKNOWN_TOPIC:
        return GONE
    return f"our user lacks {DESCRIBE}" if codes.is_denied(code) else reading.silent(code)


Answers = Mapping[str, tuple[Partition, ...] | int]
"""Topic -> its partitions, or the error code."""


def _every(client: KafkaPython) -> Answers:
    topics = client.connection.listing().topics
    return {name: topic.error.code() if topic.error else tuple(_listed(name, topic)) for name, topic in topics.items()}


def _listed(name: str, topic: Any) -> Iterator[Partition]:
    for number, each in sorted(topic.partitions.items()):
        leader = None if each.leader == NO_LEADER else each.leader
        yield Partition(name, number, tuple(each.replicas), frozenset(each.isrs), leader)


def _each(client: KafkaPython, names: Sequence[str]) -> Answers:
    connection = client.connection
    timeouts, answers = connection.timeouts, dict[str, tuple[Partition, ...] | int]()

    def ask(portion: Sequence[str]) -> dict[str, tuple[Partition, ...] | int]:
        futures = connection.reader.describe_topics(TopicCollection(list(portion)), request_timeout=timeouts.read)
        return {name: _described(name, future, timeouts.read_future) for name, future in futures.items()}

    for portion in reading.portions(names, DESCRIBE_BATCH):
        answers.update(reading.answered(connection, portion, ask))
    return answers


def _described(name: str, future: Any, seconds: float) -> tuple[Partition, ...] | int:
    try:
        rows = future.result(seconds).partitions
    except codes.FUTURE_ERRORS as error:
        return codes.code_of(error)[0]
    return tuple(
        Partition(name, row.id, _ids(row.replicas), frozenset(_ids(row.isr)), row.leader.id if row.leader else None)
        for row in sorted(rows, key=lambda row: int(row.id))
    )


def _ids(nodes: Sequence[Any]) -> tuple[int, ...]:
    return tuple(node.id for node in nodes)


def _brokers(client: KafkaPython, rows: Sequence[Partition]) -> tuple[Broker, ...]:
    live = {node.id: Broker(node.id, node.rack) for node in nodes(client.connection)}
    placed = {broker for row in rows for broker in row.replicas}
    return tuple(live.get(broker, Broker(broker, is_live=False)) for broker in sorted(placed | live.keys()))
