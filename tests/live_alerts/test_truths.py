"""The truth of the live run, on events that were written by hand."""

from __future__ import annotations

import pytest

from tests.live_alerts import truths
from tests.live_alerts.ledger import Ledger
from tests.live_alerts.truths import Truth

TOPIC, GROUP = "orders.v1", "billing"
END = 400.0


def ledger(partitions: int = 2) -> Ledger:
    """A message a second in the first partition, until 100; none in the others."""
    made = Ledger()
    made.make(TOPIC, partitions)
    for second in range(100):
        made.deliver(TOPIC, 0, second, float(second))
    return made


def spans(truth: Truth, told: Ledger) -> list[truths.Span]:
    return truths.spans(truth, told, 0, END)


def test_a_group_is_late_from_its_oldest_unread_message_on_until_it_commits_behind_it() -> None:
    told = ledger()
    told.commit(GROUP, TOPIC, 0, 31, 30)
    told.commit(GROUP, TOPIC, 0, 100, 200)
    assert spans(truths.late(GROUP, TOPIC, 60), told) == [(91.5, 200)]


def test_messages_count_in_the_order_of_their_offsets_whoever_heard_of_them_first() -> None:
    told = Ledger()
    told.make(TOPIC, 1)
    for second in [*range(30), *range(60, 100), *range(30, 60)]:
        told.deliver(TOPIC, 0, second, float(second))
    told.commit(GROUP, TOPIC, 0, 31, 30)
    assert spans(truths.late(GROUP, TOPIC, 60), told) == [(91.5, END)]


def test_a_group_that_never_committed_is_not_late() -> None:
    assert spans(truths.late(GROUP, TOPIC, 60), ledger()) == []


def test_messages_that_were_deleted_are_not_unread() -> None:
    told = ledger()
    told.commit(GROUP, TOPIC, 0, 31, 30)
    told.start(TOPIC, 0, 100, 150)
    assert spans(truths.late(GROUP, TOPIC, 60), told) == [(91.5, 150)]
    assert spans(truths.lost(GROUP, TOPIC, 50), told) == [(150, 200)]


def test_what_was_read_before_it_was_deleted_is_not_lost() -> None:
    told = ledger()
    told.commit(GROUP, TOPIC, 0, 100, 120)
    told.start(TOPIC, 0, 100, 150)
    assert spans(truths.lost(GROUP, TOPIC, 50), told) == []


def test_a_topic_made_again_begins_anew() -> None:
    told = ledger()
    told.commit(GROUP, TOPIC, 0, 31, 30)
    told.make(TOPIC, 2, 120)
    told.deliver(TOPIC, 0, 0, 130)
    told.commit(GROUP, TOPIC, 0, 0, 131)
    assert spans(truths.late(GROUP, TOPIC, 60), told) == [(91.5, 120), (190.5, END)]


def test_offsets_that_were_deleted_end_the_lag_and_are_gone() -> None:
    told = ledger()
    told.commit(GROUP, TOPIC, 0, 31, 30)
    told.gone[GROUP] = 95
    assert spans(truths.late(GROUP, TOPIC, 60), told) == [(91.5, 95)]
    assert spans(truths.gone(GROUP), told) == [(395, END)]


def test_a_partition_stays_unread_where_messages_came_while_the_group_was_watched() -> None:
    told = ledger()
    told.commit(GROUP, TOPIC, 1, 0, 10)
    assert spans(truths.unread(GROUP, TOPIC, 30, 20), told) == [(60, END)]
    told.commit(GROUP, TOPIC, 0, 100, 200)
    assert spans(truths.unread(GROUP, TOPIC, 30, 20), told) == [(60, 200)]


def test_messages_of_before_the_group_was_there_leave_no_partition_unread() -> None:
    told = ledger()
    told.commit(GROUP, TOPIC, 1, 0, 120)
    assert spans(truths.unread(GROUP, TOPIC, 30, 20), told) == []


def test_a_topic_is_silent_and_a_group_stands_for_as_long_as_nothing_moves() -> None:
    told = ledger()
    told.commit(GROUP, TOPIC, 0, 31, 30)
    told.commit(GROUP, TOPIC, 0, 40, 200)
    assert spans(truths.silent(TOPIC, 50), told) == [(149, END)]
    assert spans(truths.standing(GROUP, TOPIC, 100), told) == [(130, 200), (300, END)]


@pytest.mark.parametrize(("factor", "holds"), [(1.9, True), (2.1, False)])
def test_skew_is_the_largest_partition_over_the_average(factor: float, holds: bool) -> None:
    assert truths.skewed(TOPIC, factor)(ledger(), 99) is holds


def test_the_last_hour_is_compared_with_the_same_one_a_week_before() -> None:
    told = Ledger()
    told.make(TOPIC, 1)
    for offset, when in enumerate((truths.HOUR, truths.HOUR + 1, truths.WEEK + truths.HOUR)):
        told.deliver(TOPIC, 0, offset, when)
    counts = []
    truths.against_last_week(TOPIC, lambda *both: bool(counts.append(both)))(told, truths.WEEK + truths.HOUR + 10)
    assert counts == [(1, 2)]


def test_many_are_late_by_teams_and_not_by_groups() -> None:
    told = ledger()
    told.commit("one", TOPIC, 0, 0, 1)
    told.commit("two", TOPIC, 0, 0, 1)
    late = {name: truths.late(name, TOPIC, 60) for name in ("one", "two")}
    assert not truths.many([("finance", late["one"]), ("finance", late["two"])], 2)(told, 99)
    assert truths.many([("finance", late["one"]), ("payments", late["two"])], 2)(told, 99)
