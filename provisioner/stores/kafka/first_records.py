"""The first record at or after an offset, as a consumer meets it: read, of each partition one batch at most.

No index of Kafka's tells an offset's time. The offset itself may hold nothing that anybody reads: the marker of a
transaction, an aborted message, a hole of compaction.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from confluent_kafka import TIMESTAMP_NOT_AVAILABLE, Consumer, KafkaError, Message, TopicPartition

from provisioner.lag.reading import Log
from provisioner.stores.kafka import codes, log_bounds
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.log_bounds import Partition

NAME = "provisioner-first-records"
"""Its client id, and a group's name, which a client needs; it joins none, and commits nothing."""

READ_AT_ONCE = 1000
"""Partitions read at once: with FETCHED the most memory that their records take (32 MiB)."""

FETCHED = 32 << 10
"""Bytes of a partition and answer. A larger batch comes whole where its partition is the first of an answer (KIP-74),
and librdkafka puts another one first each time."""

_READER = {
    "client.id": NAME,
    "group.id": NAME,
    "enable.auto.commit": False,
    "enable.partition.eof": True,
    "auto.offset.reset": "earliest",
    "fetch.message.max.bytes": FETCHED,
    "fetch.wait.max.ms": 100,
    "fetch.queue.backoff.ms": 10,
    "fetch.error.backoff.ms": 100,
    "queued.min.messages": 1,
}

NO_TIME = KafkaError.INVALID_TIMESTAMP
"""Of a record that has none: it was written before Kafka 0.10."""

_PASSING = frozenset(
    {
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.UNKNOWN_TOPIC_OR_PART,
        KafkaError._UNKNOWN_PARTITION,
        KafkaError._TRANSPORT,
        KafkaError._ALL_BROKERS_DOWN,
    }
)
"""Errors of a partition that librdkafka gets over by itself, where there is time."""

_EVERY = 1 << 63
"""An offset that no record has: what went wrong goes for all of the partition."""

Position = tuple[str, int, int]
"""A topic, a partition, an offset."""


@dataclass(frozen=True, slots=True)
class First:
    """`timestamp`: of that record, in milliseconds since 1970; None: there is none up to the offset `end`, or `code`
    says why it is not known. `open`: it is of a transaction that nobody has ended.
    """

    timestamp: int | None = None
    end: int = 0
    open: bool = False
    code: int | None = None


_SILENT = First(code=codes.TIMED_OUT)


def first_records(
    connection: Connection, positions: Collection[Position], logs: Mapping[Partition, Log], deadline: float
) -> dict[Position, First]:
    """The first record at or after each position that is not aborted; else one of an open transaction.

    Such a one holds back what is behind it from groups that read committed messages alone. A reader of those comes to
    an end there, but hears of no end where it begins behind it (librdkafka 2.16). `deadline`: monotonic.
    """
    stable = log_bounds.stable_ends(connection, sorted({at[:2] for at in positions}), deadline)
    read = _read(connection, [at for at in positions if at[2] < stable.get(at[:2], 0)], "read_committed", deadline)
    held = {at: (*at[:2], first.end) for at, first in read.items() if _is_held(first, logs[at[:2]])}
    held |= {at: at for at in positions if at[2] >= stable.get(at[:2], _EVERY)}
    again = _read(connection, set(held.values()), "read_uncommitted", deadline)
    silent = {at: _SILENT for at in positions if at[:2] not in stable}
    opened = {at: replace(again[there], open=again[there].timestamp is not None) for at, there in held.items()}
    return read | silent | opened


def _is_held(first: First, log: Log) -> bool:
    """True where nothing could be read, though the log goes on."""
    return first.timestamp is None and first.code is None and first.end < log.end


def _read(
    connection: Connection, positions: Collection[Position], isolation: str, deadline: float
) -> dict[Position, First]:
    if not positions:
        return {}
    consumer = connection.new_client(Consumer, {**_READER, "isolation.level": isolation})
    try:
        return _Reading(consumer, positions).until(deadline, connection.timeouts.read)
    finally:
        consumer.close()


class _Reading:
    """One consumer, which stands at one offset of a partition: of several the lowest comes first, and what it finds
    answers for all up to there.

    Partitions come and go one by one: a client without a partition to read wakes up a second later (librdkafka 2.16).
    """

    def __init__(self, consumer: Consumer, positions: Collection[Position]) -> None:
        self._consumer = consumer
        self._left: dict[Partition, list[int]] = {}
        for topic, number, offset in sorted(positions, key=lambda at: at[2]):
            self._left.setdefault((topic, number), []).append(offset)
        self._next = deque(self._left)
        self._reading: dict[Partition, int] = {}
        self._found: dict[Position, First] = {}

    def until(self, deadline: float, patience: float) -> dict[Position, First]:
        """Every position's record; `patience`: seconds without any, after which those that are read are given up."""
        last = time.monotonic()
        while self._left and (now := time.monotonic()) < deadline:
            self._begin()
            message = self._consumer.poll(0.1)
            if message is not None and self._is_heard(message):
                last = now
            elif now > last + patience:
                last = now
                for at in list(self._reading):
                    self._answer(at, _EVERY, _SILENT)
        rest = {(*at, offset): _SILENT for at, offsets in self._left.items() for offset in offsets}
        return self._found | rest

    def _begin(self) -> None:
        room = min(READ_AT_ONCE - len(self._reading), len(self._next))
        begun = {at: self._left[at][0] for at in (self._next.popleft() for _ in range(room))}
        self._reading |= begun
        if begun:
            self._consumer.incremental_assign([TopicPartition(*at, offset) for at, offset in begun.items()])

    def _is_heard(self, message: Message) -> bool:
        """False for what answers no question."""
        at, error = _place(message), message.error()
        if at is None or at not in self._reading or (error is not None and error.code() in _PASSING):
            return False
        up_to, first = _first(message)
        if error is None and up_to < self._reading[at]:
            return False
        self._answer(at, max(up_to, self._reading[at]), first)
        return True

    def _answer(self, at: Partition, up_to: int, first: First) -> None:
        offsets = self._left.pop(at)
        del self._reading[at]
        self._consumer.incremental_unassign([TopicPartition(*at)])
        self._found |= {(*at, offset): first for offset in offsets if offset <= up_to}
        if later := [offset for offset in offsets if offset > up_to]:
            self._left[at] = later
            self._next.append(at)


def _place(message: Message) -> Partition | None:
    """None: it is about the client as a whole."""
    topic, number = message.topic(), message.partition()
    return None if topic is None or number is None else (topic, number)


def _first(message: Message) -> tuple[int, First]:
    error, offset = message.error(), message.offset() or 0
    if error is not None:
        is_end = error.code() == KafkaError._PARTITION_EOF
        return (offset, First(end=offset)) if is_end else (_EVERY, First(code=error.code()))
    kind, timestamp = message.timestamp()
    has_none = kind == TIMESTAMP_NOT_AVAILABLE or timestamp < 0
    return offset, First(code=NO_TIME) if has_none else First(timestamp)
