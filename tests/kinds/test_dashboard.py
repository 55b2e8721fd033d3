"""The dashboard of a topic: Grafana can read it, Prometheus can answer it, and no declared value breaks it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import promql_parser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner.catalog.model import Catalog
from provisioner.kinds import DASHBOARDS, dashboard_links
from provisioner.kinds.dashboard import Dashboard
from provisioner.kinds.kind import Context
from provisioner.profiles import NAMES
from provisioner.templates import Templates
from tests.declared import BILLING, ORDERS, catalog, shipped, with_texts
from tests.declared import sets as declared_sets
from tests.templates.authors import board

HARD = 'a"b\\c\n$x ${y} [[z]] {{w}} <b> *m* [l](http://x)'


def drawn(topic: Mapping[str, Any] = ORDERS, consumers: Any = BILLING, **cluster: Any) -> dict[str, Any]:
    return drawn_from(catalog(topic, consumers, **cluster), topic["name"])


def drawn_from(declared: Catalog, topic: str) -> dict[str, Any]:
    resource = DASHBOARDS.wanted(declared, Context(shipped()))[topic].resource
    assert resource
    made: dict[str, Any] = json.loads(resource.text)
    return made


def resource(topic: Mapping[str, Any]) -> Dashboard:
    made = DASHBOARDS.wanted(catalog(topic, BILLING), Context(shipped()))["orders.v1"].resource
    assert made
    return made


def targets(made: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    return (target for panel in made["panels"] for target in panel.get("targets", ()))


def titles(made: Mapping[str, Any]) -> set[str]:
    return {panel["title"] for panel in made["panels"]}


PROFILES = pytest.mark.parametrize("profile", NAMES)


@PROFILES
def test_every_question_is_promql(profile: str) -> None:
    """With Grafana's own variables filled in as Grafana fills them in."""
    made = drawn(metrics={"profile": profile, "matchers": {"cluster": "prod"}})
    asked = [target["expr"] for target in targets(made)]
    assert len(asked) > 10
    for expression in asked:
        promql_parser.parse(expression.replace("$__rate_interval", "1m").replace("$group", ".*"))


@PROFILES
def test_every_selector_bridges_the_holes_of_scrapes(profile: str) -> None:
    """Or a panel is green, or empty, while the alert fires."""
    for target in targets(drawn(metrics={"profile": profile, "matchers": {"cluster": "prod"}})):
        assert not re.search(r"\}(?!\[)", target["expr"])


@PROFILES
def test_grafana_finds_what_it_needs(profile: str) -> None:
    """Ids and references of its own for each panel and target, a place in the grid, the datasource variable."""
    made = drawn(metrics={"profile": profile})
    panels = made["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        place = panel["gridPos"]
        assert 0 <= place["x"] <= 24 - place["w"]
        references = [target["refId"] for target in panel.get("targets", ())]
        assert len(set(references)) == len(references)
        assert panel["title"]
        assert panel.get("targets") or panel["type"] in ("row", "text")
    assert {target["datasource"]["uid"] for target in targets(made)} == {"${datasource}"}
    assert {variable["name"] for variable in made["templating"]["list"]} == {"datasource", "group"}


@PROFILES
def test_no_two_panels_lie_upon_each_other(profile: str) -> None:
    """Cell by cell of the grid."""
    taken: set[tuple[int, int]] = set()
    for panel in drawn(metrics={"profile": profile})["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not taken & cells, panel["title"]
        taken |= cells


@PROFILES
def test_it_shows_what_an_alert_asks_about(profile: str) -> None:
    """Production, consumption, lag in messages and in time, skew of both."""
    assert titles(drawn(metrics={"profile": profile})) >= {
        "Production rate",
        "Consumption rate by group",
        "Lag as time by group",
        "Lag in messages by group",
        "Partition skew by production",
        "Partition skew by consumption",
    }


def test_replication_is_shown_where_the_exporter_knows_it() -> None:
    """KMinion does not."""
    assert "Under-replicated partitions" in titles(drawn())
    assert "Under-replicated partitions" not in titles(drawn(metrics={"profile": "kminion"}))


def test_thresholds_are_drawn_where_the_alerts_fire() -> None:
    """The topic's own in red, a declared consumer's as a line of its own."""
    made = drawn({**ORDERS, "lag": "15m"}, {**BILLING, "lag": "5m"})
    panel = next(panel for panel in made["panels"] if panel["title"] == "Lag as time by group")
    assert [step["value"] for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]] == [None, 900]
    lines = {target["legendFormat"]: target["expr"] for target in panel["targets"][1:]}
    assert lines == {"billing alerts after 5m": "vector(300)"}
    assert "300" in panel["targets"][0]["expr"]
    assert "900" in panel["targets"][0]["expr"]


def test_without_a_lag_alert_there_is_no_threshold_to_draw() -> None:
    """And no panel of what would be too old."""
    made = drawn({**ORDERS, "lag": "none"}, {**BILLING, "lag": "none"})
    assert "Unread and older than the threshold" not in titles(made)
    assert any("switched off" in panel.get("options", {}).get("content", "") for panel in made["panels"])


def test_the_link_of_an_alert_leads_to_it() -> None:
    """By an id that is known before the dashboard exists."""
    assert drawn()["uid"] == dashboard_links.uid("prod", "orders.v1")


@pytest.mark.parametrize("field", ["description", "message"])
def test_no_declared_text_becomes_markup_or_a_variable(field: str) -> None:
    """In the text panel and wherever else it stands, also what no file could bring in."""
    declared = catalog(ORDERS)
    topic: Any = replace(declared.topics["orders.v1"], **{field: HARD})
    made = drawn_from(replace(declared, topics={"orders.v1": topic}), "orders.v1")
    text = json.dumps(made, ensure_ascii=False)
    for variable in (r"\$x", r"\$\{y\}", r"\[\[z\]\]"):
        assert not re.search(variable, text)
    content = made["panels"][0]["options"]["content"]
    assert "<b>" not in content
    assert "[l](" not in content


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=40))
@settings(max_examples=60, deadline=None)
def test_any_group_gives_a_whole_dashboard(group: str) -> None:
    """Its name stands in a legend and in a title, as text."""
    made = drawn_from(with_texts(catalog(ORDERS, BILLING), group=group), "orders.v1")
    assert len(made["panels"]) > 10


def test_equal_declarations_give_equal_text_and_another_lag_another_panel() -> None:
    """A diff of two files shows the panel that changed, and the plan names it."""
    first, second, other = (resource({**ORDERS, "lag": lag}) for lag in ("10m", "10m", "15m"))
    assert first == second
    differing = {name for name, value in first.fields().items() if other.fields().get(name) != value}
    assert "panel.Lag as time by group" in differing
    assert "panel.Production rate" not in differing
    assert len(first.text.splitlines()) > len(json.loads(first.text)["panels"])


@pytest.mark.parametrize("text", ["", "{", "[]", '{"panels": [1]}', "null"])
def test_a_file_that_is_no_dashboard_differs_from_every_one(text: str) -> None:
    """Somebody wrote into it; that is a difference and no crash."""
    assert Dashboard(text).fields()["text"]


def test_an_absent_topic_has_none_to_keep() -> None:
    """Its dashboard goes with it."""
    wanted = DASHBOARDS.wanted(catalog({**ORDERS, "state": "absent"}, []), Context(shipped()))
    assert wanted["orders.v1"].resource is None


VARIABLES = ("$group", "${__user.login}", "[[group]]", "a$", "[", 'a"b\\c[[d')
ASKING = (
    "metric.lag | of(consumer.group)",
    "metric.lag | besides([consumer.group])",
    "metric.lag | on_topic(consumer.group)",
    "metric.committed | of(consumer.group) | ago('1h')",
    "metric.log_end | unread_age(metric.committed | of(consumer.group), [60])",
    "metric.lag | of(consumer.group) | per_second",
)


@PROFILES
@pytest.mark.parametrize("asked", ASKING)
@pytest.mark.parametrize("name", VARIABLES)
def test_no_name_is_a_variable_of_grafana_in_a_metric(profile: str, asked: str, name: str) -> None:
    """Whatever a template asks of a metric; the reader's choice of groups is the only variable."""
    panels = [{"<<each>>": "consumer in topic.consumers", "targets": [{"expr": f"<< {asked} >>"}]}]
    declared = catalog(ORDERS, {**BILLING, "group": name}, metrics={"profile": profile, "matchers": {"site": name}})
    templates = Templates({}, {"topic": board({"panels": panels})})
    made = DASHBOARDS.wanted(declared, Context(templates))["orders.v1"].resource
    assert made
    (panel,) = json.loads(made.text)["panels"]
    text = panel["targets"][0]["expr"].replace('=~"$group"', '=~".*"').replace("$__rate_interval", "1m")
    promql_parser.parse(text)
    assert "$" not in text
    assert "[[" not in text
    assert ("\\x24" in text) == ("$" in name)


def test_an_alert_reads_the_same_names_as_prometheus_does() -> None:
    """Nobody replaces variables there."""
    (made,) = declared_sets(catalog(ORDERS, {**BILLING, "group": "${x}[[y"})).values()
    expressions = [rule["expr"] for rule in made.rules if "consumer_group" in rule["labels"]]
    assert all('consumergroup="${x}[[y"' in text for text in expressions)
    assert len(expressions) == 4


@pytest.mark.parametrize(
    "runbook", ["javascript:alert(1)", "data:text/html,x", "JaVaScRiPt:x", "wiki/kafka", " https://x"]
)
def test_only_an_address_of_the_web_becomes_a_link(runbook: str) -> None:
    """In the text panel it stands as text; among the dashboard's links not at all."""
    made = drawn_from(with_texts(catalog(ORDERS, BILLING), runbook=runbook), "orders.v1")
    assert made["links"] == []
    content = made["panels"][0]["options"]["content"]
    assert "](" not in content
    assert runbook.split(":")[0].strip() in content


def test_an_address_of_the_web_is_a_link_of_the_dashboard() -> None:
    """As it was declared."""
    made = drawn(teams={"payments": {"runbook": "HTTPS://wiki.example.com/a?b=c#d"}, "finance": {}})
    assert made["links"][0]["url"] == "HTTPS://wiki.example.com/a?b=c#d"
    assert "[runbook](HTTPS://wiki.example.com/a?b=c#d)" in made["panels"][0]["options"]["content"]
