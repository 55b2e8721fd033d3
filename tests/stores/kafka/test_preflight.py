"""The table of conditions: what each says, and which changes it refuses."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provisioner.kinds.topic_spec import TopicSpec
from provisioner.problem import Span
from provisioner.reconcile.change import Action, Change
from provisioner.reconcile.model import FieldChange, Key
from provisioner.stores.kafka import preflight
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.preflight import Facts
from tests.fake import FakeCluster
from tests.fake.state import FakeTopic, Partition

WHOLE = Facts(frozenset({1, 2, 3}), frozenset(), 0, {"a": 3}, frozenset(), 3)
CREATE = Change(Key("topic", "a"), Action.CREATE, None, TopicSpec(3, 3), (), Span("x.yaml"))
GROW = replace(CREATE, action=Action.UPDATE, before=TopicSpec(2, 3), listed=(FieldChange("partitions", "2", "3"),))
RETAIN = replace(GROW, listed=(FieldChange("config.retention.ms", "1", "2"),))
HARDEN = replace(GROW, listed=(FieldChange("config.min.insync.replicas", "1", "2"),))
DELETE = replace(GROW, action=Action.DELETE, after=None, listed=())
ALL = (CREATE, GROW, RETAIN, HARDEN, DELETE)

CASES = {
    "whole": (WHOLE, "", ()),
    "one of four offline": (
        replace(WHOLE, offline=frozenset({4})),
        "1 broker is offline (4): new topics begin under-replicated",
        (),
    ),
    "too few live": (
        replace(WHOLE, live=frozenset({1, 2}), offline=frozenset({3})),
        "1 broker is offline (3): new topics begin under-replicated",
        (CREATE,),
    ),
    "out of sync": (
        replace(WHOLE, under_replicated=2, in_sync={"a": 1}),
        "2 partitions are under-replicated",
        (HARDEN,),
    ),
    "others out of sync": (replace(WHOLE, under_replicated=1), "1 partition is under-replicated", ()),
    "moving": (replace(WHOLE, moving=frozenset({"a"})), "1 topic is being moved between brokers", (GROW, DELETE)),
    "others moving": (replace(WHOLE, moving=frozenset({"b", "c"})), "2 topics are being moved between brokers", ()),
    "moving is unknown": (
        replace(WHOLE, moving=None),
        "whether partitions are being moved right now could not be asked",
        (),
    ),
    "two racks": (
        replace(WHOLE, racks=2),
        "the brokers stand in 2 racks: one rack down can take two of three replicas",
        (),
    ),
    "as many in sync as wanted": (
        replace(WHOLE, under_replicated=1, in_sync={"a": 2}),
        "1 partition is under-replicated",
        (),
    ),
    "fewer brokers, none offline": (replace(WHOLE, live=frozenset({1, 2})), "", ()),
    "few replicas, all in sync": (replace(WHOLE, in_sync={"a": 1}), "", ()),
    "one rack": (replace(WHOLE, racks=1), "", ()),
    "no racks": (replace(WHOLE, racks=None), "", ()),
}


@pytest.mark.parametrize(("facts", "said", "refused"), CASES.values(), ids=CASES)
def test_each_condition_says_its_own_and_refuses_no_more_than_it_must(
    facts: Facts, said: str, refused: tuple[Change[TopicSpec], ...]
) -> None:
    """A longer retention goes on in every state of the cluster."""
    assert list(preflight.conditions(facts)) == ([said] if said else [])
    against = [change for change in ALL if list(preflight.refusals(facts, [change]))]
    assert against == list(refused)
    assert RETAIN not in against


def test_each_row_refuses_by_its_own_reason_only_while_it_holds() -> None:
    """A cluster that suffers from all of them at once names each change with what stands against it."""
    worst = Facts(frozenset({1, 2}), frozenset({3}), 1, {"a": 1}, frozenset({"a"}), 2)
    reasons = {(change.action, *(f.field for f in change.fields)): against(worst, change) for change in ALL}
    assert reasons == {
        (Action.CREATE,): ["3 replicas are wanted, and only 2 brokers are there"],
        (Action.UPDATE, "partitions"): ["its partitions are being moved right now"],
        (Action.UPDATE, "config.retention.ms"): [],
        (Action.UPDATE, "config.min.insync.replicas"): [
            "min.insync.replicas 2, and a partition has 1 in-sync replicas now: writes to it would stop"
        ],
        (Action.DELETE,): ["its partitions are being moved right now"],
    }


def against(facts: Facts, change: Change[TopicSpec]) -> list[str]:
    return [why.reason for _, prepared in preflight.refusals(facts, [change]) for why in prepared.refusals]


@pytest.mark.parametrize(("in_sync", "lacking"), [((1, 2, 3), 0), ((1, 2), 1), ((1,), 1)])
def test_a_partition_is_under_replicated_while_a_replica_lacks(
    fake: FakeCluster, in_sync: tuple[int, ...], lacking: int
) -> None:
    """And the worst partition of a topic says how many replicas of it are in sync."""
    whole = Partition((1, 2, 3), (1, 2, 3))
    fake.state.change({"a": FakeTopic((whole, Partition((1, 2, 3), in_sync), whole)), "b": FakeTopic((whole,))})
    facts = preflight.facts(Connection(fake.bootstrap, {}, {}, print), frozenset({"a"}))
    assert facts.under_replicated == lacking
    assert facts.in_sync == {"a": len(in_sync)}


def test_a_refusal_says_why_and_what_to_do() -> None:
    """By the word preflight."""
    ((_, prepared),) = preflight.refusals(replace(WHOLE, moving=frozenset({"a"})), [GROW])
    (refusal,) = prepared.refusals
    assert (refusal.by, bool(refusal.reason), bool(refusal.hint)) == ("preflight", True, True)
