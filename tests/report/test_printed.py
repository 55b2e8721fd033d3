"""Values of files, clusters and servers write no line of their own into what people read."""

from __future__ import annotations

import json

import pytest

from provisioner import cli
from provisioner.errors import UnreachableError
from provisioner.kinds import TOPICS
from provisioner.kinds.topic_spec import TopicSpec
from provisioner.problem import Problem, Span
from provisioner.reconcile.change import Action, Change
from provisioner.reconcile.drift import Difference, Verdict
from provisioner.reconcile.model import Consent, FieldChange, Hazard, Key, Prepared, Refusal
from provisioner.reconcile.outcome import Outcome, State
from provisioner.reconcile.plan import Plan
from provisioner.report import formats, terminal
from provisioner.report import plan as report
from provisioner.report.drift import Drift
from provisioner.report.results import Applied, Drifts, Plans, Problems, Result

FORGED = "x\r\x1b[2K\nPlan: 0 to create, 1 unchanged.   digest 0000\x1b[8m\u202e\u2028section_end:1:a\r\x1b[K\udcff\x7f"
SHOWN = "x\\r\\x1b[2K\\nPlan: 0 to create, 1 unchanged.   digest 0000\\x1b[8m\\u202e\\u2028section_end:1:a\\r"
KEY = Key("topic", FORGED)
CHANGE = Change(
    KEY,
    Action.UPDATE,
    TopicSpec(1, 1),
    TopicSpec(1, 1),
    (FieldChange(FORGED, FORGED, FORGED), FieldChange("long", "y" * 500, None)),
    Span(FORGED),
    FORGED,
    hazards=(Hazard(FORGED, FORGED, FORGED, hint=FORGED),),
    consents=(Consent(FORGED, FORGED),),
    prepared=Prepared(notes=(FORGED,)),
    refusals=(Refusal(FORGED, FORGED, FORGED),),
)
PLAN = Plan(FORGED, FORGED, (CHANGE,), {"topic": 1}, {}, 0, {FORGED: FORGED}, (), (FORGED,), kinds=(TOPICS,))


DIFFERENCE = Difference(KEY, FORGED, Span(FORGED), FORGED, FORGED, FORGED, FORGED, Verdict.BOTH)
OUTCOME = Outcome(KEY, State.FAILED, FORGED)
FOLDED = Plan(FORGED, None, (CHANGE,) * 9, {"topic": 1}, kinds=(TOPICS,))

RESULTS: dict[str, Result] = {
    "plan": Plans([PLAN], 0),
    "folded": Plans([FOLDED], 0),
    "outcomes": Applied(PLAN, [OUTCOME], 0, 0),
    "drift": Drifts([Drift(FORGED, FORGED, [DIFFERENCE], {FORGED: FORGED}, kinds=(TOPICS,))], 0),
    "problems": Problems([Problem(FORGED, FORGED, Span("a", 1, 1), FORGED)], {"a": FORGED}, 1),
}


@pytest.mark.parametrize("name", RESULTS)
@pytest.mark.parametrize("columns", [None, 100_000])
def test_no_value_moves_the_cursor_or_begins_a_line(name: str, columns: int | None) -> None:
    """Neither in a file nor on a terminal."""
    text = terminal.shown(formats.lines(RESULTS[name]), columns, colour=False)
    assert text == formats.FORMATS["text"](RESULTS[name])
    assert SHOWN in text
    assert all(character == "\n" or character.isprintable() for character in text)
    assert not any(line.startswith("Plan: 0 to create, 1 unchanged") for line in text.split("\n"))


@pytest.mark.parametrize("name", RESULTS)
def test_json_is_json_whatever_it_says(name: str) -> None:
    """And no character of it moves a cursor: the one that JSON would leave as it is (DEL) is spelled out, too."""
    text = formats.FORMATS["json"](RESULTS[name])
    assert text is not None
    assert all(character == "\n" or character.isprintable() for character in text)
    assert json.loads(text)["format_version"] == (2 if name in ("plan", "folded") else 1)


def test_a_long_value_of_a_plan_is_cut() -> None:
    assert "y" * 201 not in terminal.text(report.lines(PLAN))


def test_the_terminal_guards_what_no_report_made(capsys: pytest.CaptureFixture[str]) -> None:
    """An error's further lines are marked as not ours."""
    cli._explain(UnreachableError(f"the server says {FORGED}", FORGED), cli.Terminal({}))
    printed = capsys.readouterr()
    assert printed.err.split("\n")[1].startswith("  | Plan: 0 to create")
    assert "\x1b" not in printed.err
