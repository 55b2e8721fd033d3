"""Moving replicas: asked of the controller, partition by partition, and read back wherever its answer is lost.

There is no dry run, and a target on a dead broker is accepted and hangs: targets are checked here first.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from provisioner.errors import UnreachableError
from provisioner.reconcile.outcome import State
from provisioner.stores.kafka import codes, reading
from provisioner.stores.kafka.kafka_python import KafkaPython, NoClientError
from provisioner.stores.kafka.nodes import nodes
from provisioner.stores.kafka.partitions import Key, Partition, Placement, placement, running

BATCH = 1_000
"""Partitions in one request: the controller refuses one that needs more than 10,000 records."""

RIGHT = "ALTER on the cluster"
NOT_RUNNING = 85
"""NO_REASSIGNMENT_IN_PROGRESS."""

Targets = Mapping[Key, Sequence[int]]
Asked = Mapping[Key, Sequence[int] | None]
"""Partition -> the replicas it is to have; None: cancel."""

_WORDS: Mapping[int, str] = {
    39: "the cluster refuses these replicas",
    codes.UNKNOWN_TOPIC: "the cluster knows no such partition",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """STARTED: the cluster has taken it; DONE: it is so; REFUSED: not sent; FAILED: the cluster refuses it; DOUBT."""

    state: State
    why: str = ""


Answers = dict[Key, Answer]
UNCLEAR = Answer(State.DOUBT, "no clear answer, and the cluster does not show it (yet)")


def alter(client: KafkaPython, targets: Targets) -> Answers:
    """Ask for these replicas, in this order; what of it is valid begins. An earlier move of the same one is replaced.

    Bounded by `timeouts.send`. Raises UnreachableError, NoClientError: nothing was sent then.
    """
    client.opened()
    live = frozenset(node.id for node in nodes(client.connection))
    refused = {key: Answer(State.REFUSED, why) for key, target in targets.items() if (why := unfit(target, live))}
    fit = {key: tuple(target) for key, target in targets.items() if key not in refused}
    return {**refused, **_sent(client, fit, _is_taken, State.STARTED)}


def unfit(target: Sequence[int], live: Collection[int]) -> str:
    """Why no partition can be asked to have these replicas; empty where it can."""
    twice = sorted({each for each in target if list(target).count(each) > 1})
    absent = sorted(set(target) - set(live))
    if not target:
        return "no replicas at all"
    if twice:
        return f"twice on broker {', '.join(map(str, twice))}"
    return f"no live broker {', '.join(map(str, absent))}" if absent else ""


def cancel(client: KafkaPython, partitions: Collection[Key]) -> Answers:
    """Put back what the reassignments that run would change; DONE when none of it is listed any more.

    Bounded by `timeouts.send` and `timeouts.visible`. Raises NoClientError: nothing was sent then.
    """
    client.opened()
    answers = _sent(client, dict.fromkeys(partitions), _is_settled, State.DONE)
    waited = [key for key, answer in answers.items() if answer.state is State.DONE]
    still = _still_listed(client, waited)
    return {**answers, **dict.fromkeys(still, Answer(State.DOUBT, "cancelled, and listed all the same"))}


def ended(seen: Placement, targets: Targets) -> frozenset[Key]:
    """Whose replicas are their target, all of them in sync, with no reassignment; what is not known has not ended."""
    return frozenset(key for key, target in targets.items() if _is_ended(seen, key, tuple(target)))


def _is_ended(seen: Placement, key: Key, target: tuple[int, ...]) -> bool:
    row = seen.partitions.get(key)
    if row is None or seen.unlisted or row.is_moving:
        return False
    return row.replicas == target and row.isr == frozenset(target)


Shown = Callable[[Partition, Sequence[int] | None], bool]


def _is_taken(row: Partition, target: Sequence[int] | None) -> bool:
    return row.coming == tuple(target or ())


def _is_settled(row: Partition, _: Sequence[int] | None) -> bool:
    return not row.is_moving


def _sent(client: KafkaPython, asked: Asked, is_shown: Shown, good: State) -> Answers:
    """Sent again until each has a clear answer: the same target twice is the same as once."""
    answers: Answers = {}
    for portion in reading.portions(list(asked), BATCH):
        answers.update(_settled(client, {key: asked[key] for key in portion}, is_shown, good))
    return answers


def _settled(client: KafkaPython, asked: Asked, is_shown: Shown, good: State) -> Answers:
    answers, timeouts = Answers(), client.connection.timeouts
    deadline = time.monotonic() + timeouts.send
    for pause in _pauses(*timeouts.retry_pause):
        left = {key: target for key, target in asked.items() if key not in answers}
        said = _codes(client, left)
        answers |= {key: _answer(code, good) for key, code in said.items() if not codes.is_unclear(code)}
        if unclear := {key: target for key, target in left.items() if key not in answers}:
            answers |= dict.fromkeys(_shown(client, unclear, is_shown), Answer(good))
        if len(answers) == len(asked):
            return answers
        if time.monotonic() > deadline:
            break
        client.connection.progress(f"no clear answer about {len(asked) - len(answers)} partitions; asking again")
        time.sleep(pause)
    return {**dict.fromkeys(asked, UNCLEAR), **answers}


def _pauses(first: float, longest: float) -> Iterator[float]:
    while True:
        yield first
        first = min(longest, 2 * first)


def _codes(client: KafkaPython, asked: Asked) -> dict[Key, int]:
    """Partition -> the answer's code; missing where there was no answer."""
    from kafka.structs import TopicPartition

    wanted = {TopicPartition(*key): None if target is None else list(target) for key, target in asked.items()}
    milliseconds = round(client.connection.timeouts.operation * 1000)

    def question(admin: Any) -> dict[Key, int]:
        said = admin.alter_partition_reassignments(wanted, timeout_ms=milliseconds)
        return {(at.topic, at.partition): error.errno if error else codes.OK for at, error in said.items()}

    try:
        return client.ask(f"alter_partition_reassignments of {len(wanted)}", question, tries=1)
    except NoClientError as error:
        return dict.fromkeys(asked, error.code) if error.is_final and error.code is not None else {}


def _answer(code: int, good: State) -> Answer:
    if code == codes.OK:
        return Answer(good)
    if code == NOT_RUNNING:
        return Answer(good, "none was running")
    words = f"our user lacks {RIGHT}" if codes.is_denied(code) else _WORDS.get(code, "the cluster refuses it")
    return Answer(State.FAILED, f"{words} ({codes.named(code)})")


def _shown(client: KafkaPython, asked: Asked, is_shown: Shown) -> list[Key]:
    """Of those without a clear answer, the ones that the cluster shows as asked."""
    try:
        seen = placement(client, sorted({topic for topic, _ in asked}))
    except UnreachableError:
        return []
    rows = {} if seen.unlisted else seen.partitions
    return [key for key, target in asked.items() if key in rows and is_shown(rows[key], target)]


def _still_listed(client: KafkaPython, keys: Collection[Key]) -> Collection[Key]:
    timeouts, listed = client.connection.timeouts, set(keys)
    deadline = time.monotonic() + timeouts.visible
    for pause in _pauses(*timeouts.look_pause):
        if not listed or time.monotonic() > deadline:
            break
        try:
            listed &= running(client).keys()
        except NoClientError as error:
            if error.is_final:
                break
        time.sleep(pause if listed else 0)
    return listed
