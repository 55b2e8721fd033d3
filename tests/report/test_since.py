"""What was applied lately, as people read it: run by run, and one line for what is alike."""

from __future__ import annotations

from provisioner.kinds.alerts import ALERTS
from provisioner.kinds.topic import TOPICS
from provisioner.reconcile.entry import Stamp
from provisioner.reconcile.model import Key
from provisioner.reconcile.record import Record, Standing
from provisioner.report.since import Row, Since, lines

KINDS = (TOPICS, ALERTS)
FIRST = Stamp(commit="1" * 40, at="2026-11-29T03:07:00.000+00:00", run={"user": "jo"})
SECOND = Stamp(commit="2" * 40, at="2026-11-29T04:07:00.000+00:00", run={"user": "kim", "merge_request": "7"})


def rows(stamp: Stamp, *names: str, owner: str = "pay") -> list[Row]:
    return [Row(Key(kind.name, name), owner, stamp) for name in names for kind in KINDS]


def told(*some: Row) -> list[str]:
    found = Since("prod", "2026-11-29T00:00:00.000+00:00", Record(Standing.KEPT), some, kinds=KINDS)
    return [line.plain for line in lines(found)][1:]


def test_each_run_is_told_once_with_what_it_applied() -> None:
    """The topic, its alerts and its dashboard are one line."""
    assert told(*rows(SECOND, "a"), *rows(FIRST, "b", "c"))[:5] == [
        "2026-11-29T04:07  222222222222, merge request 7, by kim",
        "    topic, alerts a   pay",
        "2026-11-29T03:07  111111111111, by jo",
        "    topic, alerts b   pay",
        "    topic, alerts c   pay",
    ]


def test_thousands_that_one_run_applied_are_one_line() -> None:
    """Counted by kind and by team; two runs are never one."""
    names = [f"t{number:04}" for number in range(2000)]
    shown = told(*rows(SECOND, *names), *rows(FIRST, *names[:6], owner="ads"))
    assert shown == [
        "2026-11-29T04:07  222222222222, merge request 7, by kim",
        "    2000 topics, 2000 alert sets (pay 2000): t0000, t0001, t0002, ... t1999",
        "2026-11-29T03:07  111111111111, by jo",
        "    6 topics, 6 alert sets (ads 6): t0000, t0001, t0002, ... t0005",
        "Applied since: 2006 topics, 2006 alert sets.",
    ]


def test_what_is_not_alike_is_not_folded() -> None:
    """A run that applied alerts alone of one of them."""
    some = rows(FIRST, *(f"t{number}" for number in range(6)))
    shown = told(*some, Row(Key("alerts", "u"), "pay", FIRST))
    assert shown[1:3] == ["    6 topics, 6 alert sets (pay 6): t0, t1, t2, ... t5", "    alerts u   pay"]
