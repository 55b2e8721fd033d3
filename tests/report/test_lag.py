"""A table that stays readable, whatever names there are and however many."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provisioner.lag.judgement import Row, Share, State
from provisioner.lag.threshold import Threshold
from provisioner.line import Style
from provisioner.report import lag, terminal
from provisioner.report.lag import Look


def row(group: str, state: State = State.READ, topic: str = "orders.v1") -> Row:
    return Row(
        group, topic, Threshold(600, "payments", "#pay"), True, state, why="no answer" * (state is State.UNKNOWN)
    )


@pytest.mark.parametrize(("verbose", "shown"), [(False, lag.MOST_ROWS), (True, 1000)])
def test_of_many_rows_the_worst_are_shown_and_all_are_counted(verbose: bool, shown: int) -> None:
    told = [line.plain for line in lag.lines(Look("prod", "id", [row(f"g{at:04}") for at in range(1000)]), verbose)]
    assert sum("orders.v1" in line for line in told) == shown
    assert any("800 more" in line for line in told) is not verbose
    assert told[-1] == "Lag: 1000 with nothing unread."


def test_of_many_groups_that_cannot_be_placed_a_few_are_named() -> None:
    look = Look("prod", "id", unplaced={f"g{at}": f"no right to describe group g{at}" for at in range(12)})
    told = [line.plain for line in lag.lines(look, verbose=False)]
    assert sum("whether group" in line for line in told) == lag.MOST_UNPLACED
    assert "? of 7 more groups that is not known either" in told


def test_names_neither_move_a_cursor_nor_widen_the_table_without_end() -> None:
    """A long one is whole, and only its own line is wider."""
    evil, long = row("a\x1b[2J\nb"), row("x" * 250)
    text = terminal.text(lag.lines(Look("prod", "id", [evil, long, row("billing")]), verbose=False))
    assert "\x1b" not in text
    assert len(text.splitlines()) == 6
    assert [len(line) > 200 for line in text.splitlines()] == [False, False, False, True, False, False]


@pytest.mark.parametrize(
    ("state", "sign", "style"),
    [(State.LATE, "!", Style.ALARM), (State.UNKNOWN, "?", Style.UNKNOWN), (State.READ, " ", Style.PLAIN)],
)
def test_the_first_sign_says_how_bad_it_is(state: State, sign: str, style: Style) -> None:
    line = list(lag.lines(Look("prod", "id", [row("billing", state)]), verbose=False))[2]
    assert (line.text, line.style) == (sign, style)


@pytest.mark.parametrize(("ms", "oldest"), [(0, "1970-01-01T00:00:00.000+00:00"), (1_800_000_000_000_000, None)])
def test_a_time_that_no_calendar_has_loses_no_document(ms: int, oldest: str | None) -> None:
    """A producer writes microseconds; the others' rows are right all the same."""
    late = replace(row("billing"), shares=(Share(0, 5, None, oldest=ms),))
    (cluster,) = lag.document([Look("prod", "id", [late, row("audit")])])["clusters"]
    assert [one["group"] for one in cluster["groups"]] == ["billing", "audit"]
    assert cluster["groups"][0]["partitions"][0]["oldest"] == oldest


def test_nobody_at_all_is_said() -> None:
    assert [line.plain for line in lag.lines(Look("prod"), verbose=False)] == ["cluster prod", "Lag: nobody reads."]
