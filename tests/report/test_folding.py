"""Changes of alerts and dashboards in a plan: as diffs on request, and folded only where nothing differs but names."""

from __future__ import annotations

from typing import Any

import pytest

from provisioner.kinds import ALERTS, DASHBOARDS, KINDS
from provisioner.kinds.alert_set import AlertSet, Rule
from provisioner.problem import Span
from provisioner.reconcile import diff
from provisioner.reconcile.change import Change
from provisioner.reconcile.model import Key, Observed, Wanted
from provisioner.reconcile.plan import Plan
from provisioner.report import folding, plan, terminal
from tests.kinds.test_words import alerts, board, rule


def text(made: Plan, verbose: bool = False) -> str:
    return terminal.text(plan.lines(made, verbose))


ALL = tuple(KINDS.values())


def update(topic: str, before: Any, after: Any) -> Change[Any]:
    kind: Any = ALERTS if isinstance(after, AlertSet) else DASHBOARDS
    want = Wanted(after, Span("x.yaml"), f"team-{len(topic) % 2}")
    made = diff.change(Key(kind.name, topic), want, Observed(before), kind)
    assert made
    return made


def test_a_dashboard_and_a_rule_are_shown_as_a_diff_on_verbose() -> None:
    """Line by line; what the words have told is not repeated."""
    changes = (
        update("a", alerts(rule(expr="x\n> 1")), alerts(rule(expr="x\n> 2", annotations={"chat": "#f"}))),
        update("a", board(A={"x": {"y": "one\ntwo"}}), board(A={"x": {"y": "one\nthree"}})),
    )
    shown = text(Plan("prod", None, changes, {"topic": 1}, kinds=ALL), verbose=True)
    assert "      High billing.expr\n        - > 1\n        + > 2\n" in shown
    assert "      panel.A\n        - x.y: two\n        + x.y: three\n" in shown
    assert "- #finance" not in shown


COUNT = folding.FOLD_BEYOND + 2


def folded(changes: list[Change[Any]]) -> list[str]:
    lines = text(Plan("prod", None, tuple(changes), {"topic": len(changes)}, kinds=ALL)).splitlines()
    return [line for line in lines if line.startswith("~ ")]


def test_changes_that_are_equal_but_for_their_names_are_one_line_with_counts_by_team() -> None:
    """In an expression, in a regular expression, in a text."""
    changes = []
    for number in range(COUNT):
        topic = f"a.{number}" + "x" * (number == 0)
        old = rule(expr=f'm{{topic="{topic}",t=~"{topic.replace(".", chr(92) * 2 + ".")}"}} > 1')
        changes.append(update(topic, alerts(old), alerts({**old, "expr": old["expr"].replace("> 1", "> 2")})))
    assert folded(changes)[0].startswith(f"~ {COUNT} alert sets alike (team-1 {COUNT - 1}, team-0 1): ")


@pytest.mark.parametrize(
    "odd",
    [
        rule(lag="3d", annotations={"chat": "#x"}),
        rule(labels={"severity": "ticket"}, annotations={"chat": "#x"}),
        rule(annotations={"chat": "#x", "note": "n" * 500 + "1"}),
        rule(expr="x > 1", annotations={"chat": "#x"}),
    ],
)
def test_one_that_differs_in_anything_has_a_line_of_its_own(odd: Rule) -> None:
    """A page that is switched off hides in no rename of a chat room."""
    before, after = alerts(rule()), alerts(rule(annotations={"chat": "#x"}))
    changes = [update(f"t{number}", before, after) for number in range(COUNT)]
    shown = folded([*changes, update("z", before, alerts(odd))])
    assert [line.split()[1:3] for line in shown] == [[str(COUNT), "alert"], ["alerts", "z"]]


def test_a_name_is_masked_only_as_a_whole_word() -> None:
    """Topics named 5 and 1 with lags of 5m and 1m are not alike."""
    changes = [
        update(str(at), alerts(rule(lag="9m", expr="x")), alerts(rule(lag=f"{at}m", expr=f"x offset {at}m")))
        for at in range(1, COUNT + 1)
    ]
    assert len(folded(changes)) == COUNT


def test_dashboards_that_differ_in_the_lines_that_change_are_not_alike() -> None:
    """What stays as it was may differ."""
    alike = [update(f"t{n}", board(A={"d": f"d{n}", "x": 1}), board(A={"d": f"d{n}", "x": 2})) for n in range(COUNT)]
    unlike = [update(f"t{n}", board(A={"x": 1}), board(A={"x": n + 2})) for n in range(COUNT)]
    assert (len(folded(alike)), len(folded(unlike))) == (1, COUNT)


def test_a_line_counts_no_more_than_eight_of_many_teams() -> None:
    """Those that have the most; two hundred of them would be pages."""
    owners = [f"team-{number:03}" for number in range(200)]
    shown = folding.by_team([*owners, "team-150", ""])
    assert shown.startswith(" (team-150 2, team-000 1, team-001 1, ")
    assert shown.endswith(", team-006 1, 192 more teams)")
    assert folding.by_team(owners[:9]).endswith(", team-008 1)")
