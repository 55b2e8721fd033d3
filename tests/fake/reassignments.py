"""Reassignments: they begin at once, and end when the test says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tests.fake.apis import Message
from tests.fake.call import Call
from tests.fake.errors import ProtocolError
from tests.fake.state import Move, Partition, State


def alter(call: Call) -> Message:
    """AlterPartitionReassignments: each partition has its own answer, the valid ones begin."""
    kind = call.frame.api.response.ReassignableTopicResponse
    rows = [
        kind(name=topic.name, partitions=[_answer(call, kind, topic.name, each) for each in topic.partitions])
        for topic in call.request.topics
    ]
    fields = {"throttle_time_ms": 0, "error_code": 0, "error_message": None}
    return call.frame.api.response(allow_replication_factor_change=True, responses=rows, **fields)


def _answer(call: Call, kind: type[Message], name: str, asked: Any) -> Message:
    said = ProtocolError(0)
    try:
        if name in call.refused:
            raise call.refused[name]
        _begun(call.state, name, asked.partition_index, asked.replicas)
    except ProtocolError as refused:
        said = refused
    row = kind.ReassignablePartitionResponse
    return row(partition_index=asked.partition_index, error_code=said.code, error_message=said.text or None)


def _begun(state: State, name: str, number: int, target: Sequence[int] | None) -> None:
    topic = state.topics.get(name)
    if topic is None or number >= len(topic.partitions):
        raise ProtocolError(3, "Unable to find a topic with that name or id.")
    move = state.moving.pop((name, number), None)
    before = move.before if move else topic.partitions[number].replicas
    if target is None and move is None:
        raise ProtocolError(85, "No partition reassignment is in progress.")
    if target is not None and not set(target) <= set(state.brokers):
        raise ProtocolError(39, "The manual partition assignment includes an unknown broker.")
    wanted = before if target is None else tuple(target)
    if wanted != before:
        state.moving[name, number] = Move(before, wanted)
    placed(state, name, number, wanted + tuple(each for each in before if each not in wanted))


def placed(state: State, name: str, number: int, replicas: tuple[int, ...], *, is_whole: bool = False) -> None:
    """Put one partition on these brokers; `is_whole`: all of them are in sync."""
    topic = state.topics[name]
    rows = list(topic.partitions)
    rows[number] = Partition(replicas, replicas if is_whole else rows[number].isr)
    state.change({name: replace(topic, partitions=tuple(rows))})


def finish(state: State) -> None:
    """All that moves is where it is to be, in sync."""
    for (name, number), move in list(state.moving.items()):
        del state.moving[name, number]
        placed(state, name, number, move.target, is_whole=True)


def running(call: Call) -> Message:
    """ListPartitionReassignments: of all topics."""
    kind = call.frame.api.response.OngoingTopicReassignment
    rows = [
        kind(name=name, partitions=[_row(kind, number, move)]) for (name, number), move in call.state.moving.items()
    ]
    return call.frame.api.response(throttle_time_ms=0, error_code=0, error_message=None, topics=rows)


def _row(kind: type[Message], number: int, move: Move) -> Message:
    adding = [each for each in move.target if each not in move.before]
    removing = [each for each in move.before if each not in move.target]
    fields = {"replicas": [*move.target, *removing], "adding_replicas": adding, "removing_replicas": removing}
    return kind.OngoingPartitionReassignment(partition_index=number, **fields)
