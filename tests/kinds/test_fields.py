"""What a plan compares: no part of a resource hides behind another, and no agreement rests on a shortened value."""

from __future__ import annotations

import json
from typing import Any

import pytest

from provisioner.kinds import ALERTS, DASHBOARDS
from provisioner.kinds.alert_set import AlertSet
from provisioner.kinds.board_file import Dashboard
from provisioner.problem import Span
from provisioner.reconcile import diff
from provisioner.reconcile.change import Action, Change
from provisioner.reconcile.model import FieldChange, Key, Observed, Wanted

LONG = "vector(1) > " + "0" * 80


def board(*panels: dict[str, Any]) -> Dashboard:
    return Dashboard(json.dumps({"panels": panels}))


def rules(**how: Any) -> AlertSet:
    return AlertSet("orders.v1", "payments", ({"alert": "A", "expr": "x", **how},))


@pytest.mark.parametrize("changed", [0, 1, 2])
def test_a_change_of_any_panel_is_a_change_though_others_have_its_title(changed: int) -> None:
    """Each of three namesakes has a field of its own."""
    panels = [{"title": "Lag", "id": number} for number in range(3)]
    other = [{**panel, "id": 9} if at == changed else panel for at, panel in enumerate(panels)]
    wanted = Wanted(board(*other), Span("x"))
    made = diff.change(Key("dashboard", "a"), wanted, Observed(board(*panels)), DASHBOARDS)
    assert made
    assert len(made.fields) == 1


@pytest.mark.parametrize("part", ["for", "expr", "keep_firing_for"])
@pytest.mark.parametrize("kind", ["labels", "annotations"])
def test_a_label_named_as_a_part_of_the_rule_hides_it_not(part: str, kind: str) -> None:
    """Both are compared."""
    before, after = (rules(**{part: value, kind: {part: "same"}}) for value in ("1m", "2m"))
    made = diff.change(Key("alerts", "a"), Wanted(after, Span("x")), Observed(before), ALERTS)
    assert made
    assert made.fields == (FieldChange(f"A.{part}", "1m", "2m"),)


def test_rules_of_one_name_are_told_apart() -> None:
    """The second has a number."""
    made = AlertSet("a", "t", ({"alert": "A", "expr": "1"}, {"alert": "A", "expr": "2"}))
    assert {name: made.fields()[name] for name in ("A.expr", "A #2.expr")} == {"A.expr": "1", "A #2.expr": "2"}


def fingerprint(after: Any, fields: tuple[FieldChange, ...]) -> str:
    return Change(Key("alerts", "a"), Action.UPDATE, rules(), after, fields, Span("x")).fingerprint


def test_a_fingerprint_covers_whole_values_and_not_what_the_eye_is_shown() -> None:
    """Two changes whose shortened fields are equal are two changes."""
    shown = (FieldChange("A.expr", "x", "abbd0d6f"),)
    ten, many = rules(expr=f"{LONG} > 10"), rules(expr=f"{LONG} > 999999999")
    assert fingerprint(ten, shown) != fingerprint(many, shown)
    assert len(fingerprint(ten, shown)) == 64
    one, two = (board({"title": "A", "text": f"{LONG}{end}"}) for end in "ab")
    assert fingerprint(one, shown) != fingerprint(two, shown)
