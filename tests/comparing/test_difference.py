"""Renderings are compared by what alerts and dashboards are."""

from __future__ import annotations

import json

import pytest

from provisioner import comparing
from provisioner.comparing import NotRenderedError
from tests.comparing.renderings import ORIGINS, board, difference, rule, rules, said


def test_another_layout_of_files_and_groups_is_no_difference() -> None:
    """Nor is another spelling of the same YAML or JSON."""
    before = {"prod/rules/one.yml": rules(rule("a"), rule("b")), "prod/a.json": board("a", {"Lag": "s"})}
    spread = {"prod/x/two.yaml": json.dumps({"groups": [{"name": "g", "rules": [rule("b")]}]})}
    spread |= {
        "prod/three.yml": rules(rule("a")),
        "prod/d/z.json": json.dumps(json.loads(before["prod/a.json"]), indent=4),
    }
    assert difference(before, spread).tallies == ()
    assert difference(before, spread).compared == {"alert": 2, "dashboard": 1}


def test_what_a_group_says_of_its_rules_counts() -> None:
    """An interval is felt by every alert in it."""
    assert said({"r.yml": rules(rule("a"))}, {"r.yml": rules(rule("a"), interval="1m")}) == [
        "consumer_lag: group.interval none -> 1m, 1 alert, 1 team"
    ]


def test_namesakes_are_paired_with_their_equals_first() -> None:
    """Two alerts that differ in their expressions alone: one of them changed."""
    before = {"r.yml": rules(rule("a", expr="one"), rule("a", expr="two"))}
    after = {"r.yml": rules(rule("a", expr="two"), rule("a", expr="three"))}
    (tally,) = difference(before, after).tallies
    (count,) = tally.fields.values()
    assert (tally.total.changed, tally.total.new, tally.total.gone) == (1, 0, 0)
    assert list(count.example.diff()) == ["- one", "+ three"]


def test_only_tags_that_some_alert_calls_are_teams() -> None:
    """A dashboard's other tags are anything."""
    board_of_a = {"prod/a.json": board("a", {"Lag": "s"})}
    (tally,) = difference({}, board_of_a).tallies
    assert tally.teams == set()
    alerts = {"r.yml": rules(rule("a"))}
    (tally,) = difference(alerts, {**alerts, **board_of_a}).tallies
    assert tally.teams == {"payments"}


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("a.yml", b"\xff"),
        ("a.yml", b"groups: [\n"),
        ("a.yml", b"hello"),
        ("a.yml", b"groups: 1"),
        ("a.yml", b"groups: [{rules: [1]}]"),
        ("a.yml", b"groups: [{name: a}]"),
        ("a.yml", b"groups: [{rules: [{expr: up}]}]"),
        ("a.yml", b"groups: &a [*a]"),
        ("a.yml", b"groups: [{rules: [{alert: a, labels: [b]}]}]"),
        ("a.yml", b"groups: " + b"[" * 50_000),
        ("a.json", b"{"),
        ("a.json", b"[" * 50_000),
        ("a.json", b"[]"),
        ("a.json", b'{"title": "no uid"}'),
        ("a.json", b'{"uid": 7}'),
    ],
)
def test_what_no_version_renders_is_said_to_be_none(name: str, raw: bytes) -> None:
    """It is neither skipped nor equal to anything, and breaks nothing."""
    with pytest.raises(NotRenderedError):
        list(comparing.pieces(name, raw, ORIGINS))


@pytest.mark.parametrize("panels", [None, 7, [1, None, "a"], [{"title": {"a": 1}}], {"a": 1}])
def test_panels_of_any_shape_are_compared(panels: object) -> None:
    """Whatever JSON has there."""
    strange, usual = json.dumps({"uid": "a", "panels": panels}), json.dumps({"uid": "a"})
    for before, after in ((strange, usual), (usual, strange)):
        assert said({"prod/a.json": before}, {"prod/a.json": after})[0].startswith("topic: ")
