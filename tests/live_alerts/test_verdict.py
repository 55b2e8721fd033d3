"""A verdict finds what is wrong with an alert, and leaves alone what is late by as much as scrapes take."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.live_alerts import truths
from tests.live_alerts.model import Row
from tests.live_alerts.pace import LONG
from tests.live_alerts.rows import HAPPENS, happens
from tests.live_alerts.story import story
from tests.live_alerts.verdict import Bounds, Sight, anew, judge, strangers, through, untried

ROW = Row("stopped", "KafkaConsumerLagHigh", "orders.v1", "billing", truths.since(0), hold=60)
BOUNDS = Bounds(scrapes=range(0, 1000, 5), length=1, every=5, end=1000)
TRUTH = [(100.0, 300.0)]
RIGHT = Sight(raw=[(106, 305)], firing=[(166, 905)], calls=[167])


@pytest.mark.parametrize(
    ("truth", "sight", "wrongs"),
    [
        (TRUTH, RIGHT, []),
        ([], Sight(), []),
        ([(100, 140)], Sight(raw=[(105, 142)]), []),
        (TRUTH, Sight(), ["missed page of 177-900"]),
        ([], RIGHT, ["false page at 166-905"]),
        ([(100, 140)], Sight([(105, 170)], [(165, 770)], [166]), ["false page at 165-770", "ends +30 s off"]),
        (TRUTH, Sight([(120, 305)], [(180, 905)], [181]), ["begins +20 s off"]),
        (TRUTH, Sight([(90, 305)], [(160, 905)], [161]), ["begins -10 s off"]),
        (TRUTH, Sight([(106, 350)], [(166, 950)], [167]), ["ends +50 s off"]),
        (TRUTH, Sight([(106, 305)], [(166, 250), (280, 905)], [167, 281]), ["fires 2 times"]),
        (TRUTH, Sight([(106, 305)], [(166, 905)], []), ["0 pages where 1 were due"]),
        (TRUTH, Sight([(106, 305)], [(166, 905)], [167, 400]), ["2 pages where 1 were due"]),
    ],
)
def test_what_is_wrong_is_named(truth: list[truths.Span], sight: Sight, wrongs: list[str]) -> None:
    """Missed, false, late, early, over and again, and what the pager got."""
    assert list(judge(ROW, truth, sight, BOUNDS).wrongs) == wrongs


def test_what_is_muted_is_no_page() -> None:
    """While many consumers are late."""
    muted = replace(BOUNDS, muted=[(150, 800)])
    assert judge(ROW, TRUTH, Sight(RIGHT.raw, RIGHT.firing, []), muted).wrongs == []
    assert judge(ROW, TRUTH, RIGHT, muted).wrongs == ["1 pages where 0 were due"]


@pytest.mark.parametrize(
    ("begin", "wrongs"),
    [
        (170, ["0 pages where 1 were due"]),
        (167, []),
        (165, []),
        (162, ["1 pages where 0 were due"]),
    ],
)
def test_who_is_late_first_is_called_and_at_once_either_is_right(begin: float, wrongs: list[str]) -> None:
    """The muting begins with the alert that mutes, in Prometheus; what fires before is a page."""
    muted = replace(BOUNDS, muted=[(begin, 800)])
    silent = Sight(RIGHT.raw, RIGHT.firing, [])
    assert judge(ROW, TRUTH, RIGHT if begin < 166 else silent, muted).wrongs == wrongs


def test_what_the_docs_say_is_noted_and_not_wrong() -> None:
    """An alert for messages that were aborted."""
    known = Row("aborted", ROW.alert, ROW.topic, ROW.group, ROW.truth, 60, known="see the docs")
    verdict = judge(known, [], RIGHT, BOUNDS)
    assert (verdict.wrongs, verdict.notes) == ([], ["see the docs"])
    assert judge(known, [], Sight(), BOUNDS).wrongs == ["the docs say that it fires"]


def test_a_change_of_layout_is_one_page_where_the_pager_hears_nothing_of_it() -> None:
    """It begins to wait anew in Prometheus; a second page would be one too many."""
    switched = Sight([(106, 305)], [(166, 500), (630, 905)], [167])
    assert judge(ROW, TRUTH, through(switched, 480), BOUNDS).wrongs == []
    twice = through(replace(switched, calls=[167, 631]), 480)
    assert judge(ROW, TRUTH, twice, BOUNDS).wrongs == ["2 pages where 1 were due"]


def test_what_waits_for_longer_than_alertmanager_is_told_again_after_a_change_of_layout() -> None:
    """It ends there in the meantime."""
    slow = replace(ROW, hold=300)
    sight = through(Sight([(106, 995)], [(406, 500), (790, 1000)], [407, 791]), 480)
    changed = replace(BOUNDS, switch=480.0)
    assert judge(slow, [(100, 1000)], sight, changed).wrongs == []
    assert judge(slow, [(100, 1000)], replace(sight, calls=[407]), changed).wrongs == ["1 pages where 2 were due"]
    assert anew([(100, 1000), (400, 1000)], 300, 480) == [(100, 1000), (480, 1000)]


def test_what_fades_begins_after_the_last_scrape_that_said_otherwise() -> None:
    """Not after the event."""
    bounds = Bounds([0, 5, 10, 30, *range(400, 1000, 5)], 1, 5, 1000)
    assert bounds.early(328, fades=True) == 18 + 1 + 1
    assert bounds.early(328) == 1 + 1


def test_a_scrape_that_was_under_way_then_tells_what_came_after() -> None:
    """It has the time of its beginning, so that the last one that said otherwise is the one before."""
    bounds = Bounds([0, 5, 10, 15, *range(400, 1000, 5)], 0.5, 5, 1000)
    assert bounds.early(310.2, fades=True) == pytest.approx(5.2 + 0.5 + 1)
    assert bounds.early(310.8, fades=True) == pytest.approx(0.8 + 0.5 + 1)


def test_what_is_evaluated_seldom_may_be_late_by_that() -> None:
    """As was seen of a group that was deleted, in the compact layout; the exporter fell silent at 1440 s."""
    slow, truth = replace(ROW, hold=900, ends=False, fades=True), [(444, 1896)]
    sight = Sight(raw=[(552, 1740)], firing=[(1512, 1896)], calls=[1513])
    bounds = Bounds(range(0, 1440, 5), 1, 120, 1440)
    assert judge(slow, truth, sight, bounds).wrongs == []
    assert "begins +108 s off" in judge(slow, truth, sight, replace(bounds, every=5)).wrongs
    assert judge(slow, truth, Sight(sight.raw, [(1810, 1896)], [1811]), bounds).wrongs == ["false page at 1810-1896"]


def test_what_is_over_for_a_moment_is_not_over() -> None:
    """Scrapes do not see it."""
    sight = Sight([(106, 425)], [(166, 1000)], [167])
    assert judge(ROW, [(100, 300), (306, 420)], sight, BOUNDS).wrongs == []


def test_a_scenario_that_did_not_happen_proves_nothing() -> None:
    """Where nobody was ever late, no alert is no good news."""
    stopped, healthy = replace(ROW, group="stopped"), replace(ROW, group="steady")
    assert untried([stopped, healthy], {stopped: [], healthy: []}) == [
        "never true: KafkaConsumerLagHigh orders.v1 stopped"
    ]
    assert untried([stopped], {stopped: TRUTH}) == []


def test_what_must_happen_is_in_the_story() -> None:
    """A name that is misspelled would ask for nothing."""
    rows = story(LONG).rows
    assert {(alert, name) for alert, names in HAPPENS.items() for name in names} == {
        (row.alert, row.group or row.topic) for row in rows if happens(row)
    }


def test_an_alert_of_which_no_row_tells_is_a_stranger() -> None:
    """Whether it fired, or only the pager heard of it."""
    name, other = (ROW.alert, ROW.topic, ROW.group), ("KafkaSurprise", "orders.v1", "")
    assert strangers([ROW], {name: RIGHT, other: RIGHT}) == ["KafkaSurprise orders.v1 "]
    assert strangers([ROW], {name: RIGHT, other: Sight(raw=[(1, 2)])}) == []


def test_a_hole_in_the_scrapes_is_waited_for_now_and_as_long_ago_as_a_rule_looks() -> None:
    """An alert can begin with the next scrape only."""
    scrapes = [0, 5, 10, 30, 35, *range(100, 1000, 5)]
    assert Bounds(scrapes, 1, 5, 1000).late(12) == 18 + 1 + 5 + 1
    assert Bounds(scrapes, 1, 5, 1000).late(132) == 5 + 1 + 5 + 1
    assert Bounds(scrapes, 1, 5, 1000, looks=[120]).late(132) == 18 + 1 + 5 + 1
