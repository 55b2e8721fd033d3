"""docs/alerts.md and docs/templates.md say all there is, and their examples work as printed."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

from provisioner.catalog import catalog, folder
from provisioner.kinds import template_context, template_values
from provisioner.profiles import NAMES, named
from provisioner.profiles.metric import SHAPES
from provisioner.templates import Scope, Templates
from provisioner.templates.filters import FILTERS
from provisioner.templates.header import AlertFile, ExampleConsumer, ExampleTopic
from provisioner.templates.loading import alert, dashboard
from provisioner.templates.rules import RULE_TEXTS
from provisioner.templates.source import Source
from tests import declared

ROOT = Path(__file__).parents[2]
ALERTS = (ROOT / "docs/alerts.md").read_text("utf-8")
TEMPLATES = (ROOT / "docs/templates.md").read_text("utf-8")
KINDS = "yaml|json"
BLOCKS = [block for page in (ALERTS, TEMPLATES) for block in re.findall(rf"```({KINDS})\n(.*?)```", page, re.DOTALL)]


def dashboard_names() -> dict[str, Any]:
    made = declared.catalog(consumers=declared.BILLING)
    return template_context.topic_context(made, named("kafka_exporter"), made.topics["orders.v1"]).for_dashboard()


@pytest.mark.parametrize("name", declared.shipped().alerts)
def test_every_shipped_alert_is_described(name: str) -> None:
    """The template by its name, the alert by its own."""
    rows = [line for line in ALERTS.split("\n") if f"| `{name}` |" in line]
    assert len(rows) == 1
    (told,) = re.findall(r"`(Kafka\w+)`", rows[0])
    assert f"alert: {told}\n" in declared.shipped().alerts[name].source.text


HEADINGS = ["What it means", "What to look at first", "What to do", "What it cannot see"]
NAMES_OF_ALERTS = sorted(
    {
        name
        for template in declared.shipped().alerts.values()
        for name in re.findall(r"^  alert: (\w+)$", template.source.text, re.MULTILINE)
    }
)
PAGES = ROOT / "docs/alerts"


@pytest.mark.parametrize("name", NAMES_OF_ALERTS)
def test_every_alert_has_a_page_that_is_its_runbook(name: str) -> None:
    """Under its very name, since links are made of it; with something below each of four headings."""
    text = (PAGES / f"{name}.md").read_text("utf-8")
    parts = re.split(r"^## (.*)\n", text, flags=re.MULTILINE)
    assert parts[0].startswith(f"# {name}\n")
    assert parts[1::2][:4] == HEADINGS
    assert all(part.strip() for part in parts[2::2])
    templates = [each for each in declared.shipped().alerts.values() if f"  alert: {name}\n" in each.source.text]
    assert all(f"`{template.name}`" in parts[0] for template in templates)


def test_no_page_is_about_an_alert_that_does_not_exist() -> None:
    """Nor does one speak of another that does not."""
    assert sorted(path.stem for path in PAGES.iterdir()) == NAMES_OF_ALERTS
    for path in PAGES.iterdir():
        assert set(re.findall(r"Kafka[A-Z]\w+", path.read_text("utf-8"))) <= set(NAMES_OF_ALERTS)


def test_no_alert_is_described_that_is_not_shipped() -> None:
    """Nor one under another name."""
    shipped = "\n".join(template.source.text for template in declared.shipped().alerts.values())
    assert {name for name in re.findall(r"`(Kafka\w+)`", ALERTS) if f"alert: {name}\n" not in shipped} == set()


@pytest.mark.parametrize("word", [*FILTERS, *SHAPES, *Scope, *AlertFile.model_fields, *RULE_TEXTS])
def test_every_word_of_a_template_is_described(word: str) -> None:
    """Filters, metrics, scopes, the fields of the header and the parts of a rule."""
    assert f"`{word}`" in TEMPLATES


@pytest.mark.parametrize("field", [*ExampleTopic.model_fields, *ExampleConsumer.model_fields])
def test_every_field_of_an_example_is_described(field: str) -> None:
    """Of its topic and of its consumer."""
    (row,) = [line for line in TEMPLATES.split("\n") if line.startswith("| `example` |")]
    assert f"`{field}`" in row


def test_every_label_and_annotation_is_described() -> None:
    """What Alertmanager's routes and messages can use."""
    topic = {**declared.ORDERS, "dead_letter": "orders.v1.dlq"}
    made = declared.sets(declared.catalog(topic, declared.BILLING)).values()
    rules = [rule for alerts in made for rule in alerts.rules]
    words = {name for rule in rules for part in ("labels", "annotations") for name in rule[part]}
    assert len(words) >= 10
    assert {word for word in words if f"`{word}`" not in ALERTS} == set()


def test_every_name_of_a_topic_is_described() -> None:
    """And of its team and consumers: all that a template can ask of them."""
    words = {
        field.name
        for made in (template_values.Topic, template_values.Team, template_values.Consumer, template_values.Cluster)
        for field in fields(made)
    }
    words |= set(dashboard_names())
    assert {word for word in words if f"`{word}`" not in TEMPLATES} == set()


def test_every_profile_is_named() -> None:
    """A cluster chooses one."""
    assert {name for name in NAMES if f"`{name}`" not in ALERTS} == set()


@pytest.mark.parametrize(("kind", "text"), BLOCKS)
def test_every_example_is_what_it_says_it_is(kind: str, text: str) -> None:
    """YAML or JSON."""
    assert json.loads(text) if kind == "json" else yaml.safe_load(text)


def test_the_example_of_an_alert_works() -> None:
    """For every profile, under the name in its first line."""
    (text,) = [text for _, text in BLOCKS if text.startswith("# alert_templates/")]
    path = text.split("\n")[0].removeprefix("# ")
    template, problems = alert(Source(path, text))
    assert problems == []
    assert template
    for profile in NAMES:
        made = declared.catalog(metrics={"profile": profile})
        ((rule,),) = [found.rules for found in declared.sets(made, Templates({template.name: template}, {})).values()]
        promql_parser.parse(rule["expr"])


def test_the_example_of_a_dashboard_works() -> None:
    """It is a template without a fault."""
    ((_, text),) = [block for block in BLOCKS if block[0] == "json"]
    template, problems = dashboard(Source("topic.json", text))
    assert problems == []
    assert template
    made = template.render(dashboard_names())
    assert [panel["title"] for panel in made["panels"]] == ["Produced a second", "Lag of billing"]
    assert [panel["id"] for panel in made["panels"]] == [1, 2]
    for panel in made["panels"]:
        promql_parser.parse(panel["targets"][0]["expr"].replace("$__rate_interval", "1m"))


def test_the_examples_of_declarations_are_valid(tmp_path: Path) -> None:
    """The files of topics and consumers, as printed."""
    files = {text.split("\n")[0].removeprefix("# topics/"): text for _, text in BLOCKS if text.startswith("# topics/")}
    assert len(files) == 4
    # What the page shows of a cluster is one line of it.
    for name, text in {**files, "clusters.yaml": 'clusters: {prod: {bootstrap: "kafka:9092"}}'}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    declarations = folder.read(tmp_path)
    made, problems = catalog.catalogs(declarations)
    assert [problem for problem in declarations.problems if "team.yaml" not in problem.message] == problems == []
    assert list(made["prod"].topics) == ["orders.v1", "orders.v1.dlq"]
