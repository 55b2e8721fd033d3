"""The example in each shipped template's header, rendered for every profile that has its metrics."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import promql_parser
import pytest

from provisioner.catalog.model import Catalog
from provisioner.kinds import rule_files
from provisioner.kinds.alert_set import AlertSet, Rule
from provisioner.kinds.alerts import own_name
from provisioner.profiles import NAMES, named
from provisioner.templates import Scope, Template, Templates
from tests import declared

CASES = [
    pytest.param(template, profile, id=f"{template.name}-{profile}")
    for template in declared.shipped().alerts.values()
    for profile in NAMES
    if not named(profile).lacks(template.needs)
]
UNBRIDGED = re.compile(r"\}(?!\[)")
_QUERY = re.compile(r'{{ with query ("(?:[^"\\]|\\.)*") }}')


def example(template: Template, profile: str) -> Catalog:
    """The header's example as people would declare it; that of a cluster has as many teams as its alert counts."""
    written = template.source.yaml[0].data["example"]
    topic = {**declared.ORDERS, "config": {"retention.ms": "7d"}, **written.get("topic", {})}
    if served := topic.pop("dead_letter_of", None):
        topic |= {"name": served, "dead_letter": topic["name"]}
    consumers = [{"topic": topic["name"], **written["consumer"]}] if "consumer" in written else []
    metrics, settings = {"profile": profile, "matchers": {"cluster": "prod"}}, {"many_consumers_late": {"teams": 1}}
    return declared.catalog(topic, consumers, team="payments", metrics=metrics, alert_settings=settings)


def rendered(template: Template, profile: str) -> Rule:
    """The rule of the example's own topic."""
    made = declared.sets(example(template, profile), Templates({template.name: template}, {}))
    (rule,) = made[own_name("prod") if template.scope is Scope.CLUSTER else template.example.topic.name].rules
    return rule


def queries(rule: Rule) -> list[str]:
    """PromQL inside of annotations, as Go reads it."""
    return [json.loads(text) for said in rule["annotations"].values() for text in _QUERY.findall(said)]


def test_every_shipped_template_can_be_had_with_every_shipped_profile() -> None:
    """But for these. If a profile comes that lacks a metric, say here which templates it cannot have."""
    lacking = {
        (template.name, profile)
        for template in declared.shipped().alerts.values()
        for profile in NAMES
        if named(profile).lacks(template.needs)
    }
    no_start = ("consumer_partition_unread", "consumer_retention_risk", "dead_letter", "messages_lost")
    assert lacking == {(template, "redpanda") for template in no_start}


@pytest.mark.parametrize(("template", "profile"), CASES)
def test_its_expression_is_promql(template: Template, profile: str) -> None:
    """The expression, and each query of an annotation."""
    rule = rendered(template, profile)
    asked = queries(rule)
    assert len(asked) == len(template.queries.block.constant if template.queries else ())
    for text in (rule["expr"], *asked):
        promql_parser.parse(text)


@pytest.mark.parametrize(("template", "profile"), CASES)
def test_every_selector_bridges_the_holes_of_scrapes(template: Template, profile: str) -> None:
    """Or one failed scrape ends an alert, or begins its waiting anew."""
    rule = rendered(template, profile)
    for text in (rule["expr"], *queries(rule)):
        assert "}" in text
        assert not UNBRIDGED.search(text)


@pytest.mark.parametrize(("template", "profile"), CASES)
def test_it_has_what_every_alert_has(template: Template, profile: str) -> None:
    """Labels to route by and texts to read, spelled alike for every template and profile."""
    rule = rendered(template, profile)
    group = {"consumer_group"} if template.scope is Scope.CONSUMER else set()
    topic = set() if template.scope is Scope.CLUSTER else {"topic"}
    assert set(rule["labels"]) == {"severity", "team", "kafka_cluster"} | topic | group
    assert {"summary", "description", "chat"} | ({"dashboard_url"} if topic else set()) <= set(rule["annotations"])
    assert rule["alert"].startswith("Kafka")


@pytest.mark.promtool
@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed (Debian: prometheus)")
@pytest.mark.parametrize("profile", NAMES)
def test_promtool_has_nothing_against_them(profile: str, tmp_path: Path) -> None:
    """All examples of a profile, with every lint that there is."""
    rules = tuple(rendered(case.values[0], profile) for case in CASES if case.values[1] == profile)  # type: ignore[union-attr]
    assert checked(tmp_path, rules) == (0, f"SUCCESS: {len(rules)} rules found")


@pytest.mark.promtool
@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed (Debian: prometheus)")
@pytest.mark.parametrize("profile", NAMES)
def test_promtool_has_nothing_against_compact_ones(profile: str, tmp_path: Path) -> None:
    """Two topics and three lags, every alert on."""
    asked = {"expect_traffic_within": "1h", "throughput": {"drop": "50%", "rise": "300%"}, "skew": 2}
    topics = [
        {**declared.ORDERS, **asked, "config": {"retention.ms": "7d"}, "dead_letter": "orders.v1.dlq"},
        {"name": "refunds.v1", "lag": "5m"},
    ]
    consumers = [
        {**declared.BILLING, "expect_progress_within": "1h"},
        {"topic": "refunds.v1", "group": "x", "lag": "1h"},
    ]
    place = {"type": "files", "folder": "/rules", "layout": "compact"}
    made = declared.sets(declared.catalog(topics, consumers, metrics={"profile": profile}, alerts=place))
    for name, text in rule_files.pack("prod", made.values()).items():
        (tmp_path / name).write_text(text)
    command = ["promtool", "check", "rules", "--lint=all", "--lint-fatal", *map(str, tmp_path.glob("*.yml"))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "KafkaPartitionSkew" in (tmp_path / rule_files.classes_name("prod")).read_text()


@pytest.mark.promtool
@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed (Debian: prometheus)")
@pytest.mark.parametrize("change", [{"expr": "sum("}, {"annotations": {"summary": "{{ $valu }}"}}])
def test_promtool_would_find_a_wrong_one(change: dict[str, Any], tmp_path: Path) -> None:
    """Or the test above would prove nothing."""
    rule = rendered(declared.shipped().alerts["consumer_lag"], "kminion")
    code, _ = checked(tmp_path, ({**rule, **change},))
    assert code == 1


def checked(place: Path, rules: tuple[Rule, ...]) -> tuple[int, str]:
    """promtool's exit code, and its last line."""
    (text,) = rule_files.pack("prod", [AlertSet("orders.v1", "payments", rules)]).values()
    (place / "rules.yml").write_text(text)
    command = ["promtool", "check", "rules", "--lint=all", "--lint-fatal", str(place / "rules.yml")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout.strip().split("\n")[-1].strip()
