"""Rules as they are rendered: two of one name and equal labels are one alert for whoever hears of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioner import checks
from provisioner.checks.rules import same_alert
from provisioner.kinds import trial
from provisioner.problem import Severity, Span
from provisioner.templates import Templates, load
from tests.declared import BILLING, ORDERS, catalog, shipped
from tests.templates.authors import folder

TEMPLATE = "name: NAME\nscope: topic\nsummary: x\nrule: {alert: ALERT, expr: vector(1), labels: {kind: KIND}}\n"


def template(name: str, alert: str = "KafkaMine", kind: str = "some") -> str:
    return TEMPLATE.replace("NAME", name).replace("ALERT", alert).replace("KIND", kind)


def doubled(templates: Templates) -> list[tuple[str, str, Span]]:
    """What is doubled, what is said beside it, and where."""
    declared = catalog([ORDERS, {"name": "refunds.v1"}], BILLING)
    rendered = trial.rendered(declared, templates)
    assert rendered.problems == {}
    problems = list(same_alert(checks.Context((declared,), templates=templates), rendered.alerts))
    assert {problem.severity for problem in problems} <= {Severity.WARNING}
    return [(problem.message.split("'")[1], problem.hint, problem.span) for problem in problems]


def test_no_two_shipped_rules_are_one_alert() -> None:
    """Also where a consumer is declared beside all other groups, whose alert has the same name."""
    assert doubled(shipped()) == []


@pytest.mark.parametrize("second", [template("two", kind="other"), template("two", alert="KafkaOther")])
def test_a_name_or_a_label_tells_rules_apart(second: str, tmp_path: Path) -> None:
    """One of them is enough."""
    assert doubled(load(folder(tmp_path, one=template("one"), two=second))) == []


def test_two_rules_that_are_one_alert_are_told_once_for_all_topics(tmp_path: Path) -> None:
    """At the name in a template of one's own, with the template that has it, too."""
    ((alert, hint, span),) = doubled(load(folder(tmp_path, one=template("one"), two=template("two"))))
    assert (alert, span) == ("KafkaMine", Span(str(tmp_path / "one.yaml"), 4, 15, 9))
    assert hint.endswith("(template two)")


def test_a_shipped_template_is_not_the_one_to_mend(tmp_path: Path) -> None:
    """Whatever the order of the names."""
    own = TEMPLATE.replace("kind: KIND", "severity: warning").replace("ALERT", "KafkaMetricsMissing")
    ((alert, hint, span),) = doubled(load(folder(tmp_path, zone=own.replace("NAME", "zone"))))
    assert (alert, span.path) == ("KafkaMetricsMissing", str(tmp_path / "zone.yaml"))
    assert hint.endswith("(template metrics_missing)")


def test_a_name_that_an_expression_gives_is_told_at_the_cluster(tmp_path: Path) -> None:
    """Which of the templates gave it nobody knows."""
    named = [template(name, alert="'Kafka<< topic.team.name >>'") for name in ("one", "two")]
    ((alert, _, span),) = doubled(load(folder(tmp_path, one=named[0], two=named[1])))
    assert (alert, Path(span.path).name) == ("Kafkapayments", "clusters.yaml")
