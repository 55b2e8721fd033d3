"""Alerts and dashboards in words: what differs, for whom, and nothing hidden behind something else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from provisioner.kinds.alerts import AlertSet, Rule
from provisioner.kinds.dashboard import Dashboard
from provisioner.problem import Span
from provisioner.reconcile import diff
from provisioner.reconcile.model import Change, Key, Observed, Plan, Wanted
from provisioner.report import alert_words, folding, panel_words, plan


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


def update(topic: str, before: Any, after: Any) -> Change[Any]:
    kind = "alerts" if isinstance(after, AlertSet) else "dashboard"
    want = Wanted(after, Span("x.yaml"), f"team-{len(topic) % 2}")
    made = diff.change(Key(kind, topic), want, Observed(before), lambda *_: ())
    assert made
    return made


def test_a_dashboard_and_a_rule_are_shown_as_a_diff_on_verbose() -> None:
    """Line by line; what the words have told is not repeated."""
    changes = (
        update("a", alerts(rule(expr="x\n> 1")), alerts(rule(expr="x\n> 2", annotations={"chat": "#f"}))),
        update("a", board(A={"x": {"y": "one\ntwo"}}), board(A={"x": {"y": "one\nthree"}})),
    )
    text = plan.text(Plan("prod", None, changes, {"topic": 1}), verbose=True)
    assert "      High billing.expr\n        - > 1\n        + > 2\n" in text
    assert "      panel.A\n        - x.y: two\n        + x.y: three\n" in text
    assert "- #finance" not in text


COUNT = folding.FOLD_BEYOND + 2


def folded(changes: list[Change[Any]]) -> list[str]:
    lines = plan.text(Plan("prod", None, tuple(changes), {"topic": len(changes)})).splitlines()
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
