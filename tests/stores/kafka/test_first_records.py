"""Which record answers for which offset, and when one is given up: on a consumer that plays a log."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from confluent_kafka import TIMESTAMP_CREATE_TIME, TIMESTAMP_NOT_AVAILABLE, KafkaError

from provisioner.stores.kafka import codes, first_records
from provisioner.stores.kafka.first_records import First, Position

Log = Mapping[int, int]
"""Offset -> timestamp of each record that can be read."""

END = KafkaError._PARTITION_EOF
FAR = 1e12


class PlayedConsumer:
    """Reads `logs`, by partition, up to their `ends`; `errors`: what it says of a partition before, one after another.

    `most`: the partitions that it ever stood at together.
    """

    def __init__(self, logs: Mapping[int, Log], ends: Mapping[int, int], errors: Mapping[int, list[int]]) -> None:
        self.logs, self.ends, self.errors = logs, ends, errors
        self.places: dict[int, int] = {}
        self.most = 0

    def incremental_assign(self, places: Collection[Any]) -> None:
        self.places |= {each.partition: each.offset for each in places}
        self.most = max(self.most, len(self.places))

    def incremental_unassign(self, places: Collection[Any]) -> None:
        for each in places:
            del self.places[each.partition]

    def poll(self, _seconds: float) -> Any:
        for number, offset in self.places.items():
            if self.errors.get(number):
                return message(number, -1001, self.errors[number].pop(0))
            record = next((at for at in sorted(self.logs.get(number, {})) if at >= offset), None)
            if record is not None:
                return message(number, record, None, self.logs[number][record])
            if number in self.ends:
                return message(number, self.ends[number], END)
        return None


def message(number: int, offset: int, code: int | None, timestamp: int = 0) -> Any:
    kind = TIMESTAMP_NOT_AVAILABLE if timestamp == -1 else TIMESTAMP_CREATE_TIME
    error = None if code is None else KafkaError(code)
    return SimpleNamespace(
        topic=lambda: "t",
        partition=lambda: number,
        offset=lambda: offset,
        error=lambda: error,
        timestamp=lambda: (kind, timestamp),
    )


def read(
    positions: Collection[Position],
    logs: Mapping[int, Log] | None = None,
    ends: Mapping[int, int] | None = None,
    errors: Mapping[int, list[int]] | None = None,
    deadline: float = FAR,
    patience: float = 0.0,
) -> dict[Position, First]:
    consumer: Any = PlayedConsumer(logs or {}, ends or {}, errors or {})
    return first_records._Reading(consumer, positions).until(deadline, patience)


def test_what_is_found_answers_for_all_offsets_up_to_it() -> None:
    """The others wait for their turn."""
    positions = {("t", 0, offset) for offset in (1, 3, 4, 9)}
    assert read(positions, {0: {3: 300, 7: 700}}, {0: 8}) == {
        ("t", 0, 1): First(300),
        ("t", 0, 3): First(300),
        ("t", 0, 4): First(700),
        ("t", 0, 9): First(end=8),
    }


def test_an_end_answers_as_well() -> None:
    assert read({("t", 0, 5), ("t", 0, 6)}, {}, {0: 8}) == dict.fromkeys([("t", 0, 5), ("t", 0, 6)], First(end=8))


def test_an_error_goes_for_the_whole_partition() -> None:
    denied = KafkaError.TOPIC_AUTHORIZATION_FAILED
    positions = {("t", 0, 5), ("t", 0, 6), ("t", 1, 0)}
    told = read(positions, {1: {0: 100}}, errors={0: [denied]})
    assert told == {**dict.fromkeys([("t", 0, 5), ("t", 0, 6)], First(code=denied)), ("t", 1, 0): First(100)}


def test_errors_that_pass_are_waited_out() -> None:
    passing = [KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError._TRANSPORT]
    assert read({("t", 0, 5)}, {0: {5: 500}}, errors={0: passing}, patience=60) == {("t", 0, 5): First(500)}


def test_a_record_without_a_time_is_told() -> None:
    assert read({("t", 0, 5)}, {0: {5: -1}}) == {("t", 0, 5): First(code=first_records.NO_TIME)}


@pytest.mark.parametrize("deadline", [0.0, FAR])
def test_what_does_not_come_is_given_up(deadline: float) -> None:
    """With the time that there is, or after a while without any answer."""
    silent = {("t", 0, 5): First(code=codes.TIMED_OUT), ("t", 0, 6): First(code=codes.TIMED_OUT)}
    assert read(silent.keys(), deadline=deadline) == silent


def test_so_many_partitions_are_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory goes with them."""
    monkeypatch.setattr(first_records, "READ_AT_ONCE", 3)
    consumer: Any = PlayedConsumer({number: {0: number} for number in range(10)}, {}, {})
    told = first_records._Reading(consumer, {("t", number, 0) for number in range(10)}).until(FAR, 0)
    assert {at[1]: first.timestamp for at, first in told.items()} == {number: number for number in range(10)}
    assert consumer.most == 3
