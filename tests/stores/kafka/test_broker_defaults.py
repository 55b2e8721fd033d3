"""What topics inherit, read from several brokers; and what overrides fall back to."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from provisioner.kinds import TOPICS
from provisioner.kinds.topic_spec import TopicSpec
from provisioner.reconcile import engine
from provisioner.reconcile.lanes import Lane
from provisioner.reconcile.model import Wanted
from provisioner.reconcile.plan import Plan
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.store import KafkaTopics
from tests.fake import FakeCluster
from tests.fake.faults import ErrorForAll
from tests.fake.script import about
from tests.topics import asked

AFTER = "message.timestamp.after.max.ms"
LONG = "9223372036854775807"
KEYS = frozenset({AFTER, "retention.ms", "segment.ms", "min.insync.replicas"})


def store(fake: FakeCluster) -> KafkaTopics:
    return KafkaTopics(Connection(fake.bootstrap, {}, {}, lambda _: None), inherited=KEYS)


def planned(fake: FakeCluster, **topics: Wanted[TopicSpec]) -> Plan:
    wanted = {name.replace("_", "."): each for name, each in topics.items()}
    return engine.plan("prod", [Lane(TOPICS, wanted, store(fake))])


@pytest.mark.parametrize("newest", [1, 2, 3])
@pytest.mark.parametrize("turn", [0, 1, 2])
def test_brokers_that_do_not_agree_set_nothing_by_a_default(fake: FakeCluster, newest: int, turn: int) -> None:
    """Whichever broker answers first: ten plans in a row are the same."""
    for broker in {1, 2, 3} - {newest}:
        fake.state.inherits[broker] = {AFTER: LONG}
    fake._turn = turn
    fake.state.add("a.v1")
    plan = planned(fake, a_v1=asked(TopicSpec(1, 3, {AFTER: "3600000"}), defaults=frozenset({AFTER})))
    assert plan.changes == ()
    (remark,) = plan.remarks
    assert f"do not agree on {AFTER}" in remark
    assert f"broker {newest}: 3600000 (1h)" in remark
    assert f": {LONG}" in remark


def test_a_key_that_some_brokers_lack_is_none_they_agree_on(fake: FakeCluster) -> None:
    """In the middle of an upgrade the older ones do not list it."""
    fake.state.inherits[2] = fake.state.inherits[3] = {AFTER: None}
    fake.state.add("a.v1")
    plan = planned(fake, a_v1=asked(TopicSpec(1, 3, {AFTER: "7200000"}), defaults=frozenset({AFTER})))
    assert plan.changes == ()
    assert "does not list it" in plan.remarks[0]


def test_what_a_topic_says_itself_is_set_all_the_same(fake: FakeCluster) -> None:
    """It depends on no broker."""
    fake.state.inherits[2] = {AFTER: LONG}
    fake.state.add("a.v1")
    plan = planned(fake, a_v1=asked(TopicSpec(1, 3, {AFTER: "7200000"})))
    assert [field.after for change in plan.changes for field in change.fields] == ["7200000"]


def test_brokers_that_agree_leave_nothing_to_say(fake: FakeCluster) -> None:
    """And a default that is inherited sets nothing, one that is not is set."""
    fake.state.add("a.v1")
    fake.state.add("b.v1", retention_ms="5")
    same, other = (
        asked(TopicSpec(1, 3, {AFTER: "3600000"}), defaults=frozenset({AFTER})),
        asked(TopicSpec(1, 3, {AFTER: "5"}), defaults=frozenset({AFTER})),
    )
    plan = planned(fake, a_v1=same, b_v1=other)
    assert plan.remarks == ()
    assert [change.key.name for change in plan.changes] == ["b.v1"]


def fallback(fake: FakeCluster, key: str) -> str | None:
    fake.state.add("a.v1", **{key.replace(".", "_"): "5"})
    return store(fake).read(["a.v1"]).found["a.v1"].facts.fallback.get(key)


RETENTION = {"log.retention.ms": None, "log.retention.minutes": None, "log.retention.hours": "168"}
BROKERS: Mapping[str, tuple[str, dict[str, str | None], str | None]] = {
    "hours": ("retention.ms", RETENTION, "604800000"),
    "minutes before hours": ("retention.ms", {**RETENTION, "log.retention.minutes": "10"}, "600000"),
    "milliseconds before minutes": (
        "retention.ms",
        {**RETENTION, "log.retention.minutes": "10", "log.retention.ms": "7"},
        "7",
    ),
    "hours without limit": ("retention.ms", {**RETENTION, "log.retention.hours": "-1"}, "-1"),
    "another name": ("segment.ms", {"log.roll.ms": None, "log.roll.hours": "2"}, "7200000"),
    "the same name": ("min.insync.replicas", {"min.insync.replicas": "2"}, "2"),
    "nothing told": ("retention.ms", {}, None),
}


@pytest.mark.parametrize(("key", "own", "value"), BROKERS.values(), ids=BROKERS)
def test_an_override_of_every_topic_falls_back_to_the_brokers_own_value(
    fake: FakeCluster, key: str, own: dict[str, str | None], value: str | None
) -> None:
    """In the topic's unit; milliseconds come before minutes, and minutes before hours."""
    fake.state.own = {1: own, 2: own, 3: own}
    assert fallback(fake, key) == value


def test_brokers_with_different_values_of_their_own_give_no_fallback(fake: FakeCluster) -> None:
    """A removal asks then."""
    fake.state.own = {broker: {**RETENTION, "log.retention.hours": str(broker)} for broker in (1, 2, 3)}
    assert fallback(fake, "retention.ms") is None


def test_without_the_right_to_ask_brokers_nothing_is_known(fake: FakeCluster) -> None:
    """And the topics are read all the same."""
    fake.state.own = {1: RETENTION, 2: RETENTION, 3: RETENTION}
    for broker in ("1", "2", "3"):
        fake.script.on("DescribeConfigs", ErrorForAll(31), when=about(broker), times=None)
    assert fallback(fake, "retention.ms") is None


def test_brokers_are_not_asked_where_another_topic_shows_it(fake: FakeCluster) -> None:
    """One that has no such override."""
    fake.state.add("b.v1")
    reading = (fake.state.add("a.v1", retention_ms="5"), store(fake).read(["a.v1", "b.v1"]))[1]
    assert reading.found["a.v1"].facts.fallback == {"retention.ms": "604800000"}
    assert not any(subject.isdigit() for sent in fake.sent("DescribeConfigs") for subject in sent.subjects)
