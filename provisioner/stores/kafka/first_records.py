"""The first record at or after an offset, as a consumer meets it: read, of each partition one batch at most.

No index of Kafka's tells an offset's time. The offset itself may hold nothing that anybody reads: the marker of a
transaction, an aborted message, a hole of compaction.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from confluent_kafka import TIMESTAMP_NOT_AVAILABLE, Consumer, KafkaError, Message, TopicPartition

from provisioner.lag.reading import Log
from provisioner.stores.kafka import codes, log_bounds
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.log_bounds import Partition

NAME = "provisioner-first-records"
"""Its client id, and a group's name, which a client needs; it joins none, and commits nothing."""

READ_AT_ONCE = 500
"""Partitions read at once: with FETCHED the most memory that their records take (32 MiB)."""

FETCHED = 64 << 10
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
    silent = {at: First(code=codes.TIMED_OUT) for at in positions if at[:2] not in stable}
    opened = {at: replace(again[there], open=again[there].timestamp is not None) for at, there in held.items()}
    return read | silent | opened


def _is_held(first: First, log: Log) -> bool:
    """True where nothing could be read, though the log goes on."""
    return first.timestamp is None and first.code is None and first.end < log.end


def _read(
    connection: Connection, positions: Collection[Position], isolation: str, deadline: float
) -> dict[Position, First]:
    """A consumer stands at one offset of a partition: the others wait for another wave, or are answered as well."""
    found: dict[Position, First] = {}
    left = sorted(positions, key=lambda at: at[2])
    if not left:
        return found
    consumer = connection.new_client(Consumer, {**_READER, "isolation.level": isolation})
    try:
        while left and time.monotonic() < deadline:
            ends = {at: (offset, first) for at, offset, first in _wave(connection, consumer, _next(left), deadline)}
            found |= {at: ends[at[:2]][1] for at in left if at[:2] in ends and at[2] <= ends[at[:2]][0]}
            left = [at for at in left if at not in found]
    finally:
        consumer.close()
    return found | dict.fromkeys(left, First(code=codes.TIMED_OUT))


def _next(left: Sequence[Position]) -> dict[Partition, int]:
    """The lowest offset of each partition, of READ_AT_ONCE of them."""
    wave: dict[Partition, int] = {}
    for topic, number, offset in left:
        if (topic, number) in wave or len(wave) < READ_AT_ONCE:
            wave.setdefault((topic, number), offset)
    return wave


def _wave(
    connection: Connection, consumer: Consumer, wave: Mapping[Partition, int], deadline: float
) -> Iterator[tuple[Partition, int, First]]:
    """What each partition has from its offset on, and up to which offset that is the answer."""
    waiting, last = dict(wave), time.monotonic()
    consumer.assign([TopicPartition(*at, offset) for at, offset in wave.items()])
    while waiting and time.monotonic() < min(deadline, last + connection.timeouts.read):
        message = consumer.poll(0.1)
        at = None if message is None else _place(message)
        if message is None or at not in waiting or _is_passing(message):
            continue
        yield at, *_first(message)
        del waiting[at]
        last = time.monotonic()
        consumer.pause([TopicPartition(*at)])
    # A pause outlives the assignment.
    consumer.resume([TopicPartition(*at) for at in wave])
    consumer.unassign()
    yield from ((at, _EVERY, First(code=codes.TIMED_OUT)) for at in waiting)


def _place(message: Message) -> Partition | None:
    """None: it is about the client as a whole."""
    topic, number = message.topic(), message.partition()
    return None if topic is None or number is None else (topic, number)


def _is_passing(message: Message) -> bool:
    error = message.error()
    return error is not None and error.code() in _PASSING


def _first(message: Message) -> tuple[int, First]:
    error, offset = message.error(), message.offset() or 0
    if error is not None:
        is_end = error.code() == KafkaError._PARTITION_EOF
        return (offset, First(end=offset)) if is_end else (_EVERY, First(code=error.code()))
    kind, timestamp = message.timestamp()
    has_none = kind == TIMESTAMP_NOT_AVAILABLE or timestamp < 0
    return offset, First(code=NO_TIME) if has_none else First(timestamp)
