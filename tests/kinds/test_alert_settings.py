"""What people set of alerts: who may say it for whom, what it changes, and what of it a plan says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from provisioner.catalog import folder as files
from provisioner.checks import Context as CheckContext
from provisioner.checks import alerts as checks
from provisioner.kinds import ALERTS, alert_settings
from provisioner.kinds.alert_set import Rule
from provisioner.kinds.kind import Context
from provisioner.kinds.rendering import Rendering, profile_of
from provisioner.kinds.template_context import topic_context
from provisioner.profiles import Profiles
from provisioner.templates import Templates, load, read
from tests import declared
from tests.templates.authors import folder

OFF = "is switched off (alert_settings)"
HOLD = {"consumer_lag": {"hold": "7m"}}
MINE = """name: mine
scope: topic
summary: Mine.
needs: [log_end]
parameters:
  most: {type: number, default: 3}
  tale: {type: text, default: one}
  skew: {type: number, default: 2, field: skew}
rule: {alert: KafkaMine, expr: "sum(<< metric.log_end >>) > << most * skew >>", annotations: {summary: << tale >>}}
"""


def made(alert: str, templates: Templates | None = None, **how: Any) -> Rule:
    """The rule of that name, about the group where there is one."""
    found = declared.sets(declared.catalog(consumers=how.pop("consumers", declared.BILLING), **how), templates)
    rules = [rule for alerts in found.values() for rule in alerts.rules if rule["alert"] == alert]
    return next((rule for rule in rules if "consumer_group" in rule["labels"]), rules[0])


def teams(**settings: Any) -> dict[str, Any]:
    return {name: {**team, "alert_settings": settings.get(name, {})} for name, team in declared.TEAMS.items()}


LEVELS: list[dict[str, Any]] = [
    {"alert_settings": {"consumer_lag": {"hold": "1m"}}},
    {"teams": teams(finance={"consumer_lag": {"hold": "2m30s"}})},
    {"topics": {**declared.ORDERS, "alert_settings": {"consumer_lag": {"hold": "3m"}}}},
    {"consumers": {**declared.BILLING, "alert_settings": {"consumer_lag": {"hold": "4m"}}}},
]


@pytest.mark.parametrize(("count", "hold"), list(enumerate(["2m", "1m", "2m30s", "3m", "4m"])))
def test_the_more_special_level_wins(count: int, hold: str) -> None:
    """Built-in < cluster < the team that is called < topic < consumer."""
    how = {word: value for level in LEVELS[:count] for word, value in level.items()}
    assert made("KafkaConsumerLagHigh", **how)["for"] == hold


def test_levels_merge_parameter_by_parameter() -> None:
    """Who sets a severity leaves the other settings alone."""
    topic = {**declared.ORDERS, "alert_settings": {"consumer_lag": {"severity": "info"}}}
    found = made("KafkaConsumerLagHigh", alert_settings=HOLD, topics=topic)
    assert (found["for"], found["labels"]["severity"]) == ("7m", "info")


def test_the_team_that_owns_the_topic_sets_nothing_of_anothers_alert() -> None:
    """But of its own, about the topic."""
    own = {"consumer_lag": {"hold": "9m"}, "metrics_missing": {"hold": "9m"}}
    assert made("KafkaConsumerLagHigh", teams=teams(payments=own))["for"] == "2m"
    assert made("KafkaMetricsMissing", teams=teams(payments=own))["for"] == "9m"


def test_a_severity_that_is_set_replaces_that_of_the_template_but_not_of_the_cluster() -> None:
    """A cluster that never pages never does."""
    settings = {"metrics_missing": {"severity": "page"}}
    silent = {"type": "files", "folder": "x", "severity": "info"}
    assert made("KafkaMetricsMissing", alert_settings=settings)["labels"]["severity"] == "page"
    assert made("KafkaMetricsMissing", alert_settings=settings, alerts=silent)["labels"]["severity"] == "info"


def test_an_alert_that_is_switched_off_is_not_made_and_the_plan_says_for_how_many() -> None:
    """Three are named."""
    topics: list[Mapping[str, Any]] = [{"name": f"t{at}.v1"} for at in range(5)]
    readers: list[Mapping[str, Any]] = [{"topic": f"t{at}.v1", "group": "g"} for at in range(5)]
    settings = {"consumer_lag": {"enabled": False}, "exporter_missing": {"enabled": False}}
    catalog = declared.catalog(topics, readers, alert_settings=settings, team="payments")
    rules = [rule for alerts in declared.sets(catalog).values() for rule in alerts.rules]
    assert not any(rule["alert"] == "KafkaExporterMissing" for rule in rules)
    assert not any(rule["alert"] == "KafkaConsumerLagHigh" and "consumer_group" in rule["labels"] for rule in rules)
    assert list(ALERTS.remarks(catalog, Context(declared.shipped()))) == [
        f"the alert consumer_lag {OFF} for 5 consumers: g on t0.v1, g on t1.v1, g on t2.v1 and 2 more",
        f"the alert exporter_missing {OFF} for 1 cluster: prod",
    ]


@pytest.mark.parametrize("layout", ["readable", "compact"])
def test_the_name_of_a_group_stays_as_it_is(layout: str) -> None:
    """By it the series are found, blanks at its end and all."""
    place = {"type": "files", "folder": "x", "layout": layout}
    found = made("KafkaConsumerLagHigh", consumers={**declared.BILLING, "group": " g "}, alerts=place)
    assert found["labels"]["consumer_group"] == " g "


@pytest.mark.parametrize(
    ("template", "name", "wrong"),
    [
        ("many_consumers_late", "share", 9_000_000_000_000_000_000),
        ("many_consumers_late", "teams", -3),
        ("consumer_retention_risk", "share", 0),
        ("partition_skew", "least", -1),
    ],
)
def test_a_number_out_of_bounds_replaces_nothing(template: str, name: str, wrong: float) -> None:
    """It would be an error of the template, in the alerts of every topic."""
    shipped = declared.shipped().alerts[template]
    assert alert_settings.parameters(shipped, {template: {name: wrong}}) == {}
    assert alert_settings.parameters(shipped, {template: {name: 1}}) == {name: 1}


@pytest.mark.parametrize("wrong", [5, "soon", True, "5201w", "0s"])
def test_what_does_not_fit_changes_nothing(wrong: Any) -> None:
    """A check tells of it; the rules stay whole."""
    assert made("KafkaConsumerLagHigh", alert_settings={"consumer_lag": {"hold": wrong}})["for"] == "2m"


def test_a_template_of_ones_own_is_set_alike(tmp_path: Path) -> None:
    """Its numbers, its texts; and its field comes from the declaration."""
    templates = load(folder(tmp_path, mine=MINE))
    topic = {**declared.ORDERS, "skew": 4, "alert_settings": {"mine": {"most": 5, "tale": "two {{ x }}"}}}
    found = made("KafkaMine", templates, topics=topic)
    assert found["expr"].endswith("> 20")
    assert found["annotations"]["summary"] == 'two {{ "{" }}{{ "{" }} x }}'
    alerts = {rule["alert"] for each in declared.sets(declared.catalog(), templates).values() for rule in each.rules}
    assert "KafkaMine" not in alerts


def test_a_parameter_is_no_field_that_does_not_exist(tmp_path: Path) -> None:
    """Nor one of another scope."""
    for field, scope in (("skewness", "topic"), ("expect_progress_within", "topic"), ("skew", "consumer")):
        text = MINE.replace("field: skew", f"field: {field}").replace("scope: topic", f"scope: {scope}")
        (problem,) = load_wrong(folder(tmp_path, mine=text))
        assert problem.message == f"there is no field {field!r}"


def load_wrong(place: Path) -> Any:
    return read(place).wrong


@pytest.mark.parametrize("count", [0, 1])
def test_settings_alone_move_what_a_topic_is_known_by(count: int) -> None:
    """And a version that knows more fields than the last moves nothing: what nobody declared is in no digest."""
    catalog = declared.catalog(alert_settings=HOLD if count else {})
    rendering = Rendering.of(catalog.cluster, profile_of(catalog, Profiles()), (), declared.shipped())
    here = topic_context(catalog, profile_of(catalog, Profiles()), catalog.topics["orders.v1"])
    assert (here.ingredients is here.topic) == (count == 0)
    assert rendering.digests(here.ingredients).declared
    for word in ("expect_traffic_within", "throughput", "skew", "retention="):
        assert word not in repr(here.topic)


def test_a_runbook_is_the_teams_own_or_the_alerts_page() -> None:
    """Without an address of pages there is none."""
    files = {"type": "files", "folder": "x", "runbooks": "https://wiki.example.com/alerts/"}
    page = "https://wiki.example.com/alerts/KafkaConsumerLagHigh.md"
    assert made("KafkaConsumerLagHigh", alerts=files)["annotations"]["runbook_url"] == page
    assert made("KafkaMetricsMissing", alerts=files)["annotations"]["runbook_url"].endswith("/payments")
    assert "runbook_url" not in made("KafkaConsumerLagHigh")["annotations"]


@pytest.mark.parametrize(("word", "count"), [("  ", 1), ("page", 0)])
def test_a_blank_severity_is_none(tmp_path: Path, word: str, count: int) -> None:
    """Prometheus drops such a label, and no route has it."""
    (tmp_path / "clusters.yaml").write_text(
        f"clusters: {{p: {{bootstrap: 'k:1', alert_settings: {{consumer_lag: {{severity: '{word}'}}}}}}}}"
    )
    context = CheckContext((), files.read(tmp_path), declared.shipped())
    assert len(list(checks.settings(context))) == count


def test_a_setting_of_a_template_that_is_broken_is_no_problem_of_its_own(tmp_path: Path) -> None:
    """One that nobody has is."""
    found = read(folder(tmp_path, mine=MINE.replace("summary: Mine.", "")))
    assert found.wrong
    for name, count in (("mine", 0), ("mean", 1)):
        place = tmp_path / name
        (place / "pay").mkdir(parents=True)
        (place / "clusters.yaml").write_text(
            f"clusters: {{p: {{bootstrap: 'k:1', alert_settings: {{{name}: {{a: 1}}}}}}}}"
        )
        context = CheckContext((), files.read(place), found)
        assert len(list(checks.settings(context))) == count


@pytest.mark.parametrize(
    ("teams_late", "expected"), [(4, None), (5, ">= 5"), (25, ">= 5"), (26, ">= 6"), (200, ">= 40")]
)
def test_many_are_five_teams_and_a_fifth_of_all(teams_late: int, expected: str | None) -> None:
    """With fewer than five there is no such alert."""
    names = ["payments", *(f"t{at}" for at in range(teams_late - 1))]
    fleet = {name: {"chat": f"#{name}"} for name in [*names, "finance"]}
    catalog = declared.catalog(teams=fleet, team="payments")
    found = declared.sets(replace(catalog, teams=frozenset(names)))["cluster prod"].rules
    rules = [rule["expr"] for rule in found if rule["alert"] == "KafkaManyConsumersLate"]
    assert [text.split("\n")[-1].strip() for text in rules] == ([expected] if expected else [])
