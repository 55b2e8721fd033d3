"""Throttles: set whole, read back, and only ours removed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from provisioner.stores.kafka import throttle_values, throttles
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.throttle_values import (
    FOLLOWER_LIST,
    FOLLOWER_RATE,
    LEADER_LIST,
    LEADER_RATE,
    Place,
    changes,
    lists,
    rates,
)
from provisioner.stores.kafka.timeouts import Timeouts
from tests.fake import FakeCluster
from tests.fake.faults import ErrorForAll, Fault, Hang, LostAnswer, LostRequest

A = Place("topic", "a")
MOVES = {("a", 0): ((1,), (1, 2, 3)), ("a", 1): ((2,), (2, 1))}
ALL = {**rates([1, 2, 3], 5e6), **lists(MOVES)}


@pytest.fixture
def fake() -> Iterator[FakeCluster]:
    with FakeCluster() as cluster:
        cluster.state.add("a", partitions=3, replicas=1)
        yield cluster


@pytest.fixture
def connection(fake: FakeCluster) -> Connection:
    timeouts = replace(Timeouts(), read=1, grace=1, visible=30, again_pause=0.05)
    return Connection(fake.bootstrap, {}, {}, print, timeouts=timeouts)


def broker(number: int) -> Place:
    return Place("broker", str(number))


def sent(fake: FakeCluster) -> list[tuple[str, ...]]:
    return [each.subjects for each in fake.sent("IncrementalAlterConfigs")]


@pytest.mark.parametrize(("asked", "value"), [(5e6, "5000000"), (1.5e6 + 0.4, "1500000"), (1, "1000000")])
def test_a_rate_is_never_so_low_that_nothing_catches_up(asked: float, value: str) -> None:
    """The same both ways, on each broker."""
    assert rates([2, 1], asked) == {broker(at): {LEADER_RATE: value, FOLLOWER_RATE: value} for at in (1, 2)}


def test_lists_name_who_may_give_and_who_gets() -> None:
    """Partition by partition; the replicas that are there already are not slowed."""
    assert lists(MOVES) == {A: {LEADER_LIST: "0:1,1:2", FOLLOWER_LIST: "0:2,0:3,1:1"}}


def test_what_only_loses_replicas_has_no_followers_to_slow() -> None:
    """Kafka takes no empty list."""
    assert lists({("a", 0): ((1, 2), (1,))}) == {A: {LEADER_LIST: "0:1,0:2"}}


@pytest.mark.parametrize("partitions", [1_500, 2_001])
def test_a_list_that_kafka_would_not_take_is_a_star(partitions: int) -> None:
    """By its length, or by its partitions."""
    before, after = (1001, 1002, 1003), (1001, 1002, 1003, 1004)
    (values,) = lists({("a", number): (before, after) for number in range(partitions)}).values()
    assert values[LEADER_LIST] == "*"
    assert (values[FOLLOWER_LIST] == "*") == (partitions > throttle_values.MOST_PARTITIONS)


@pytest.mark.parametrize(
    ("found", "wanted", "ours", "expected"),
    [
        ({}, {"x": "1"}, {}, {"x": "1"}),
        ({"x": "1"}, {"x": "1"}, {}, {}),
        ({"x": "1"}, {"x": "2"}, {"x": "1"}, {"x": "2"}),
        ({"x": "1"}, {"x": "2"}, {}, {}),
        ({"x": "1"}, {}, {"x": "1"}, {"x": None}),
        ({"x": "2"}, {}, {"x": "1"}, {}),
        ({}, {}, {"x": "1"}, {}),
    ],
)
def test_only_what_is_ours_is_changed(
    found: dict[str, str], wanted: dict[str, str], ours: dict[str, str], expected: dict[str, str | None]
) -> None:
    """A value that is neither as wanted nor as we set it belongs to somebody else."""
    assert changes(found, wanted, ours) == expected


def test_all_are_set_and_shown_rates_first(fake: FakeCluster, connection: Connection) -> None:
    """Each broker is asked alone, the topics together."""
    assert throttles.put(connection, ALL, {}) == {}
    assert throttles.read(connection, ALL) == (ALL, {})
    assert (sorted(sent(fake)[:3]), sent(fake)[3:]) == ([("1",), ("2",), ("3",)], [("a",)])


def test_what_is_set_already_is_not_sent_again(fake: FakeCluster, connection: Connection) -> None:
    """A second run has nothing to do."""
    throttles.put(connection, ALL, {})
    count = len(sent(fake))
    assert throttles.put(connection, ALL, {}) == {}
    assert len(sent(fake)) == count


def test_all_are_removed_lists_first_and_nothing_is_left(fake: FakeCluster, connection: Connection) -> None:
    """A second time there is nothing to do."""
    throttles.put(connection, ALL, {})
    count = len(sent(fake))
    assert throttles.remove(connection, ALL) == {}
    assert throttles.read(connection, ALL) == ({place: {} for place in ALL}, {})
    assert sent(fake)[count] == ("a",)
    count = len(sent(fake))
    assert throttles.remove(connection, ALL) == {}
    assert len(sent(fake)) == count


def test_what_somebody_else_has_set_stays(fake: FakeCluster, connection: Connection) -> None:
    """Setting it is a gap that says so, removing is none."""
    fake.state.dynamic[2] = {LEADER_RATE: "777"}
    assert throttles.put(connection, rates([1, 2], 5e6), {}) == {
        broker(2): f"{LEADER_RATE} is set by somebody else (777)"
    }
    assert throttles.remove(connection, rates([1, 2], 5e6)) == {}
    assert fake.state.dynamic == {1: {}, 2: {LEADER_RATE: "777"}}


def test_what_an_earlier_run_of_ours_has_set_is_changed(fake: FakeCluster, connection: Connection) -> None:
    """The caller knows it from the record."""
    throttles.put(connection, rates([1], 5e6), {})
    assert throttles.put(connection, rates([1], 6e6), rates([1], 5e6)) == {}
    assert fake.state.dynamic[1][LEADER_RATE] == "6000000"


@pytest.mark.parametrize("is_named", [False, True])
def test_on_a_dead_broker_it_is_to_be_removed_later(fake: FakeCluster, connection: Connection, is_named: bool) -> None:
    """Whether or not the others have noticed; theirs are gone."""
    throttles.put(connection, ALL, {})
    fake.stop(2, named=is_named)
    assert throttles.remove(connection, ALL) == {broker(2): throttles.LATER}
    assert {number: values for number, values in fake.state.dynamic.items() if values} == {2: ALL[broker(2)]}
    fake.start(2)
    assert throttles.remove(connection, ALL) == {}


def test_on_a_dead_broker_it_is_not_set(fake: FakeCluster, connection: Connection) -> None:
    """The caller decides what that means."""
    fake.stop(2)
    assert throttles.put(connection, rates([1, 2], 5e6), {}) == {broker(2): throttles.NOT_REACHABLE}


@pytest.mark.parametrize("fault", [LostAnswer(), LostRequest(), Hang(), Hang(applied=True)])
def test_a_lost_answer_about_a_topic_is_read_back(fake: FakeCluster, connection: Connection, fault: Fault) -> None:
    """And sent again where it is not there."""
    fake.script.on("IncrementalAlterConfigs", fault)
    assert throttles.put(connection, lists(MOVES), {}) == {}
    assert throttles.read(connection, [A]) == (lists(MOVES), {})


def test_a_topic_that_is_gone_has_nothing_to_remove(fake: FakeCluster, connection: Connection) -> None:
    """But nothing can be set on it."""
    gone = {Place("topic", "gone"): {LEADER_LIST: "0:1"}}
    assert throttles.remove(connection, gone) == {}
    assert throttles.put(connection, gone, {}) == {Place("topic", "gone"): throttles.GONE}


@pytest.mark.parametrize(
    ("api", "place", "code", "words"),
    [
        ("IncrementalAlterConfigs", broker(1), 31, "our user lacks ALTER_CONFIGS on the cluster"),
        ("DescribeConfigs", broker(1), 31, "our user lacks DESCRIBE_CONFIGS on the cluster"),
        ("IncrementalAlterConfigs", A, 29, "our user lacks ALTER_CONFIGS on the topic"),
        ("DescribeConfigs", A, 29, "our user lacks DESCRIBE_CONFIGS on the topic"),
        ("IncrementalAlterConfigs", A, 44, "the cluster refuses it (policy violation, 44)"),
    ],
)
def test_a_missing_right_is_named(
    fake: FakeCluster, connection: Connection, api: str, place: Place, code: int, words: str
) -> None:
    """As is a policy; nothing is called set."""
    fake.script.on(api, ErrorForAll(code), times=None)
    assert throttles.put(connection, {place: ALL[place]}, {}) == {place: words}


def test_what_no_broker_shows_is_not_called_set(fake: FakeCluster, connection: Connection) -> None:
    """The look ends after a while."""
    connection.timeouts = replace(connection.timeouts, visible=0.3)
    fake.views.freeze()
    assert throttles.put(connection, lists(MOVES), {}) == {A: throttles.UNSEEN}
