"""What the controller does: each request is checked topic by topic, and its good part is applied at once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from tests.fake.apis import Message
from tests.fake.call import Call
from tests.fake.config_keys import stored
from tests.fake.errors import ProtocolError
from tests.fake.state import FakeTopic, State

OK = ProtocolError(0)
LEGAL = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}")
SET, DELETE = 0, 1
BROKER = 4

Step = Callable[[State, str, Any], FakeTopic | None]


def create(call: Call) -> Message:
    """CreateTopics."""
    answers = _worked(call, [(topic.name, topic) for topic in call.request.topics], _created)
    shape = {topic.name: topic for topic in call.request.topics}
    results = [
        _result(call, name, said, num_partitions=shape[name].num_partitions, replication_factor=-1, configs=[])
        for name, said in answers.items()
    ]
    return call.frame.api.response(throttle_time_ms=0, topics=results)


def grow(call: Call) -> Message:
    """CreatePartitions."""
    answers = _worked(call, [(topic.name, topic) for topic in call.request.topics], _grown)
    return call.frame.api.response(throttle_time_ms=0, results=[_result(call, *said) for said in answers.items()])


def delete(call: Call) -> Message:
    """DeleteTopics, by name."""
    answers = _worked(call, [(name, None) for name in call.subjects], _deleted)
    return call.frame.api.response(throttle_time_ms=0, responses=[_result(call, *said) for said in answers.items()])


def alter(call: Call) -> Message:
    """IncrementalAlterConfigs of topics, or of the broker that is asked."""
    if any(each.resource_type == BROKER for each in call.request.resources):
        return _altered_broker(call)
    answers = _worked(call, [(each.resource_name, each) for each in call.request.resources], _altered)
    results = [_result(call, *said, resource_type=2) for said in answers.items()]
    return call.frame.api.response(throttle_time_ms=0, responses=results)


def _worked(call: Call, items: Iterable[tuple[str, Any]], step: Step) -> dict[str, ProtocolError]:
    asked = list(items)
    twice = {name for name, count in Counter(name for name, _ in asked).items() if count > 1}
    answers: dict[str, ProtocolError] = {}
    changes: dict[str, FakeTopic | None] = {}
    for name, item in asked:
        try:
            _allowed(call, name, twice)
            changes[name] = step(call.state, name, item)
            answers[name] = OK
        except ProtocolError as refused:
            answers[name] = refused
    if not (call.dry and call.state.quirks.honours_validate_only):
        call.state.change(changes)
    return answers


def _allowed(call: Call, name: str, twice: set[str]) -> None:
    if name in call.refused:
        raise call.refused[name]
    if name in twice:
        raise ProtocolError(42, "Duplicate topic name.")
    if name in call.state.hidden:
        raise ProtocolError(29, "Authorization failed.")


def _result(call: Call, name: str, said: ProtocolError, **more: Any) -> Message:
    api = call.frame.api
    fields = {api.subject: name, "error_code": said.code, "error_message": said.text or None, **more}
    return getattr(api.response, api.result)(**fields)


def _created(state: State, name: str, asked: Any) -> FakeTopic:
    _check_name(state, name)
    configs = {entry.name: stored(entry.name, entry.value) for entry in asked.configs}
    partitions = 1 if asked.num_partitions == -1 else asked.num_partitions
    replicas = min(3, len(state.brokers)) if asked.replication_factor == -1 else asked.replication_factor
    if partitions < 1:
        raise ProtocolError(37, "Number of partitions was set to an invalid non-positive value.")
    if not 1 <= replicas <= len(state.brokers):
        raise ProtocolError(
            38, f"Unable to replicate the partition {replicas} time(s): only {len(state.brokers)} broker(s)."
        )
    return FakeTopic(state.placed(0, partitions, replicas), configs)


def _check_name(state: State, name: str) -> None:
    if state.quirks.checks_names and not LEGAL.fullmatch(name):
        raise ProtocolError(17, f"Topic name is invalid: '{name}' contains a character that is not legal.")
    if name in state.topics:
        raise ProtocolError(36, f"Topic '{name}' already exists.")
    twin = next((other for other in state.topics if other.replace(".", "_") == name.replace(".", "_")), None)
    if twin:
        raise ProtocolError(17, f"Topic '{name}' collides with existing topic: {twin}")


def _grown(state: State, name: str, asked: Any) -> FakeTopic:
    topic = _existing(state, name)
    now = len(topic.partitions)
    if asked.count == now:
        raise ProtocolError(37, f"Topic already has {now} partition(s).")
    if asked.count < now:
        raise ProtocolError(
            37, f"The topic {name} currently has {now} partition(s); {asked.count} would not be an increase."
        )
    more = state.placed(now, asked.count, len(topic.partitions[0].replicas))
    return replace(topic, partitions=topic.partitions + more)


def _deleted(state: State, name: str, _: Any) -> None:
    _existing(state, name)


def _altered(state: State, name: str, asked: Any) -> FakeTopic:
    topic = _existing(state, name)
    configs = dict(topic.configs)
    for entry in asked.configs:
        if entry.config_operation == DELETE:
            configs.pop(entry.name, None)
        else:
            configs[entry.name] = stored(entry.name, entry.value)
    return replace(topic, configs=configs)


def _altered_broker(call: Call) -> Message:
    (asked,) = call.request.resources
    name = asked.resource_name
    said = call.refused.get(name, OK if int(name) == call.broker else ProtocolError(42, "Unexpected broker id."))
    if not said.code and not call.dry:
        values = call.state.dynamic.setdefault(call.broker, {})
        for entry in asked.configs:
            values.pop(entry.name, None)
            values |= {} if entry.config_operation == DELETE else {entry.name: entry.value}
    return call.frame.api.response(throttle_time_ms=0, responses=[_result(call, name, said, resource_type=BROKER)])


def _existing(state: State, name: str) -> FakeTopic:
    if name not in state.topics:
        raise ProtocolError(3, "This server does not host this topic-partition.")
    return state.topics[name]
