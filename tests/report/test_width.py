"""Output in a narrow terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioner.report import width

SCENARIOS = Path(__file__).parents[1] / "scenarios"
HAZARD = "    ! shorter-retention: records older than 3d become deletable at once, and that is a long sentence"


def test_a_sentence_is_folded_under_itself() -> None:
    """Words stay whole, and the sign stands out."""
    assert width.fitted(HAZARD, 60).split("\n") == [
        "    ! shorter-retention: records older than 3d become",
        "      deletable at once, and that is a long sentence",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "      allow: {more-partitions: 12, shorter-retention: 3d, cleanup-policy: compact, unclean-election: true}",
        '    "reason": "records older than 3d become deletable at once, and that is a long sentence indeed",',
        "        - expr: a - b > 5 and on(topic) (c / d) > 2 and a long line of PromQL that is compared by eye",
    ],
)
def test_what_is_pasted_or_compared_stays_in_one_piece(line: str) -> None:
    """However narrow."""
    assert width.fitted(line, 40) == line


def test_nothing_is_lost_or_changed_but_line_breaks() -> None:
    """Every screenshot we have, at 80 columns and at 200."""
    for path in SCENARIOS.glob("*/expected.txt"):
        text = path.read_text("utf-8")
        text = "\n".join(line for line in text.split("\n") if " | " not in line)
        for columns in (80, 200):
            assert width.fitted(text, columns).split() == text.split()


@pytest.mark.parametrize(
    "line",
    [
        "~ 40 topics alike: fleet-000.v1, fleet-001.v1, fleet-002.v1, ... fleet-039.v1   (--verbose lists them)",
        "Plan: 2 to create, 0 to update, 0 to delete, 0 refused (+ 2 alert sets, 2 dashboards); 0 unchanged.",
        "Applied to prod: 2 topics created, 2 alert sets created, 2 dashboards created; 0.0 s.   digest 0",
        "topics/payments/orders.yaml:4:5: error: the lag of this topic is longer than its retention (lag)",
        "~ topic a.long.name.of.a.topic.v1    payments   topics/payments/a.long.name.yaml:9   with alerts   REFUSED",
        "    config.retention.ms    604800000 (7d) -> 259200000 (3d) and so on and on and on and on and on",
        "    billing (finance, page): lag 5m -> 1h, chat #finance -> #finance-oncall, runbook_url -> (none)",
        "      Raise it with Kafka's own kafka-reassign-partitions, then apply again, as the hint of a hazard says",
        "cluster prod (id 4L6g3nShT-eMCtK--X86sw), last applied c57eca98273a: 214 topics declared, 37 unmanaged",
    ],
)
def test_no_sentence_is_wider_than_its_terminal(line: str) -> None:
    """At 80 columns, at 60, at 40."""
    for columns in (80, 60, 40):
        assert max(map(len, width.fitted(line, columns).split("\n"))) <= columns


LINE = "    5 |   - {name: a.very.long.name, partitions: 5, config: {retention.ms: soon, min.insync.replicas: 2}}"


@pytest.mark.parametrize("columns", [40, 60, 80, 100])
@pytest.mark.parametrize("word", ["name", "partitions", "soon", "2}}"])
def test_an_excerpt_shows_what_its_caret_underlines(word: str, columns: int) -> None:
    """However narrow: what is cut off is at the other end."""
    carets = " " * (LINE.index(word)) + "^" * 2
    carets = "      | " + carets[8:]
    line, below = width.fitted(f"{LINE}\n{carets}", columns).split("\n")
    assert max(len(line), len(below)) <= columns
    assert line[below.index("^") :].startswith(word[:2])


def test_every_word_of_a_message_to_the_terminal_is_kept() -> None:
    """It is folded at blanks alone."""
    text = "error: git knows no such commit, whatever it may be called here\n  = fetch it first, or correct its name"
    assert width.folded(text, 40).split() == text.split()
    assert max(map(len, width.folded(text, 40).split("\n"))) <= 40
