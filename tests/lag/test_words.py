"""Spans of time as people read them, and sentences for what is rare."""

from __future__ import annotations

import pytest

from provisioner.lag import words
from provisioner.lag.judgement import Row, Share, State
from provisioner.lag.reading import Log
from provisioner.lag.threshold import Threshold


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (3.44, "3.4s"),
        (9.96, "10s"),
        (59.9, "59s"),
        (60, "1m"),
        (760, "12m40s"),
        (3600, "1h"),
        (3605, "1h"),
        (90061, "1d1h"),
        (86400 + 60, "1d"),
    ],
)
def test_a_span_has_its_two_largest_units(seconds: float, text: str) -> None:
    assert words.span(seconds) == text


def share(**more: object) -> Share:
    return Share(**{"partition": 0, "committed": 3, "log": Log(0, 9), **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "shares", "more", "text"),
    [
        (State.LATE, (share(unread=6, age=700.0),), {"connected": False}, "later than its limit, no member connected"),
        (
            State.LATE,
            (share(age=700.0), share(partition=4, why="w")),
            {},
            "later than its limit, partition 4 is not known: w",
        ),
        (State.UNKNOWN, (share(why="a"), share(why="b")), {}, "unknown: partition 0 is not known (and 1 more): a"),
        (State.BEHIND, (share(age=7.0, open=True),), {}, "not late, waits for an open transaction"),
        (State.READ, (share(),), {"connected": False}, "nothing unread (6 offsets left that hold no message)"),
        (State.READ, (share(committed=9, deleted=2),), {}, "nothing unread, 2 deleted unread"),
        (State.NEVER, (), {"declared": True}, "never committed"),
        (
            State.READ,
            (share(committed=9), share(committed=None, unread=9)),
            {"declared": False},
            "nothing unread, never committed on 1 of 2 partitions, which hold 9 messages, in no file",
        ),
    ],
)
def test_a_row_is_said_in_words(state: State, shares: tuple[Share, ...], more: dict[str, object], text: str) -> None:
    row = Row(
        **{"group": "g", "topic": "t", "threshold": Threshold(300, "x"), "declared": True, "state": state, **more}
    )  # type: ignore[arg-type]
    assert words.state(Row(row.group, row.topic, row.threshold, row.declared, state, shares, 0, row.connected)) == text


@pytest.mark.parametrize(
    ("each", "text"),
    [
        (share(committed=None), "never committed, log 0 to 9"),
        (share(log=None, why="no answer"), "unknown: no answer"),
        (
            share(unread=6, age=70.0, open=True),
            "committed 3, log 0 to 9: 6 unread, the oldest 1m10s old (of an open transaction)",
        ),
        (share(), "committed 3, log 0 to 9: 0 unread (6 offsets left that hold no message)"),
    ],
)
def test_a_partition_is_said_in_words(each: Share, text: str) -> None:
    assert words.share(each) == text
