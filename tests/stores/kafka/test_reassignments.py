"""Replicas on their way: asked for partition by partition, and never called begun or ended on a guess."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import replace

import pytest

from provisioner.reconcile.outcome import State
from provisioner.stores.kafka import partitions, reassignments
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.kafka_python import KafkaPython, NoClientError
from provisioner.stores.kafka.partitions import Partition, Placement
from provisioner.stores.kafka.reassignments import Answer
from provisioner.stores.kafka.timeouts import Timeouts
from tests.fake import FakeCluster
from tests.fake.faults import ErrorFor, Fault, Hang, LostAnswer, LostRequest
from tests.fake.reassignments import finish

QUICK = replace(Timeouts(), read=1, send=3, visible=2, retry_pause=(0.05, 0.2))
A0 = ("a", 0)


@pytest.fixture
def fake() -> Iterator[FakeCluster]:
    with FakeCluster() as cluster:
        cluster.state.add("a", partitions=3, replicas=1)
        yield cluster
    gc.collect()


@pytest.fixture
def client(fake: FakeCluster) -> Iterator[KafkaPython]:
    with KafkaPython(Connection(fake.bootstrap, {}, {}, print, timeouts=QUICK)) as made:
        yield made


def states(answers: dict[tuple[str, int], Answer]) -> dict[tuple[str, int], State]:
    return {key: answer.state for key, answer in answers.items()}


def sent(fake: FakeCluster) -> int:
    return len(fake.sent("AlterPartitionReassignments"))


def test_the_valid_part_of_a_request_begins(fake: FakeCluster, client: KafkaPython) -> None:
    """Each partition has its own answer; what cannot be is not sent, or refused by the cluster in words."""
    answers = reassignments.alter(
        client, {A0: (1, 2, 3), ("a", 1): (2, 9), ("a", 2): (3, 3), ("a", 7): (1,), ("b", 0): (1,)}
    )
    assert answers == {
        A0: Answer(State.STARTED),
        ("a", 1): Answer(State.REFUSED, "no live broker 9"),
        ("a", 2): Answer(State.REFUSED, "twice on broker 3"),
        ("a", 7): Answer(State.FAILED, "the cluster knows no such partition (unknown topic or partition, 3)"),
        ("b", 0): Answer(State.FAILED, "the cluster knows no such partition (unknown topic or partition, 3)"),
    }
    assert set(fake.state.moving) == {A0}


def test_a_dead_broker_is_no_target(fake: FakeCluster, client: KafkaPython) -> None:
    """The cluster would take it, and it would hang."""
    fake.stop(2)
    assert reassignments.alter(client, {A0: (1, 2)}) == {A0: Answer(State.REFUSED, "no live broker 2")}
    assert sent(fake) == 0


def test_no_replicas_are_no_target() -> None:
    """An empty list is not sent; in the protocol another empty word means cancel."""
    assert reassignments.unfit((), {1, 2, 3}) == "no replicas at all"


@pytest.mark.parametrize(("fault", "requests"), [(LostAnswer(), 1), (Hang(applied=True), 1), (LostRequest(), 2)])
def test_a_lost_answer_is_read_back(fake: FakeCluster, client: KafkaPython, fault: Fault, requests: int) -> None:
    """What the cluster shows has begun; what it does not show is asked for again."""
    fake.script.on("AlterPartitionReassignments", fault)
    assert reassignments.alter(client, {A0: (1, 2, 3)}) == {A0: Answer(State.STARTED)}
    assert sent(fake) == requests
    assert fake.state.moving[A0].target == (1, 2, 3)


def test_without_any_answer_it_is_in_doubt(fake: FakeCluster, client: KafkaPython) -> None:
    """In bounded time."""
    fake.script.on("AlterPartitionReassignments", LostRequest(), times=None)
    assert states(reassignments.alter(client, {A0: (1, 2, 3)})) == {A0: State.DOUBT}


@pytest.mark.parametrize(("code", "words"), [(29, "our user lacks ALTER"), (39, "the cluster refuses these replicas")])
def test_a_refusal_says_why(fake: FakeCluster, client: KafkaPython, code: int, words: str) -> None:
    """It is sent once."""
    fake.script.on("AlterPartitionReassignments", ErrorFor("a", code))
    (answer,) = reassignments.alter(client, {A0: (1, 2)}).values()
    assert (answer.state, answer.why.startswith(words), sent(fake)) == (State.FAILED, True, 1)


def test_an_answer_that_asks_for_patience_is_asked_for_again(fake: FakeCluster, client: KafkaPython) -> None:
    """As in a fail-over of the controller."""
    fake.script.on("AlterPartitionReassignments", ErrorFor("a", 41))
    assert states(reassignments.alter(client, {A0: (1, 2)})) == {A0: State.STARTED}


def test_it_has_ended_when_all_replicas_are_in_sync(fake: FakeCluster, client: KafkaPython) -> None:
    """From the first second the cluster names the new ones among the replicas."""
    targets = {A0: (1, 2, 3), ("a", 1): (2,)}
    reassignments.alter(client, targets)
    seen = partitions.placement(client, ["a"])
    assert seen.partitions[A0].replicas == (1, 2, 3)
    assert (seen.partitions[A0].adding, seen.partitions[A0].coming) == (frozenset({2, 3}), (1, 2, 3))
    assert reassignments.ended(seen, targets) == {("a", 1)}
    finish(fake.state)
    assert reassignments.ended(partitions.placement(client, ["a"]), targets) == {A0, ("a", 1)}


WHOLE = Partition("a", 0, (1, 2), frozenset({1, 2}), 1)


@pytest.mark.parametrize(
    ("row", "unlisted", "has_ended"),
    [
        (WHOLE, "", True),
        (WHOLE, "our user lacks DESCRIBE on the cluster", False),
        (replace(WHOLE, isr=frozenset({1})), "", False),
        (replace(WHOLE, replicas=(2, 1)), "", False),
        (replace(WHOLE, adding=frozenset({2})), "", False),
        (replace(WHOLE, replicas=(1,), isr=frozenset({1})), "", False),
        (None, "", False),
    ],
)
def test_what_is_not_known_has_not_ended(row: Partition | None, unlisted: str, has_ended: bool) -> None:
    """Nor what is still listed, out of sync, in another order, or gone."""
    seen = Placement((), {A0: row} if row else {}, {}, unlisted)
    assert reassignments.ended(seen, {A0: (1, 2)}) == ({A0} if has_ended else set())


def test_a_cancelled_one_is_back_where_it_was(fake: FakeCluster, client: KafkaPython) -> None:
    """Where none runs there is nothing to cancel, and that is done."""
    reassignments.alter(client, {A0: (1, 2, 3)})
    answers = reassignments.cancel(client, [A0, ("a", 1), ("a", 9)])
    assert states(answers) == {A0: State.DONE, ("a", 1): State.DONE, ("a", 9): State.FAILED}
    assert answers["a", 1].why == "none was running"
    assert partitions.placement(client, ["a"]).partitions[A0].replicas == (1,)


def test_a_cancellation_whose_answer_is_lost_is_read_back(fake: FakeCluster, client: KafkaPython) -> None:
    """Sent once, as the cluster lists nothing any more."""
    reassignments.alter(client, {A0: (1, 2, 3)})
    fake.script.on("AlterPartitionReassignments", LostAnswer())
    assert states(reassignments.cancel(client, [A0])) == {A0: State.DONE}
    assert (fake.state.moving, sent(fake)) == ({}, 2)


def test_those_that_run_are_listed_by_topic_or_all(fake: FakeCluster, client: KafkaPython) -> None:
    """With what comes and what goes."""
    fake.state.add("b", partitions=1, replicas=1)
    reassignments.alter(client, {A0: (1, 2), ("b", 0): (3,)})
    assert set(partitions.running(client)) == {A0, ("b", 0)}
    assert partitions.running(client, ["b"]) == {("b", 0): partitions.Running((3, 1), frozenset({3}), frozenset({1}))}


def test_a_topic_that_vanishes_is_a_gap(fake: FakeCluster, client: KafkaPython) -> None:
    """So is a hidden one; the others are known."""
    fake.state.add("b")
    fake.state.hidden.add("b")
    seen = partitions.placement(client, ["a", "b", "missing"])
    assert {topic for topic, _ in seen.partitions} == {"a"}
    assert seen.gaps == {"missing": "it does not exist", "b": "our user lacks DESCRIBE on the topic"}


@pytest.mark.parametrize("names", [None, ["a"]])
def test_brokers_are_told_with_their_racks_and_whether_they_live(
    fake: FakeCluster, client: KafkaPython, names: list[str] | None
) -> None:
    """Nobody tells the rack of a dead one."""
    fake.stop(2)
    brokers = partitions.placement(client, names).brokers
    assert [(each.id, each.rack, each.is_live) for each in brokers] == [
        (1, "r1", True),
        (2, None, False),
        (3, "r3", True),
    ]


def test_where_reassignments_cannot_be_listed_nothing_counts_as_settled(fake: FakeCluster, client: KafkaPython) -> None:
    """The rest is known."""
    fake.script.on("ListPartitionReassignments", LostRequest(), times=None)
    seen = partitions.placement(client, ["a"])
    assert (bool(seen.unlisted), len(seen.partitions)) == (True, 3)
    assert reassignments.ended(seen, {A0: (1,)}) == frozenset()
    with pytest.raises(NoClientError):
        partitions.running(client)
