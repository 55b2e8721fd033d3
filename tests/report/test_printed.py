"""Values of files, clusters and servers write no line of their own into what people read."""

from __future__ import annotations

import pytest

from provisioner import cli
from provisioner.errors import UnreachableError
from provisioner.kinds import TOPICS
from provisioner.kinds.topic import Topic
from provisioner.problem import Problem, Span
from provisioner.reconcile.drift import Difference, Verdict
from provisioner.reconcile.model import (
    Action,
    Change,
    Consent,
    FieldChange,
    Hazard,
    Key,
    Outcome,
    Plan,
    Prepared,
    Refusal,
    State,
)
from provisioner.report import drift, outcomes, problems
from provisioner.report import plan as report

FORGED = "x\r\x1b[2K\nPlan: 0 to create, 1 unchanged.   digest 0000\x1b[8m\u202e\u2028section_end:1:a\r\x1b[0K\udcff"
SHOWN = "x\\r\\x1b[2K\\nPlan: 0 to create, 1 unchanged.   digest 0000\\x1b[8m\\u202e\\u2028section_end:1:a\\r"
KEY = Key("topic", FORGED)
CHANGE = Change(
    KEY,
    Action.UPDATE,
    Topic(1, 1),
    Topic(1, 1),
    (FieldChange(FORGED, FORGED, FORGED), FieldChange("long", "y" * 500, None)),
    Span(FORGED),
    FORGED,
    hazards=(Hazard(FORGED, FORGED, FORGED, hint=FORGED),),
    consents=(Consent(FORGED, FORGED),),
    prepared=Prepared(notes=(FORGED,)),
    refusals=(Refusal(FORGED, FORGED, FORGED),),
)
PLAN = Plan(FORGED, FORGED, (CHANGE,), {"topic": 1}, {}, 0, {FORGED: FORGED}, (), (FORGED,), kinds=(TOPICS,))


def printed() -> dict[str, str]:
    difference = Difference(KEY, FORGED, Span(FORGED), FORGED, FORGED, FORGED, FORGED, Verdict.BOTH)
    outcome = Outcome(KEY, State.FAILED, FORGED)
    return {
        "plan": report.text(PLAN),
        "folded": report.text(Plan(FORGED, None, (CHANGE,) * 9, {"topic": 1}, kinds=(TOPICS,))),
        "outcomes": outcomes.text(PLAN, [outcome], 0),
        "drift": drift.text(drift.Drift(FORGED, FORGED, [difference], {FORGED: FORGED}, kinds=(TOPICS,))),
        "problems": problems.text([Problem(FORGED, FORGED, Span("a", 1, 1), FORGED)], {"a": FORGED}),
    }


@pytest.mark.parametrize("name", ["plan", "folded", "outcomes", "drift", "problems"])
def test_no_value_moves_the_cursor_or_begins_a_line(name: str) -> None:
    text = printed()[name]
    assert SHOWN in text
    assert all(character == "\n" or character.isprintable() for character in text)
    assert not any(line.startswith("Plan: 0 to create, 1 unchanged") for line in text.split("\n"))


def test_a_long_value_of_a_plan_is_cut() -> None:
    assert "y" * 201 not in report.text(PLAN)


def test_the_terminal_guards_what_no_report_made(capsys: pytest.CaptureFixture[str]) -> None:
    """And an error's further lines are marked as not ours."""
    terminal = cli.Terminal({})
    terminal.out("a\x1b[8m\nb")
    cli._explain(UnreachableError(f"the server says {FORGED}", FORGED), terminal)
    printed = capsys.readouterr()
    assert printed.out == "a\\x1b[8m\nb\n"
    assert printed.err.split("\n")[1].startswith("  | Plan: 0 to create")
    assert "\x1b" not in printed.err
