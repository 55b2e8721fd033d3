"""The rules of a topic: which there are, who is told by which labels, and that no value can break them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import promql_parser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner.catalog.destinations import AlertFolder
from provisioner.errors import InputError
from provisioner.kinds import ALERTS, DASHBOARDS
from provisioner.kinds.alert_set import AlertSet, Rule
from provisioner.kinds.kind import Context
from provisioner.profiles import NAMES, named
from provisioner.reconcile import engine
from provisioner.reconcile.lanes import Lane
from provisioner.reconcile.model import Key
from provisioner.templates import load
from tests import declared
from tests.memory import MemoryStore
from tests.templates.authors import folder

DLQ = "orders.v1.dlq"
OWN = ["KafkaMetricsMissing", "KafkaConsumerLagHigh"]
GONE = "KafkaConsumerGroupGone billing"
READER = [
    GONE,
    "KafkaConsumerLagHigh billing",
    "KafkaConsumerPartitionUnread billing",
    "KafkaMessagesLost billing",
]
ABOUT_STARTS = READER[2:]
SECOND = {"topic": "orders.v1", "group": "auditing", "lag": "1h", "severity": "info"}
HOSTILE = ['{{ "x" }}', '"', "\\", "$labels.x", "a\nb", "}}", "{", "`", "{{/*", "'", "\t", "<< x >>", "é\u2028"]


def titles(rules: tuple[Rule, ...]) -> list[str]:
    """Each rule's name, with its group if it has one."""
    return [" ".join([rule["alert"], *rule["labels"].get("consumer_group", "").split()]) for rule in rules]


def rule(title: str, **how: Any) -> Rule:
    """The one rule of that name; the group behind it if it is about one."""
    found = declared.rules(declared.catalog(**how))
    return found[titles(found).index(title)]


@pytest.mark.parametrize(
    ("topic", "consumers", "expected"),
    [
        ({}, [], OWN),
        ({}, [declared.BILLING], [*READER, *OWN]),
        ({"lag": "none"}, [], OWN[:1]),
        (
            {"lag": "none"},
            [{**declared.BILLING, "lag": "5m"}],
            [*READER, OWN[0]],
        ),
        ({}, [{**declared.BILLING, "lag": "none"}], [GONE, *OWN]),
        ({"lag": "none"}, [declared.BILLING], [GONE, OWN[0]]),
        ({"state": "external"}, [declared.BILLING], [*READER, *OWN]),
        ({"state": "absent"}, [], []),
    ],
)
@pytest.mark.parametrize("profile", NAMES)
def test_a_topic_has_these_rules(
    profile: str, topic: dict[str, Any], consumers: list[Any], expected: list[str]
) -> None:
    """By what is declared of it, for every profile alike; what is about deleted messages needs a log's start."""
    made = declared.catalog({**declared.ORDERS, **topic}, consumers, metrics={"profile": profile})
    cannot = ABOUT_STARTS if named(profile).lacks(["log_start"]) else ()
    assert titles(declared.rules(made)) == [title for title in expected if title not in cannot]


def test_a_dead_letter_topic_has_an_alert_of_its_own() -> None:
    """Beside those that every topic has."""
    made = declared.catalog({**declared.ORDERS, "dead_letter": DLQ})
    assert titles(declared.rules(made)) == OWN
    assert titles(declared.rules(made, DLQ)) == ["KafkaDeadLetterReceived", *OWN]


def test_each_group_has_its_own_threshold() -> None:
    """And the others have the topic's."""
    found = declared.rules(
        declared.catalog({**declared.ORDERS, "lag": "20m"}, [{**declared.BILLING, "lag": "5m"}, SECOND])
    )
    offsets = {
        title: re.findall(r"offset (\S+)\)\)", one["expr"]) for title, one in zip(titles(found), found, strict=True)
    }
    assert offsets["KafkaConsumerLagHigh billing"] == ["5m"]
    assert offsets["KafkaConsumerLagHigh auditing"] == ["1h"]
    assert offsets["KafkaConsumerLagHigh"] == ["20m"]


@pytest.mark.parametrize(("lag", "window"), [("1h", "5m"), ("10m", "5m"), ("4m", "2m"), ("3m", "1m30s")])
def test_the_window_is_half_of_the_lag_and_five_minutes_at_most(lag: str, window: str) -> None:
    """A wider one would page for a silent exporter."""
    found = rule("KafkaConsumerLagHigh billing", consumers={**declared.BILLING, "lag": lag})
    assert set(re.findall(r"\[(\w+)\]", found["expr"])) == {window}


def test_groups_that_are_declared_are_no_others() -> None:
    """Nor are people who look into a topic with Kafka's console consumer."""
    text = rule("KafkaConsumerLagHigh", consumers=[declared.BILLING, {**SECOND, "group": "a.b"}])["expr"]
    assert 'consumergroup!~"billing|a\\\\.b|console-consumer-.*"' in text


def test_a_consumers_alert_is_its_own_teams() -> None:
    """Team, severity, room and runbook of the team that runs it, not of the topic's owner."""
    found = rule("KafkaConsumerLagHigh billing", consumers=declared.BILLING)
    assert found["labels"] == {
        "consumer_group": "billing",
        "kafka_cluster": "prod",
        "severity": "ticket",
        "team": "finance",
        "topic": "orders.v1",
    }
    assert found["annotations"]["chat"] == "#finance"
    assert "runbook_url" not in found["annotations"]


@pytest.mark.parametrize(
    ("title", "severity"),
    [
        ("KafkaConsumerLagHigh billing", "ticket"),
        ("KafkaConsumerGroupGone billing", "ticket"),
        ("KafkaConsumerLagHigh auditing", "info"),
        ("KafkaConsumerLagHigh", "warning"),
        ("KafkaMetricsMissing", "warning"),
    ],
)
def test_severity_is_the_consumers_the_teams_or_a_warning(title: str, severity: str) -> None:
    """A cluster's own replaces them all: a test cluster never pages."""
    readers = [declared.BILLING, SECOND]
    assert rule(title, consumers=readers)["labels"]["severity"] == severity
    calm = {"type": "files", "folder": "/rules", "severity": "calm"}
    assert rule(title, consumers=readers, alerts=calm)["labels"]["severity"] == "calm"


@pytest.mark.parametrize("profile", NAMES)
def test_labels_and_annotations_are_spelled_alike_for_every_profile(profile: str) -> None:
    """Alertmanager's routes need not know the exporter."""
    topic = {**declared.ORDERS, "dead_letter": DLQ}
    made = declared.sets(declared.catalog(topic, declared.BILLING, metrics={"profile": profile}))
    for found in made.values():
        for one in found.rules:
            assert {"kafka_cluster", "severity", "team", "topic"} <= set(one["labels"])
            assert set(one["labels"]) <= {"kafka_cluster", "severity", "team", "topic", "consumer_group"}
            link = set() if named(profile).lacks(["log_start"]) else {"dashboard_url"}
            assert {"summary", "description", "chat", *link} <= set(one["annotations"])
            assert one["labels"]["topic"] == found.topic


def test_no_template_can_name_another_topic_or_team(tmp_path: Path) -> None:
    """Routing would fail in silence; but a template chooses its severity, and adds labels."""
    text = (
        "name: mine\nscope: topic\nsummary: x\nrule:\n  alert: A\n  expr: vector(1)\n"
        "  labels: {topic: x, team: x, kafka_cluster: x, severity: mine, more: m}\n"
        "  annotations: {chat: mine, empty: '<< \"\" >>', none: << none >>}\n"
    )
    made = declared.sets(declared.catalog(), load(folder(tmp_path, mine=text)))["orders.v1"].rules
    (own,) = [one for one in made if one["alert"] == "A"]
    fixed = {"topic": "orders.v1", "team": "payments", "kafka_cluster": "prod"}
    assert own["labels"] == {**fixed, "severity": "mine", "more": "m"}
    assert own["annotations"]["chat"] == "mine"
    assert not {"empty", "none"} & set(own["annotations"])


def test_there_is_no_link_and_no_room_where_none_is_declared() -> None:
    """No empty annotation either."""
    found = rule("KafkaConsumerLagHigh", dashboards=None, teams={"payments": {}, "finance": {}})
    assert set(found["annotations"]) == {"summary", "description", "lag"}


@pytest.mark.parametrize("value", HOSTILE)
def test_a_teams_texts_reach_the_reader_as_they_are(value: str) -> None:
    """Prometheus executes annotations and labels: no action of a value is run."""
    made = declared.with_texts(declared.catalog(), chat=value, runbook=value)
    calm = replace(made.cluster, alerts=AlertFolder("/rules", severity=value))
    rules = declared.rules(replace(made, cluster=calm))
    found = rules[titles(rules).index("KafkaMetricsMissing")]
    told = [found["annotations"]["chat"], found["annotations"]["runbook_url"], found["labels"]["severity"]]
    assert [_executed(text) for text in told] == [value.rstrip()] * 3


@given(
    group=st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=20)
    | st.sampled_from(HOSTILE)
)
@settings(max_examples=60, deadline=None)
def test_no_name_of_a_group_breaks_a_rule(group: str) -> None:
    """Its rules are PromQL, and say the group as it is."""
    made = declared.with_texts(declared.catalog(declared.ORDERS, declared.BILLING), group=group)
    found = declared.rules(made)
    for one in found:
        promql_parser.parse(one["expr"])
    lag = next(one for one in found if one["alert"] == "KafkaConsumerLagHigh" and "consumer_group" in one["labels"])
    assert _executed(lag["labels"]["consumer_group"]) == group
    assert _executed(lag["annotations"]["summary"]).startswith(group)


def _executed(text: str) -> str:
    """What Go's templates print: only the one action that we write ourselves may be there."""
    rest = text.replace('{{ "{" }}', "")
    assert "{{" not in rest
    return text.replace('{{ "{" }}', "{")


def test_one_wrong_template_is_told_once_and_all_wrong_ones_together(tmp_path: Path) -> None:
    """Not once for each of ten thousand topics, all of which are held back."""
    text = "name: NAME\nscope: topic\nsummary: x\nrule: {alert: A, expr: << topic.nmae >>}\n"
    templates = load(folder(tmp_path, a=text.replace("NAME", "a"), b=text.replace("NAME", "b")))
    wanted = ALERTS.wanted(declared.catalog([{"name": "x.v1"}, {"name": "y.v1"}]), Context(templates))
    made = engine.plan("prod", [Lane(ALERTS, wanted, MemoryStore[Any]())])
    assert [Path(problem.span.path).name for problem in made.wrong] == ["a.yaml", "b.yaml"]
    assert (made.changes, {key.name for key in made.held_back}) == ((), {"x.v1", "y.v1"})


def test_a_template_whose_condition_is_false_is_no_rule(tmp_path: Path) -> None:
    """`<<when>>` at the top of a rule."""
    text = 'name: mine\nscope: topic\nsummary: x\nrule: {"<<when>>": topic.external, alert: A, expr: x}\n'
    templates = load(folder(tmp_path, mine=text))
    made = declared.sets(declared.catalog([{"name": "a.v1"}, {"name": "b.v1", "state": "external"}]), templates)
    assert ["A" in titles(found.rules) for found in made.values()] == [False, True]


def test_a_profile_without_its_metrics_leaves_a_template_out(tmp_path: Path) -> None:
    """KMinion has no leaders; the other alerts stay."""
    text = "name: mine\nscope: topic\nsummary: x\nneeds: [leader]\nrule: {alert: A, expr: << metric.leader >>}\n"
    templates = load(folder(tmp_path, mine=text))
    for profile, has in (("kafka_exporter", True), ("kminion", False)):
        made = declared.sets(declared.catalog(metrics={"profile": profile}), templates)["orders.v1"].rules
        assert ("A" in titles(made)) is has


def test_an_unknown_profile_is_a_problem_with_its_place() -> None:
    """And the known ones are listed."""
    with pytest.raises(InputError) as error:
        declared.sets(declared.catalog(metrics={"profile": "burrow"}))
    (problem,) = error.value.problems
    assert (problem.span.line, "kafka_exporter" in problem.hint) == (1, True)


def test_alerts_wait_for_their_topic_and_go_with_it() -> None:
    """A topic that is to go has none."""
    made = ALERTS.wanted(declared.catalog({"name": "a.v1", "state": "absent"}), Context(declared.shipped()))
    assert made["a.v1"].resource is None
    assert made["a.v1"].members == {"a.v1": Key("topic", "a.v1")}


def test_fields_show_what_a_reviewer_needs() -> None:
    """Short parts as they are, long ones by their digest, each rule under its own title."""
    (found,) = declared.sets(declared.catalog(consumers=declared.BILLING)).values()
    fields = found.fields()
    assert fields["team"] == "payments"
    assert fields["KafkaConsumerLagHigh billing.for"] == "2m"
    assert fields["KafkaConsumerLagHigh.severity"] == "warning"
    assert re.fullmatch("[0-9a-f]{16}", fields["KafkaConsumerLagHigh billing.expr"])


def test_two_rules_of_one_name_are_two_in_the_fields() -> None:
    """Nothing is hidden by another rule."""
    one = {"alert": "A", "expr": "x", "labels": {"topic": "t"}}
    fields = AlertSet("t", "pay", (one, {**one, "expr": "y"})).fields()
    assert (fields["A.expr"], fields["A #2.expr"]) == ("x", "y")


def test_two_sets_differ_in_their_fields_where_they_differ() -> None:
    """A change of any one part is seen."""
    made = declared.catalog(consumers=declared.BILLING)
    (found,) = declared.sets(made).values()
    for at, one in enumerate(found.rules):
        for part in one:
            changed = {**one, part: {**one[part], "topic": "?"} if isinstance(one[part], dict) else one[part] + "?"}
            other = AlertSet(found.topic, found.team, (*found.rules[:at], changed, *found.rules[at + 1 :]))
            assert other.fields() != found.fields(), part


def test_what_an_alert_is_made_of_is_known_before_it_is_made() -> None:
    """Its declaration, its team, its consumers, the template and the metrics; never where they stand in the files."""
    plain = inputs([{"name": "a.v1"}])
    assert inputs([{"name": "a.v1"}]) == plain
    assert inputs([{"name": "zero.v1"}, {"name": "a.v1"}]) == plain
    changed = [
        inputs([{"name": "a.v1", "lag": "1h"}]),
        inputs([{"name": "a.v1"}], {"topic": "a.v1", "group": "billing"}),
        inputs([{"name": "a.v1"}], metrics={"profile": "kminion"}),
        inputs([{"name": "a.v1"}], metrics={"matchers": {"site": "x"}}),
    ]
    assert len({plain, *changed}) == 5


def inputs(topics: list[dict[str, Any]], *more: Any, **cluster: Any) -> str:
    return ALERTS.wanted(declared.catalog(topics, *more, **cluster), Context(declared.shipped()))["a.v1"].inputs


def test_another_text_of_a_template_is_another_ingredient(tmp_path: Path) -> None:
    """A comment, too: nobody can tell what it means to a reader."""
    text = "name: mine\nscope: topic\nsummary: x\nrule: {alert: A, expr: x}\n"
    found = [
        ALERTS.wanted(declared.catalog([{"name": "a.v1"}]), Context(load(folder(tmp_path, mine=each))))["a.v1"].inputs
        for each in (text, text, text + "# more\n")
    ]
    assert [found[0] == found[1], found[1] == found[2]] == [True, False]


@pytest.mark.parametrize(("written", "made"), [("page", "warning"), ("info", "info"), ("warning", "warning")])
@pytest.mark.parametrize("profile", [name for name in NAMES if not named(name).is_run])
def test_an_exporter_on_which_nobody_saw_the_alerts_work_wakes_nobody(profile: str, written: str, made: str) -> None:
    """Whatever the consumer says; and the plan says so."""
    consumer = {**declared.BILLING, "severity": written}
    catalog = declared.catalog(consumers=[consumer], metrics={"profile": profile})
    rules = {title: rule["labels"]["severity"] for title, rule in declared.sets(catalog)["orders.v1"].titled().items()}
    assert rules["KafkaConsumerLagHigh billing"] == made
    assert set(rules.values()) <= {made, "warning"}
    remarks = list(ALERTS.remarks(catalog, Context(declared.shipped())))
    assert f"profile {profile} is known from documents alone: its alerts have severity warning at most" in remarks


def test_what_a_profile_cannot_give_is_said() -> None:
    """Redpanda does not say where a log begins."""
    catalog = declared.catalog(metrics={"profile": "redpanda"})
    remarks = list(ALERTS.remarks(catalog, Context(declared.shipped())))
    assert "profile redpanda cannot give the alert dead_letter: it has no log_start" in remarks
    boards = list(DASHBOARDS.remarks(catalog, Context(declared.shipped())))
    assert boards[0] == "profile redpanda cannot give the dashboard topic: it has no log_start"


def test_no_alert_leads_to_a_board_that_is_not_drawn() -> None:
    """Redpanda has alerts, and no boards."""
    catalog = declared.catalog(consumers=[declared.BILLING], metrics={"profile": "redpanda"})
    made = declared.rules(catalog)
    assert made
    assert [rule["annotations"] for rule in made if "dashboard_url" in rule["annotations"]] == []
    assert dict(DASHBOARDS.wanted(catalog, Context(declared.shipped()))) == {}
