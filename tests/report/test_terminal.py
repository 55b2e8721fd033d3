"""Lines on a terminal: in its width, in colour, and with every character that they have without."""

from __future__ import annotations

import re

import pytest

from provisioner.line import Flow, Line, Part, Style, signed
from provisioner.report import terminal

HAZARD = "! shorter-retention: records older than 3d become deletable at once, and that is a long sentence"


def fitted(line: Line, columns: int) -> list[str]:
    return terminal.shown([line], columns, colour=False).split("\n")


def test_a_sentence_is_folded_under_itself() -> None:
    """Words stay whole, and the sign stands out."""
    assert fitted(Line(HAZARD).indented(4), 60) == [
        "    ! shorter-retention: records older than 3d become",
        "      deletable at once, and that is a long sentence",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "      allow: {more-partitions: 12, shorter-retention: 3d, cleanup-policy: compact, unclean-election: true}",
        "        - expr: a - b > 5 and on(topic) (c / d) > 2 and a long line of PromQL that is compared by eye",
    ],
)
def test_what_is_pasted_or_compared_stays_in_one_piece(text: str) -> None:
    """However narrow."""
    assert fitted(Line(text, flow=Flow.WHOLE), 40) == [text]


@pytest.mark.parametrize(
    "text",
    [
        "~ 40 topics alike: fleet-000.v1, fleet-001.v1, fleet-002.v1, ... fleet-039.v1   (--verbose lists them)",
        "Plan: 2 to create, 0 to update, 0 to delete, 0 refused (+ 2 alert sets, 2 dashboards); 0 unchanged.",
        "    config.retention.ms    604800000 (7d) -> 259200000 (3d) and so on and on and on and on and on",
    ],
)
@pytest.mark.parametrize("columns", [80, 60, 40])
def test_no_sentence_is_wider_than_its_terminal_nor_loses_a_word(text: str, columns: int) -> None:
    rows = fitted(Line(text), columns)
    assert max(map(len, rows)) <= columns
    assert " ".join(rows).split() == text.split()


CHANGE = signed("+", Style.ADDED, "topic REFUSED.v1   payments   x.yaml:1", Part("   "), Part("REFUSED", Style.ALARM))


def test_a_part_alone_has_its_colour() -> None:
    """A topic that is called like an alarm raises none."""
    assert terminal.shown([CHANGE], None, colour=True) == (
        "\x1b[32m+\x1b[0m topic REFUSED.v1   payments   x.yaml:1   \x1b[31;1mREFUSED\x1b[0m"
    )


@pytest.mark.parametrize("columns", [None, 100, 40])
@pytest.mark.parametrize("line", [CHANGE, Line("- old\nnew", Style.REMOVED), Line(HAZARD, Style.ALARM), Line("")])
def test_colour_changes_nothing_else(line: Line, columns: int | None) -> None:
    """Folded or not."""
    coloured = terminal.shown([line], columns, colour=True)
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == terminal.shown([line], columns, colour=False)


def test_a_file_has_neither_colour_nor_folds() -> None:
    """And one line for each."""
    assert terminal.text([CHANGE, Line(HAZARD * 9)]).split("\n") == [CHANGE.plain, HAZARD * 9]


LINE = "    5 |   - {name: a.very.long.name, partitions: 5, config: {retention.ms: soon, min.insync.replicas: 2}}"


@pytest.mark.parametrize("columns", [40, 60, 80, 100])
@pytest.mark.parametrize("word", ["name", "partitions", "soon", "2}}"])
def test_an_excerpt_shows_what_its_caret_underlines(word: str, columns: int) -> None:
    """However narrow: what is cut off is at the other end."""
    carets = "      | " + (" " * LINE.index(word) + "^" * 2)[8:]
    lines = [Line("before"), Line(LINE, flow=Flow.EXCERPT), Line(carets, flow=Flow.CARETS), Line("after")]
    before, line, below, after = terminal.shown(lines, columns, colour=False).split("\n")
    assert (before, after) == ("before", "after")
    assert max(len(line), len(below)) <= columns
    assert line[below.index("^") :].startswith(word[:2])


def test_every_word_of_a_message_to_the_terminal_is_kept() -> None:
    """It is folded at blanks alone."""
    text = "error: git knows no such commit, whatever it may be called here\n  = fetch it first, or correct its name"
    assert terminal.folded(text, 40).split() == text.split()
    assert max(map(len, terminal.folded(text, 40).split("\n"))) <= 40
