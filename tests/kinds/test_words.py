"""Alerts and dashboards in words: what differs, for whom, and nothing hidden behind something else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from provisioner.kinds import ALERTS, DASHBOARDS, alert_words, panel_words
from provisioner.kinds.alert_set import AlertSet, Rule
from provisioner.kinds.board_file import Dashboard
from provisioner.line import Style
from provisioner.problem import Span
from provisioner.reconcile.change import Action, Change
from provisioner.reconcile.model import Key


def rule(group: str = "billing", expr: str = "x offset 5m > 1", lag: str | None = "5m", **how: Any) -> Rule:
    labels = {"consumer_group": group, "team": "finance", "severity": "page", **how.pop("labels", {})}
    annotations = {"chat": "#finance", **({"lag": lag} if lag else {}), **how.pop("annotations", {})}
    return {"alert": "High", "expr": expr, "for": "2m", "labels": labels, "annotations": annotations, **how}


def alerts(*rules: Rule, topic: str = "orders.v1", team: str = "payments", loaded: bool = True) -> AlertSet:
    return AlertSet(topic, team, rules, loaded)


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (rule(), []),
        (rule(expr="x offset 1h > 1", lag="1h"), ["billing (finance, page): lag 5m -> 1h"]),
        (rule(expr="x offset 1h > 9", lag="1h"), ["billing (finance, page): lag 5m -> 1h, expression"]),
        (rule(expr="x offset 9m > 1"), ["billing (finance, page): expression"]),
        (rule(**{"for": "5m"}), ["billing (finance, page): for 2m -> 5m"]),
        (rule(labels={"severity": "ticket"}), ["billing (finance, ticket): severity page -> ticket"]),
        (rule(labels={"team": "ads"}), ["billing (ads, page): team finance -> ads"]),
        (rule(annotations={"chat": "#f"}), ["billing (finance, page): chat #finance -> #f"]),
        (rule(annotations={"runbook_url": "https://x"}), ["billing (finance, page): runbook_url (none) -> https://x"]),
        (rule(annotations={"note": "n" * 99}), ["billing (finance, page): note"]),
        (rule(labels={"for": "label"}), ["billing (finance, page): label for (none) -> label"]),
    ],
)
def test_a_changed_alert_is_told_in_words_with_the_team_that_is_paged(after: Rule, words: list[str]) -> None:
    assert alert_words.changed(alerts(rule()), alerts(after)) == words


def test_a_long_row_of_digits_is_looked_at_once() -> None:
    """From each of its ends it took minutes: half a million of them had to be tried with each other."""
    before, after = (rule(lag=lag, annotations={"note": "1" * 500_000 + f"x {lag}"}) for lag in ("5m", "6m"))
    assert alert_words.changed(alerts(before), alerts(after)) == ["billing (finance, page): lag 5m -> 6m"]


def test_a_rule_without_a_written_lag_had_one_all_the_same() -> None:
    """An earlier version wrote it."""
    words = alert_words.changed(alerts(rule(lag=None)), alerts(rule()))
    assert words == ["billing (finance, page): lag (not known) -> 5m"]


def test_equal_differences_of_several_rules_are_one_line() -> None:
    two = [rule("a"), rule("b"), rule("c", labels={"team": "ads"})]
    other = [rule(one["labels"]["consumer_group"], labels=one["labels"], annotations={"chat": "#x"}) for one in two]
    assert alert_words.changed(alerts(*two), alerts(*other)) == [
        "a, b (finance, page): chat #finance -> #x",
        "c (ads, page): chat #finance -> #x",
    ]


def test_rules_that_come_and_go_are_named_with_their_team() -> None:
    """Declared lags first; two alerts of one group by their own names."""
    after = alerts(rule(), rule("g9"), rule("g9", alert="Higher"), rule("g9", lag=None, alert="A"))
    assert alert_words.coming(alerts(rule()), after) == [
        "High g9 (finance, page): lag 5m",
        "Higher g9 (finance, page): lag 5m",
        "A g9 (finance, page)",
    ]
    assert alert_words.going(alerts(rule()), None) == ["billing (finance, page): lag 5m"]


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [("skew", "2", "2.5"), ("drop", "50%", "60%"), ("expect_traffic_within", "1h", "1d"), ("retention", "7d", "3d")],
)
def test_another_threshold_is_told_once(name: str, before: str, after: str) -> None:
    """Not by the expression and the texts that follow from it."""
    was, now = (
        rule(lag=None, expr=f"x > {value.strip('%')} / 100", annotations={name: value, "summary": f"above {value}"})
        for value in (before, after)
    )
    assert alert_words.changed(alerts(was), alerts(now)) == [
        f"High billing (finance, page): {name} {before} -> {after}"
    ]
    assert alert_words.coming(None, alerts(now)) == [f"High billing (finance, page): {name} {after}"]


def test_other_alerts_of_a_group_follow_its_lag_in_silence() -> None:
    """But for what is no duration in them, and for another group's."""

    def lost(value: str, least: int = 1, group: str = "billing") -> Rule:
        return rule(group, f"x offset {value} > {least}", None, alert="Lost")

    moved = ["billing (finance, page): lag 5m -> 1h"]
    before = alerts(rule(), lost("5m"))
    assert alert_words.changed(before, alerts(rule(lag="1h"), lost("1h"))) == moved
    assert alert_words.changed(before, alerts(rule(lag="1h"), lost("1h", 2))) == [
        *moved,
        "Lost billing (finance, page): expression",
    ]
    other = alerts(rule(), lost("5m", group="b")), alerts(rule(lag="1h"), lost("1h", group="b"))
    assert alert_words.changed(*other) == [*moved, "Lost b (finance, page): expression"]


def test_new_alerts_of_one_group_and_severity_are_one_item() -> None:
    """One of another severity, or with a threshold, stands by itself."""
    quiet = rule(lag=None, alert="D", labels={"severity": "warning"})
    asked = rule(lag=None, alert="E", annotations={"skew": "2"})
    made = alerts(rule(), *(rule(lag=None, alert=name) for name in "ABC"), quiet, asked)
    assert alert_words.coming(None, made) == [
        "billing (finance, page): lag 5m",
        "A, B, C billing (finance, page)",
        "D billing (finance, warning)",
        "E billing (finance, page): skew 2",
    ]


def test_a_set_that_moves_or_is_not_loaded_says_so() -> None:
    assert alert_words.changed(alerts(team="a", loaded=False), alerts(team="b")) == [
        "the rules move from team a to team b",
        "Prometheus has not confirmed that it loaded them",
    ]


def board(title: str = "t", **panels: Any) -> Dashboard:
    return Dashboard(json.dumps({"title": title, "panels": [{"title": name, **at} for name, at in panels.items()]}))


def test_panels_are_named_that_change_come_and_go() -> None:
    before, after = board(A={"x": 1}, B={}, C={}), board("u", A={"x": 2}, B={}, D={})
    assert panel_words.changed(before, after) == ["panels: A", "new panels: D", "without: C", "besides: title"]


def test_of_many_panels_five_are_named() -> None:
    """Another lag is in most of them; the rest is counted, and shown where all is asked for."""
    for names, told in (("ABCDEFG", "A, B, C, D, E and 2 more"), ("ABCDEF", "A, B, C, D, E, F")):
        before, after = (board(**{name: {"x": value} for name in names}) for value in (1, 2))
        assert panel_words.changed(before, after) == [f"panels: {told}"]


def altered(before: AlertSet | Dashboard | None, after: AlertSet | Dashboard | None) -> Change[Any]:
    action = Action.CREATE if before is None else Action.UPDATE if after else Action.DELETE
    return Change(Key("alerts", "orders.v1"), action, before, after, (), Span("x.yaml"))


def words(made: Change[Any], whole: bool = False) -> list[str]:
    kind: Any = ALERTS if isinstance(made.before or made.after, AlertSet) else DASHBOARDS
    return [line.plain for line in kind.words(made, whole)]


SEVEN = [rule(f"g{number}") for number in range(7)]


def test_of_a_new_topic_a_few_alerts_are_spelled_out() -> None:
    """And all of them where that is asked for."""
    few, all_of_them = words(altered(None, alerts(*SEVEN))), words(altered(None, alerts(*SEVEN)), whole=True)
    assert few[0].endswith("g4 (finance, page): lag 5m; and 2 more")
    assert all_of_them[0].endswith("g6 (finance, page): lag 5m")


def test_a_new_rule_bears_the_style_of_what_comes() -> None:
    line = list(ALERTS.words(altered(alerts(rule()), alerts(rule(), rule("new"))), False))[-1]
    assert (line.plain, line.style) == ("+ alert new (finance, page): lag 5m", Style.ADDED)


@pytest.mark.parametrize(
    ("before", "after", "losses"),
    [
        (None, alerts(rule()), ""),
        (alerts(rule()), alerts(rule(lag="1h")), ""),
        (alerts(rule(), rule("b")), alerts(rule("b")), "goes, while its topic stays: billing (finance, page): lag 5m"),
        (alerts(rule()), None, "goes, while its topic stays: all its alerts: billing (finance, page): lag 5m"),
    ],
)
def test_rules_that_go_are_lost_by_name(before: AlertSet | None, after: AlertSet | None, losses: str) -> None:
    assert ALERTS.losses(altered(before, after)) == losses


def test_a_new_or_deleted_dashboard_needs_no_words() -> None:
    """That its topic is left without one is said, though."""
    assert words(altered(None, board(A={}))) == words(altered(board(A={}), None)) == []
    assert DASHBOARDS.losses(altered(board(A={}), None)) == "goes, while its topic stays: its dashboard"
    assert DASHBOARDS.losses(altered(board(A={}), board(B={}))) == ""


def test_what_differs_is_shown_line_by_line_where_all_is_asked_for() -> None:
    assert words(altered(board(A={"x": 1}), board(A={"x": 2})), whole=True) == [
        "panels: A",
        "  panel.A",
        "    - x: 1",
        "    + x: 2",
    ]
