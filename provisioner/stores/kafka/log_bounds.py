"""Where the logs of partitions begin and end (ListOffsets, which asks the leaders)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from confluent_kafka import IsolationLevel, TopicPartition
from confluent_kafka.admin import OffsetSpec

from provisioner.lag.reading import Log
from provisioner.stores.kafka import codes, reading
from provisioner.stores.kafka.connection import Connection

LISTED = 2000
"""Partitions of one question."""

Partition = tuple[str, int]
Answer = tuple[int, int | None]
"""An offset, or the code of the error behind it."""


def bounds(connection: Connection, partitions: Sequence[Partition], deadline: float) -> dict[Partition, Log | int]:
    """Each log, or the code of the error: a partition without a leader has no answer. `deadline`: monotonic."""
    found: dict[Partition, Log | int] = {}
    for portion in reading.portions(partitions, LISTED):
        starts = _listed(connection, portion, OffsetSpec.earliest(), deadline)  # type: ignore[no-untyped-call]
        ends = _listed(connection, portion, OffsetSpec.latest(), deadline)  # type: ignore[no-untyped-call]
        found |= {at: _log(starts[at], ends[at]) for at in portion}
    return found


def stable_ends(connection: Connection, partitions: Sequence[Partition], deadline: float) -> dict[Partition, int]:
    """Up to where committed messages can be read: the first offset of a transaction that nobody has ended, or the end.

    A partition that did not answer is left out.
    """
    found: dict[Partition, int] = {}
    for portion in reading.portions(partitions, LISTED):
        latest = OffsetSpec.latest()  # type: ignore[no-untyped-call]
        answers = _listed(connection, portion, latest, deadline, IsolationLevel.READ_COMMITTED)
        found |= {at: offset for at, (offset, code) in answers.items() if code is None}
    return found


def _log(start: Answer, end: Answer) -> Log | int:
    code = start[1] if start[1] is not None else end[1]
    return Log(start[0], end[0]) if code is None else code


def _listed(
    connection: Connection,
    portion: Sequence[Partition],
    spec: Any,
    deadline: float,
    isolation: IsolationLevel = IsolationLevel.READ_UNCOMMITTED,
) -> dict[Partition, Answer]:
    patience = min(connection.timeouts.read, deadline - time.monotonic())
    if patience <= 0:
        return dict.fromkeys(portion, (0, codes.TIMED_OUT))
    asked = {TopicPartition(*at): spec for at in portion}
    futures = connection.reader.list_offsets(asked, isolation_level=isolation, request_timeout=patience)
    return {(at.topic, at.partition): _offset(future, connection) for at, future in futures.items()}


def _offset(future: Any, connection: Connection) -> Answer:
    try:
        return int(future.result(connection.timeouts.read_future).offset), None
    except codes.FUTURE_ERRORS as error:
        return 0, codes.code_of(error)[0]
