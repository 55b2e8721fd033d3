"""What two renderings differ in, in a line a template."""

from __future__ import annotations

from typing import Any

import pytest

from tests.comparing.renderings import board, many, rule, rules, said

FILE = "prod/rules/kafka.yml"
ONE = {FILE: rules(rule("a"), rule("b"))}


def test_ten_thousand_alerts_are_one_line() -> None:
    """By what changed, how many, and how many teams they call."""
    names = [f"t{number}" for number in range(10_000)]
    before, after = many(names), many(names, expr="other")
    assert said({FILE: before}, {FILE: after}) == ["consumer_lag: expression changed, 10,000 alerts, 10,000 teams"]


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"for": "5m"}, "for 2m -> 5m"),
        ({"keep_firing_for": "10m"}, "keep_firing_for none -> 10m"),
        ({"labels": {"severity": "page"}}, "labels: severity none -> page"),
        (
            {"annotations": {"runbook_url": "https://wiki.example.com/a/page/with/a/long/name"}},
            "annotations: runbook_url",
        ),
        ({"expr": "1", "for": "1m", "labels": {"a": "b"}}, "expression changed, for 2m -> 1m, labels: a none -> b"),
    ],
)
def test_each_part_of_an_alert_has_its_words(parts: dict[str, Any], words: str) -> None:
    """A short value that all changed alike is shown."""
    after = {FILE: rules(rule("a", **parts), rule("b", **parts))}
    assert said(ONE, after) == [f"consumer_lag: {words}, 2 alerts, 1 team"]


def test_values_that_did_not_change_alike_are_not_shown_and_fewer_than_all_are_counted() -> None:
    """No value is said of alerts that have another one."""
    after = {FILE: rules(rule("a", **{"for": "5m"}), rule("b", **{"for": "7m", "expr": "up"}))}
    assert said(ONE, after) == ["consumer_lag: expression changed (in 1), for changed, 2 alerts, 1 team"]


def test_alerts_that_come_and_go_are_counted() -> None:
    """Beside those that change, or alone."""
    after = {FILE: rules(rule("a", **{"for": "5m"}), rule("c"), rule("d"))}
    assert said(ONE, after) == ["consumer_lag: for 2m -> 5m, 1 alert, 1 team; 2 new alerts, 1 gone"]
    assert said({}, ONE) == ["consumer_lag: 2 new alerts, 1 team"]
    assert said(ONE, {}) == ["consumer_lag: 2 alerts gone, 1 team"]


def test_templates_of_one_alert_are_told_apart_by_the_consumer_group() -> None:
    """And an alert of no known template goes by its own name."""
    other = {"alert": "KafkaOldAlert", "expr": "up", "labels": {"kafka_cluster": "prod"}}
    after = {FILE: rules(rule("a"), rule("b"), rule("a", group=None), other)}
    assert said(ONE, after) == ["KafkaOldAlert: 1 new alert", "other_consumers_lag: 1 new alert, 1 team"]


def test_a_cluster_is_named_where_not_all_are_concerned() -> None:
    """The label says which it is, whatever folder the file lies in."""
    staging = {"s.yml": rules(rule("a", labels={"kafka_cluster": "staging"}))}
    after = {FILE: rules(rule("a", **{"for": "5m"}), rule("b"))}
    assert said({**ONE, **staging}, {**after, **staging}) == ["consumer_lag: for 2m -> 5m, 1 alert, 1 team on prod"]


def test_panels_are_counted_and_those_that_only_moved_stand_apart() -> None:
    """One that comes pushes down all below it."""
    before = {FILE: rules(rule("a")), "prod/a.json": board("a", {"Lag": "s", "Rate": "cps", "Old": "x"})}
    after = {**before, "prod/a.json": board("a", {"New": "s", "Lag": "s", "Rate": "ops"})}
    assert said(before, after) == ["topic: 1 panel changed, 1 new, 1 gone, 1 moved, 1 dashboard, 1 team"]


def test_dashboards_that_differ_in_how_many_panels_have_a_range() -> None:
    """And what is no panel is named."""
    before = {f"prod/{name}.json": board(name, {"Lag": "s", "Rate": "cps"}) for name in "ab"}
    after = {
        "prod/a.json": board("a", {"Lag": "ms", "Rate": "cps"}, refresh="1m"),
        "prod/b.json": board("b", {"Lag": "ms", "Rate": "ops"}, refresh="1m"),
    }
    assert said(before, after) == ["topic: 1 to 2 panels changed, besides: refresh none -> 1m, 2 dashboards"]


def test_a_name_of_a_file_stays_in_its_line() -> None:
    """Whatever it holds."""
    other = {"alert": "Kafka\nDone: nothing differs", "expr": "up"}
    assert said({}, {FILE: rules(other)}) == ["Kafka\\nDone: nothing differs: 1 new alert"]
