"""Compact rules: what they are in files, and that nothing is lost on the way there and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import promql_parser
import pytest

from provisioner.catalog.model import Catalog
from provisioner.errors import InputError
from provisioner.kinds import alert_classes, alert_targets, alert_words, rule_files
from provisioner.kinds.alert_set import AlertSet, Rule
from provisioner.kinds.alerts import ALERTS
from provisioner.kinds.kind import Context
from provisioner.profiles import NAMES
from provisioner.templates import Templates, loading
from provisioner.templates.source import Source
from tests import declared

COMPACT = {"type": "files", "folder": "/rules", "layout": "compact", "runbooks": "https://wiki.example.com/alerts"}
TOPICS = [
    {"name": "orders.v1", "dead_letter": "orders.v1.dlq"},
    {"name": "refunds.v1", "lag": "5m"},
    {"name": "quiet.v1", "lag": "none"},
]
CONSUMERS = [
    {"topic": "orders.v1", "group": "billing"},
    {"topic": "orders.v1", "group": "fraud", "lag": "1h", "severity": "page", "transactional": 5},
    {"topic": "refunds.v1", "group": 'odd"{{ %q }}\\'},
    {"topic": "refunds.v1", "group": "unwatched", "lag": "none"},
]


def fleet(layout: str = "compact", profile: str = "kafka_exporter", **more: Any) -> Catalog:
    return declared.catalog(
        TOPICS,
        CONSUMERS,
        metrics={"profile": profile},
        team="payments",
        **{"alerts": {**COMPACT, "layout": layout}, **more},
    )


def read_back(files: dict[str, str]) -> dict[str, AlertSet]:
    known = rule_files.classes(files[rule_files.classes_name("prod")])
    texts = [text for name, text in files.items() if name != rule_files.classes_name("prod")]
    return {topic: alerts for text in texts for topic, alerts in rule_files.unpack(text, known).items()}


@pytest.mark.parametrize("profile", NAMES)
def test_files_give_back_what_was_written(profile: str) -> None:
    """Odd names, lags of their own, and groups without an alert included."""
    made = declared.sets(fleet(profile=profile))
    assert read_back(rule_files.pack("prod", made.values())) == made


def test_both_layouts_have_the_same_alerts() -> None:
    """By name and labels; annotations are compared where the alerts fire, by promtool."""
    readable, compact = (declared.sets(fleet(layout)) for layout in ("readable", "compact"))
    assert readable.keys() == compact.keys()
    for topic, alerts in readable.items():
        told, same = alerts.titled(), compact[topic].titled()
        assert told.keys() == same.keys()
        for title, rule in told.items():
            assert rule["labels"] == same[title]["labels"]
            assert rule["annotations"].keys() == same[title]["annotations"].keys()
            assert [rule.get(part) for part in ("for", "keep_firing_for")] == [
                same[title].get(part) for part in ("for", "keep_firing_for")
            ]


def test_what_is_set_of_an_alert_does_not_change_over_which_holes_it_looks() -> None:
    """That is half of the lag in both layouts, however short an alert waits before it fires."""
    for layout in ("readable", "compact"):
        plain = fleet(layout)
        eager = fleet(layout, alert_settings={"consumer_lag": {"hold": "8s"}})
        for topic, alerts in declared.sets(plain).items():
            for title, rule in declared.sets(eager)[topic].titled().items():
                assert rule["expr"] == alerts.titled()[title]["expr"]


def test_a_thousand_topics_of_one_lag_have_as_many_classes_as_one() -> None:
    """Rules are as many as there are parameters, not topics."""
    one, many = (declared.catalog([{"name": f"t{at}"} for at in range(count)], alerts=COMPACT) for count in (1, 1000))
    known = [
        alert_classes.classes(rule for each in declared.sets(case).values() for rule in each.rules)
        for case in (one, many)
    ]
    assert known[0] == known[1] != {}


def test_every_expression_is_promql() -> None:
    """Of classes, of policies, and of what is recorded."""
    known = alert_classes.classes(rule for each in declared.sets(fleet()).values() for rule in each.rules)
    for group in alert_classes.groups(known):
        for rule in group.rules:
            promql_parser.parse(rule["expr"])


def test_who_waits_for_a_quarter_of_an_hour_is_looked_at_every_two_minutes() -> None:
    """It is most of the cost of evaluation; what alerts sooner is evaluated as often as Prometheus does."""
    known = alert_classes.classes(rule for each in declared.sets(fleet()).values() for rule in each.rules)
    often = {rule["alert"]: group.interval for group in alert_classes.groups(known) for rule in group.rules[1:]}
    assert often["KafkaConsumerPartitionUnread"] == often["KafkaConsumerGroupGone"] == "2m"
    assert often["KafkaConsumerLagHigh"] == often["KafkaMessagesLost"] == often["KafkaMetricsMissing"] == ""


def test_an_edited_class_is_another_rule() -> None:
    """Whatever was edited: an expression, an annotation, how long it waits."""
    made = declared.sets(fleet())
    files = rule_files.pack("prod", made.values())
    shared = rule_files.classes_name("prod")
    edits = ("topk by", "bottomk by"), ("and not read", "and unread"), ("for: 2m", "for: 3m"), ("> 5", "> 6")
    for old, new in (*edits, ("interval: 2m", "interval: 3m"), ("  interval: 2m\n", "")):
        assert old in files[shared]
        assert read_back({**files, shared: files[shared].replace(old, new)}) != made


def test_a_policy_of_an_unknown_class_is_no_rule() -> None:
    """The file of the classes was removed: the alerts are gone, and not as they should be."""
    made = declared.sets(fleet())
    files = rule_files.pack("prod", made.values())
    found = {
        topic: alerts
        for name, text in files.items()
        if name != rule_files.classes_name("prod")
        for topic, alerts in rule_files.unpack(text).items()
    }
    assert found.keys() == made.keys()
    assert not any(alert_classes.is_compact(rule) for alerts in found.values() for rule in alerts.rules)


@pytest.mark.parametrize("chat", ["#a{b", "{{ $labels.x }}", "}} {{", "\ue000chat\ue001", "%q", ""])
def test_odd_texts_of_people_come_back(chat: str) -> None:
    """Whatever a chat is called."""
    made = declared.sets(declared.with_texts(fleet(), chat=chat))
    assert read_back(rule_files.pack("prod", made.values())) == made


def joined(lines: list[Rule], policies: dict[str, list[Rule]]) -> list[Mapping[str, str]]:
    known = alert_targets.policies(each for policy in policies.values() for each in policy)
    return [each for line in lines for each in alert_targets.joined(line["labels"], known)]


def test_a_rule_whose_link_is_no_piece_is_its_own_class() -> None:
    """A brace that nobody escaped cannot be told from one that was."""
    (rule, *_) = [each for each in declared.rules(fleet()) if alert_classes.is_compact(each)]
    odd = {**rule, "annotations": {**rule["annotations"], "dashboard_url": "https://x/{topic}"}}
    known = alert_classes.classes([odd])
    lines, policies = alert_targets.written([odd], "payments")
    targets = joined(lines, policies)
    assert list(alert_classes.whole(targets, known)) == [odd]


def test_a_group_of_rules_has_no_more_than_a_destination_takes() -> None:
    """Policies count as rules; each group has its own, and the alerts come back."""
    topics = [{"name": f"t{at}"} for at in range(40)]
    groups = [{"topic": each["name"], "group": "billing"} for each in topics]
    made = declared.sets(declared.catalog(topics, groups, alerts=COMPACT))
    files = rule_files.pack("prod", made.values(), 20)
    found = rule_files.groups(files["kafka-prod+payments.yml"])
    assert len(found) > 1
    assert max(len(group["rules"]) for group in found) <= 20
    assert rule_files.count(files["kafka-prod+payments.yml"]) == sum(len(group["rules"]) for group in found)
    links = [{rule["labels"]["policy"] for rule in group["rules"]} for group in found]
    policies = [set(alert_targets.policies(group["rules"])) for group in found]
    assert links == policies
    assert sum(map(len, policies)) == len(set().union(*policies))
    assert read_back(files) == made


def test_another_cluster_has_other_classes() -> None:
    """One Prometheus may watch both, and their topics have the same names."""
    first = declared.sets(fleet())["orders.v1"].rules
    second = [{**rule, "labels": {**rule["labels"], "kafka_cluster": "other"}} for rule in first]
    assert not alert_classes.classes(first).keys() & alert_classes.classes(second).keys()


def test_a_template_cannot_name_one_topic_in_its_compact_form() -> None:
    """It would be rendered for the first topic, and told of all."""
    template = declared.shipped().alerts["consumer_lag"]
    text = template.source.text.replace("behind on {{ $labels.topic }}", "behind on << topic.name >>")
    made, _ = loading.alert(Source(template.source.path, text))
    assert made
    with pytest.raises(InputError) as raised:
        declared.sets(fleet(), Templates({"consumer_lag": made}, {}))
    assert ["topic" in problem.message for problem in raised.value.problems] == [True]


def test_a_plan_says_in_the_same_words_what_changes() -> None:
    """Of thresholds, whatever the layout."""
    other = [{**CONSUMERS[0], "lag": "1h", "severity": "page"}, *CONSUMERS[1:]]
    told = []
    for layout in ("readable", "compact"):
        place = {**COMPACT, "layout": layout}
        before, after = (declared.sets(declared.catalog(TOPICS, each, alerts=place)) for each in (CONSUMERS, other))
        told.append([one for one in alert_words.changed(before["orders.v1"], after["orders.v1"]) if "lag" in one])
    assert told[0] == told[1] == ["billing (finance, page): lag 10m -> 1h, severity ticket -> page"]


def test_a_plan_says_that_another_layout_begins_to_wait_anew() -> None:
    """And nothing of expressions and texts, which follow from it."""
    before, after = (declared.sets(fleet(layout))["refunds.v1"] for layout in ("readable", "compact"))
    words = alert_words.changed(before, after)
    assert words
    assert {each.partition("): ")[2] for each in words} == {"layout readable -> compact, its `for` begins anew"}


def remarks(catalog: Catalog, templates: Templates | None = None) -> list[str]:
    return [each for each in ALERTS.remarks(catalog, Context(templates or declared.shipped())) if "rule" in each]


def test_a_large_fleet_is_told_the_line_to_write() -> None:
    """From 2,001 topics on; nothing changes by itself."""
    small, large = (
        declared.catalog([{"name": f"t{at}"} for at in range(count)], alerts={**COMPACT, "layout": "readable"})
        for count in (2000, 2001)
    )
    assert remarks(small) == []
    (said,) = remarks(large)
    assert "`layout: compact`" in said
    assert "2001 topics" in said


def test_every_shipped_template_has_a_compact_form() -> None:
    """But for those of the cluster itself, which are one rule anyway."""
    assert remarks(fleet()) == []
    readable = {name for name, each in declared.shipped().alerts.items() if each.compact is None}
    assert readable == {"exporter_missing", "many_consumers_late"}


OF_OUR_OWN = """name: mine
scope: topic
summary: x
needs: [log_end]
parameters: {skew: {type: number, default: 2, field: skew}, wanted: {type: text, default: orders.v1}}
example: {topic: {name: orders.v1, skew: 2}}
rule:
  "<<when>>": topic.name == wanted
  alert: Mine
  expr: << metric.log_end >> - 1 > << skew >>
"""


@pytest.mark.parametrize(
    ("topic", "settings", "is_named"),
    [
        ({"name": "orders.v1", "skew": 3}, {}, True),
        ({"name": "orders.v1"}, {}, False),
        ({"name": "other.v1", "skew": 3}, {}, False),
        ({"name": "orders.v1", "skew": 3}, {"mine": {"enabled": False}}, False),
        ({"name": "orders.v1", "state": "absent"}, {}, False),
    ],
)
def test_a_plan_names_a_template_that_stays_readable_where_it_gives_a_rule(
    topic: dict[str, Any], settings: dict[str, Any], is_named: bool
) -> None:
    """Not where no topic has its field, where its `<<when>>` is false, and where it is switched off."""
    made, _ = loading.alert(Source("mine.yaml", OF_OUR_OWN))
    assert made
    catalog = declared.catalog(topic, alerts=COMPACT, alert_settings=settings)
    said = remarks(catalog, Templates({"mine": made}, {}))
    assert said == (["layout compact: 1 alert has a rule a topic: mine"] if is_named else [])


def test_a_team_has_one_policy_for_all_its_topics() -> None:
    """A thousand topics with a group are two thousand lines. Alerts that only warn have a policy of their own."""
    counted = []
    for count in (1, 1000):
        topics = [{"name": f"t{at}"} for at in range(count)]
        groups = [{"topic": each["name"], "group": "billing"} for each in topics]
        made = declared.sets(declared.catalog(topics, groups, alerts=COMPACT))
        text = rule_files.pack("prod", made.values())["kafka-prod+payments.yml"]
        counted.append((text.count("record: kafka_alert_policy"), text.count("{record: kafka_alert_target")))
    (policies, _), (same, targets) = counted
    assert policies == same == 3
    assert targets == 2000


def test_a_topic_with_a_group_takes_less_than_four_hundred_bytes() -> None:
    """Ten thousand of them, with names of twenty letters, are four megabytes."""
    topics = [{"name": f"payments.orders{at:03}.v1", "config": {"retention.ms": "3d"}} for at in range(200)]
    groups = [{"topic": each["name"], "group": "billing", "lag": "5m"} for each in topics]
    made = declared.sets(declared.catalog(topics, groups, alerts=COMPACT))
    text = rule_files.pack("prod", made.values())["kafka-prod+payments.yml"]
    assert len(text) / len(topics) < 400


@pytest.mark.parametrize("labels", [{"policy": "x"}, {"consumer_group": "every"}, {"policy": "{{ $value }}"}])
def test_a_label_of_a_template_keeps_its_text(labels: dict[str, str]) -> None:
    """Also where it is called as what targets and policies are joined by."""
    (rule, *_) = [each for each in declared.rules(fleet()) if each.get("joins") == "topic"]
    odd = {**rule, "labels": dict(sorted({**rule["labels"], **labels}.items()))}
    lines, policies = alert_targets.written([odd], "payments")
    found = {each["alert"]: each for each in alert_classes.whole(joined(lines, policies), alert_classes.classes([odd]))}
    assert found[odd["alert"]]["labels"] == odd["labels"]
