"""What becomes of changes of a replication factor, and what a plan says of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from provisioner.kinds.topic import TOPICS
from provisioner.kinds.topic_spec import TopicFacts, TopicSpec
from provisioner.problem import Span
from provisioner.reconcile.change import Action, Change
from provisioner.reconcile.model import FieldChange, Key, Observed, Prepared, Wanted, fields_changed
from provisioner.reconcile.outcome import Outcome, State
from provisioner.stores.kafka.moving import forecast
from provisioner.stores.kafka.store import KafkaTopics
from tests.fake import FakeCluster
from tests.fake.reassignments import finish
from tests.fake.state import Move
from tests.stores.kafka.moving.test_mover import World, world

__all__ = ["world"]

INSYNC = "min.insync.replicas"


def change(name: str, before: TopicSpec, after: TopicSpec, **facts: object) -> Change[TopicSpec]:
    fields = fields_changed(before.fields(), after.fields())
    known = TopicFacts(**facts)  # type: ignore[arg-type]
    return Change(Key("topic", name), Action.UPDATE, before, after, fields, Span("t.yaml", 1), facts=known)


def raised(name: str = "a", factor: int = 3, **config: str) -> Change[TopicSpec]:
    """Of a topic with two partitions of one replica."""
    mine = {key.replace("_", "."): value for key, value in config.items()}
    return change(name, TopicSpec(2, 1, {INSYNC: "1"}), TopicSpec(2, factor, {INSYNC: "1", **mine}))


@pytest.fixture
def store(world: World) -> KafkaTopics:
    for topic in "abc":
        held = world.fake.state.topics[topic]
        world.fake.state.change({topic: replace(held, configs={INSYNC: "1"})})
    mover = world.mover()
    return KafkaTopics(mover.connection, mover=mover, least_replicas=2)


def prepared(store: KafkaTopics, *changes: Change[TopicSpec]) -> Mapping[str, Prepared]:
    return {key.name: each for key, each in store.prepare(changes).items()}


def written(store: KafkaTopics, *changes: Change[TopicSpec]) -> dict[str, Outcome]:
    return {outcome.key.name: outcome for batch in store.batches(changes) for outcome in store.write(batch)}


def insync(fake: FakeCluster, name: str) -> str | None:
    return fake.state.topics[name].configs.get(INSYNC)


def test_a_plan_says_what_is_added_where_and_at_what_cost(store: KafkaTopics) -> None:
    """In numbers for programs, in words for people."""
    work = prepared(store, raised())["a"].work
    assert work is not None
    assert (work.copies, work.size, work.unsized) == (4, 12_000, 0)
    assert work.words[0].startswith("adds 4 replicas on ")
    assert "moves none, keeps every leader, about 12 KiB to copy" in work.words[0]
    assert work.words[1] == "2 partitions on 1 rack -> 2 on 3 racks"
    assert work.words[2].startswith("free disk left: ")


def test_more_replicas_than_live_brokers_are_refused_with_both_numbers(store: KafkaTopics) -> None:
    """And with the way out."""
    (refusal,) = prepared(store, raised(factor=5))["a"].refusals
    assert "5 replicas want 5 live brokers, 4 live" in refusal.reason
    assert refusal.hint == "start the brokers that are down, or ask for fewer replicas"


def test_without_a_record_no_factor_is_changed(store: KafkaTopics) -> None:
    """Nobody would know which throttles are ours."""
    store.mover = None
    (refusal,) = prepared(store, raised())["a"].refusals
    assert "record: none" in refusal.reason


def test_a_partition_that_somebody_moves_is_left_for_later(store: KafkaTopics, world: World) -> None:
    """The others of its topic go on, and a note says so."""
    world.fake.state.moving["a", 0] = Move((1,), (1, 2))
    word = prepared(store, raised())["a"]
    assert word.refusals == ()
    assert any("another reassignment moves it" in note for note in word.notes)


def test_begun_at_once_and_done_when_all_of_it_is_in_sync(store: KafkaTopics, world: World) -> None:
    """The factor counts when it is read back, in sync."""
    first = written(store, raised())["a"]
    assert (first.state, first.changes) == (State.STARTED, ())
    assert first.comment == "replicas of 2 partitions are being copied; provisioner replicas continue goes on with it"
    assert [each.state for each in store.advance([raised()])] == [State.STARTED]
    finish(world.fake.state)
    (last,) = store.advance([raised()])
    assert (last.state, last.changes) == (State.DONE, (FieldChange("replication_factor", "1", "3"),))
    assert world.is_clean()


def test_more_in_sync_replicas_are_asked_for_after_they_are(store: KafkaTopics, world: World) -> None:
    """Before that every write would be refused."""
    both = raised(min_insync_replicas="2", retention_ms="1000")
    assert written(store, both)["a"].state is State.STARTED
    assert insync(world.fake, "a") == "1"
    assert world.fake.state.topics["a"].configs["retention.ms"] == "1000"
    finish(world.fake.state)
    (last,) = store.advance([both])
    assert last.state is State.DONE
    assert {each.field for each in last.changes} == {"replication_factor", f"config.{INSYNC}"}
    assert insync(world.fake, "a") == "2"


def test_while_replicas_come_no_more_are_asked_to_be_in_sync() -> None:
    """The difference is none as long; it comes back when they are in sync."""
    asked, live = TopicSpec(2, 3, {INSYNC: "2"}), TopicSpec(2, 3, {INSYNC: "1"})
    assert TOPICS.resolved(asked, _wanted(asked), Observed(live, facts=TopicFacts(growing=True))) == live
    assert TOPICS.resolved(asked, _wanted(asked), Observed(live, facts=TopicFacts())) == asked
    seen = Observed(live, facts=TopicFacts(growing=True, in_sync=False))
    assert TOPICS.unconfirmed(seen) == {"replication_factor", f"config.{INSYNC}"}


def _wanted(spec: TopicSpec) -> Wanted[TopicSpec]:
    return Wanted(spec, Span("t.yaml", 1))


def test_a_topic_under_reassignment_is_read_as_what_it_will_be(store: KafkaTopics, world: World) -> None:
    """Its replicas name those on their way, and those to go, from the first second on."""
    world.fake.state.add("x", partitions=1, replicas=3)
    topic = world.fake.state.topics["x"]
    row = replace(topic.partitions[0], replicas=(4, 2, 3, 1), isr=(1, 2, 3))
    world.fake.state.change({"x": replace(topic, partitions=(row,))})
    world.fake.state.moving["x", 0] = Move((1, 2, 3), (4, 2, 3))
    seen = store.read(["x", "a"]).found["x"]
    assert seen.resource.fields()["replication_factor"] == "3"
    assert seen.facts.growing


def test_partitions_that_differ_are_shown_and_brought_to_one_factor(store: KafkaTopics, world: World) -> None:
    """Only those that lack something get something."""
    topic = world.fake.state.topics["a"]
    row = replace(topic.partitions[1], replicas=(2, 3, 4), isr=(2, 3, 4))
    world.fake.state.change({"a": replace(topic, partitions=(topic.partitions[0], row))})
    seen = store.read(["a"]).found["a"].resource
    assert seen.fields()["replication_factor"] == "1..3"
    uneven = change("a", seen, TopicSpec(2, 3, {INSYNC: "1"}))
    word = prepared(store, uneven)["a"]
    assert word.notes == ("its partitions differ in their replicas: 1 with 1, 1 with 3",)
    assert word.work is not None
    assert word.work.copies == 2
    written(store, uneven)
    assert world.fake.state.moving.keys() == {("a", 0)}


def test_fewer_replicas_keep_the_leader_and_are_done_at_once(store: KafkaTopics, world: World) -> None:
    """And never go below what the platform team allows, nor to min.insync.replicas."""
    world.fake.state.add("x", partitions=2, replicas=4, min_insync_replicas="1")
    before, leaders = TopicSpec(2, 4, {INSYNC: "1"}), (1, 2)
    lower = change("x", before, TopicSpec(2, 2, {INSYNC: "1"}))
    assert prepared(store, lower)["x"].notes[0].startswith("removes 4 replicas (")
    one = change("x", before, TopicSpec(2, 1, {INSYNC: "1"}))
    assert "fewer than the cluster allows" in prepared(store, one)["x"].refusals[0].reason
    two = change("x", TopicSpec(2, 4, {INSYNC: "2"}), TopicSpec(2, 2, {INSYNC: "2"}))
    assert "stops every writer" in prepared(store, two)["x"].refusals[0].reason
    assert written(store, lower)["x"].state is State.STARTED
    finish(world.fake.state)
    rows = [part.replicas for part in world.fake.state.topics["x"].partitions]
    assert [len(row) for row in rows] == [2, 2]
    assert tuple(row[0] for row in rows) == leaders


def test_topics_that_get_replicas_are_one_batch_at_the_end(store: KafkaTopics) -> None:
    """Which of them come first is decided over all of them; nobody else waits for them."""
    store.batch_topics = 1
    plain = change("c", TopicSpec(2, 1, {}), TopicSpec(2, 1, {"retention.ms": "1"}))
    batches = [[each.key.name for each in batch] for batch in store.batches([raised("a"), plain, raised("b")])]
    assert batches == [["c"], ["a", "b"]]


def test_a_cluster_that_does_not_answer_leaves_it_started(store: KafkaTopics, world: World) -> None:
    """What was begun goes on by itself."""
    written(store, raised())
    for node in world.fake.brokers:
        world.fake.stop(node)
    (outcome,) = store.advance([raised()])
    assert outcome.state is State.STARTED
    for node in world.fake.brokers:
        world.fake.start(node)


def test_which_changes_are_about_replicas() -> None:
    """A new topic is not: it is made with as many as it is to have."""
    up, same = raised(), change("a", TopicSpec(1, 3), TopicSpec(2, 3))
    assert [forecast.grows(each) for each in (up, same)] == [True, False]
    assert not forecast.is_about_replicas(replace(up, action=Action.CREATE, before=None))
    mixed = change("a", TopicSpec(1, 1, {}, 4), TopicSpec(1, 3))
    assert (forecast.grows(mixed), forecast.shrinks(mixed)) == (True, True)
