"""Which groups are late, and in what order that is told."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from provisioner.lag.judgement import Row, State, judged, unplaced
from provisioner.lag.reading import Committed, Group, Log, Reading
from provisioner.lag.threshold import Threshold, Watched

NOW = 1_000_000_000
NAME = "orders.v1"
OTHERS = Threshold(600, "payments", "#payments")


def at(offset: int, age: float | None = None, **more: object) -> Committed:
    """`age`: of the first unread record, in seconds."""
    return Committed(offset, None if age is None else NOW - round(age * 1000), **more)  # type: ignore[arg-type]


def group(offsets: Mapping[int, Committed], *logs: tuple[int, int], topic: str = NAME) -> Group:
    return Group(NOW, {topic: offsets}, {topic: dict(enumerate(Log(*log) for log in logs))})


def rows(
    groups: Mapping[str, Group], declared: Mapping[str, Threshold] | None = None, others: Threshold = OTHERS
) -> list[Row]:
    """Of one topic with two partitions."""
    return judged({NAME: Watched(others, declared or {})}, Reading("id", {NAME: 2}, groups))


def row(each: Group, limit: int | None = 300) -> Row:
    (only,) = rows({"billing": each}, {"billing": Threshold(limit, "finance")})
    return only


@pytest.mark.parametrize(
    ("age", "limit", "state"),
    [
        (300.0, 300, State.BEHIND),
        (300.001, 300, State.LATE),
        (9e9, None, State.BEHIND),
        (None, 300, State.READ),
        (-5.0, 300, State.BEHIND),
    ],
)
def test_late_is_what_is_older_than_the_limit(age: float | None, limit: int | None, state: State) -> None:
    """A time in the future is an age of zero; without a limit nothing is late."""
    only = row(group({0: at(5, age)}, (0, 9), (0, 0)), limit)
    assert only.state is state
    assert only.age == (None if age is None else max(0.0, age))


def test_the_worst_partition_is_the_oldest_one_and_all_unread_is_counted() -> None:
    only = row(group({0: at(5, 40), 1: at(1, 200)}, (0, 9), (0, 3)))
    assert only.worst
    assert (only.worst.partition, only.age, only.unread) == (1, 200.0, 6)


def test_what_is_deleted_is_not_unread() -> None:
    only = row(group({0: at(5, 40)}, (8, 9), (0, 0)))
    assert (only.unread, only.shares[0].deleted) == (1, 3)


def test_offsets_that_hold_no_message_are_not_unread() -> None:
    """Markers of transactions, what was aborted, what compaction took away."""
    only = row(group({0: at(5)}, (0, 9), (0, 0)))
    assert (only.state, only.unread, only.shares[0].hollow) == (State.READ, 0, 4)


def test_a_partition_that_was_never_committed_beside_others_is_named() -> None:
    """Nobody can tell how old its messages are to that group: it makes nothing late."""
    only = row(group({0: at(9)}, (0, 9), (0, 700)))
    assert (only.state, only.unread, [share.unread for share in only.never]) == (State.READ, 0, [700])


def test_a_declared_group_without_anything_committed_is_told() -> None:
    assert row(Group(NOW)).state is State.NEVER


def test_one_late_partition_makes_a_group_late_whatever_is_not_known_of_others() -> None:
    only = row(group({0: at(5, 301), 1: at(1, why="no answer in time")}, (0, 9), (0, 3)))
    assert (only.state, only.is_unclear, only.unread) == (State.LATE, True, 4)


@pytest.mark.parametrize(
    "each",
    [
        group({0: at(5, 20), 1: at(1, why="no answer in time")}, (0, 9), (0, 3)),
        group({0: at(9), 1: at(4)}, (0, 9), (0, 3)),
        group({0: at(9), 1: at(4)}, (0, 9)),
        Group(why="no right to describe group billing"),
    ],
)
def test_what_was_not_read_or_cannot_be_is_unknown(each: Group) -> None:
    """No answer, an offset behind the end of the log, a log that was not read, a group that was not."""
    only = row(each)
    assert (only.state, only.is_unclear) == (State.UNKNOWN, True)


def test_a_hidden_topic_makes_its_declared_groups_unknown() -> None:
    watched = {NAME: Watched(OTHERS, {"billing": Threshold(300, "finance")})}
    (only,) = judged(watched, Reading("id", unsure={NAME: "hidden"}))
    assert (only.state, only.why) == (State.UNKNOWN, "hidden")


def test_a_group_in_no_file_falls_under_the_topics_own_limit() -> None:
    """Where it has committed anything; and calls the topic's team."""
    strangers = {"reports": group({0: at(5, 601)}, (0, 9), (0, 0)), "elsewhere": Group(NOW)}
    (only,) = rows(strangers)
    assert (only.group, only.declared, only.threshold, only.state) == ("reports", False, OTHERS, State.LATE)


def test_groups_in_no_file_of_which_nothing_is_known_are_told_apart() -> None:
    """Whether they read the topic is not known either."""
    groups = {"hidden": Group(why="no right"), "billing": Group(why="no right"), "fine": Group(NOW)}
    watched = {NAME: Watched(OTHERS, {"billing": Threshold(300, "finance")})}
    assert unplaced(watched, Reading("id", {NAME: 2}, groups)) == {"hidden": "no right"}


def test_the_worst_comes_first_by_how_many_limits_it_is_behind() -> None:
    """Late, then unknown, then never committed, then those behind, then those that have read everything."""
    limits = {"twice": 300, "thrice": 60, "behind": 300, "free": None, "read": 300, "never": 300, "unknown": 300}
    ages = {"twice": 600.0, "thrice": 180.0, "behind": 200.0, "free": 9e9}
    groups = {name: group({0: at(5, age)}, (0, 9), (0, 0)) for name, age in ages.items()}
    groups |= {"read": group({0: at(9)}, (0, 9), (0, 0)), "unknown": Group(why="no answer")}
    told = rows(groups, {name: Threshold(limit, "finance") for name, limit in limits.items()})
    assert [each.group for each in told] == ["thrice", "twice", "unknown", "never", "behind", "free", "read"]
