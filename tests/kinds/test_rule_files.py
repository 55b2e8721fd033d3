"""Alert sets <-> rule files: nothing is lost, nothing foreign is taken."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner.kinds.alert_set import AlertSet
from provisioner.kinds.rule_files import ForeignFileError, file_name, pack, unpack
from tests import declared

TEXTS = st.text(st.sampled_from("{}[]\"'\\$&#+\n\r\t <>|*_") | st.characters(codec="utf-8"), max_size=30)
TEAMS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
RULES = st.fixed_dictionaries(
    {"alert": TEXTS, "expr": TEXTS, "labels": st.dictionaries(TEXTS, TEXTS, max_size=3)},
    optional={"for": TEXTS, "annotations": st.dictionaries(TEXTS, TEXTS, max_size=3)},
)


@st.composite
def alert_sets(draw: st.DrawFn) -> list[AlertSet]:
    topics = draw(st.lists(TEXTS, unique=True, max_size=4))
    return [AlertSet(topic, draw(TEAMS), _of(topic, draw(st.lists(RULES, min_size=1, max_size=2)))) for topic in topics]


def _of(topic: str, rules: list[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    return tuple({**rule, "labels": {**rule["labels"], "topic": topic}} for rule in rules)


@given(sets=alert_sets())
@settings(max_examples=100, deadline=None)
def test_what_is_packed_is_unpacked(sets: list[AlertSet]) -> None:
    """Whatever is in the names and texts: quotes, line ends, emoji, what YAML would guess."""
    files = pack("prod", sets)
    found = {topic: alerts for text in files.values() for topic, alerts in unpack(text).items()}
    assert found == {alerts.topic: alerts for alerts in sets}


@given(sets=alert_sets(), most=st.integers(1, 5))
@settings(max_examples=50, deadline=None)
def test_no_group_has_more_rules_than_its_destination_takes(sets: list[AlertSet], most: int) -> None:
    """Unless one topic alone has more; and everything is read back from as many groups as there are."""
    files = pack("prod", sets, most)
    sizes = {alerts.topic: len(alerts.rules) for alerts in sets}
    for text in files.values():
        for group in yaml.load(text, Loader=yaml.CBaseLoader)["groups"]:
            topics = {rule["labels"]["topic"] for rule in group["rules"]}
            assert len(group["rules"]) <= most or len(topics) == 1
            assert len(group["rules"]) == sum(sizes[topic] for topic in topics)
    assert {topic for text in files.values() for topic in unpack(text)} == sizes.keys()


def test_a_topic_that_comes_moves_no_other_to_another_group() -> None:
    """An alert that moves begins to wait anew."""
    sets = [AlertSet(f"t{at}", "pay", _of(f"t{at}", [{"alert": "A", "expr": "x", "labels": {}}])) for at in range(60)]
    groups = []
    for declared_sets in (sets[:55], sets):
        (text,) = pack("prod", declared_sets, 20).values()
        found = yaml.load(text, Loader=yaml.CBaseLoader)["groups"]
        groups.append({rule["labels"]["topic"]: group["name"] for group in found for rule in group["rules"]})
    assert len(set(groups[1].values())) == 4
    assert {topic: groups[1][topic] for topic in groups[0]} == groups[0]


@given(sets=alert_sets(), seed=st.integers(0, 99))
@settings(max_examples=50, deadline=None)
def test_equal_sets_give_equal_text(sets: list[AlertSet], seed: int) -> None:
    """In whatever order they come: else every apply would write and reload."""
    mixed = list(sets)
    random.Random(seed).shuffle(mixed)
    assert pack("prod", mixed) == pack("prod", sets)


@given(sets=alert_sets(), cluster=TEAMS)
@settings(max_examples=50, deadline=None)
def test_no_name_of_a_team_or_cluster_leaves_the_folder_or_its_comment(sets: list[AlertSet], cluster: str) -> None:
    """One file a team, each with a name of its own, one comment and one group."""
    files = pack(cluster, sets)
    assert len(files) == len({alerts.team for alerts in sets})
    for name, text in files.items():
        assert re.fullmatch(r"kafka-[\w.~%-]+\+[\w.~%-]+\.yml", name, re.ASCII)
        assert text.split("\n", 2)[1] == "groups:"
        assert len(yaml.safe_load(text)["groups"]) == 1


def test_no_two_pairs_of_cluster_and_team_share_a_file() -> None:
    """The sign between them is in neither."""
    pairs = [("a", "b+c"), ("a+b", "c"), ("a", "b%2Bc"), ("a/b", "c"), ("A", "b")]
    assert len({file_name(*pair) for pair in pairs}) == len(pairs)


def test_a_rule_reads_as_it_was_written() -> None:
    """Expressions as block scalars, the parts of a rule in Prometheus' own order, no aliases."""
    made = declared.sets(declared.catalog(consumers=declared.BILLING))
    (text,) = pack("prod", made.values()).values()
    assert "    expr: |-\n      sum (\n" in text
    assert re.search(
        r"- alert: KafkaConsumerLagHigh\n    expr: (?:.|\n)*?    for: 2m\n    keep_firing_for: 10m\n", text
    )
    assert not re.search(r"^ *- ?&|: [&*]id", text, re.MULTILINE)
    assert text.startswith("# Written by provisioner for cluster prod, team payments. Do not edit")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "groups",
        "groups: 5",
        "groups: [",
        "a: 1",
        "groups: [{}]",
        "groups: [{name: theirs, rules: []}]",
        "groups: [{name: kafka prod, rules: []}]",
        "groups: [{name: 5, rules: []}]",
        "groups: [{name: kafka prod/pay}]",
        "groups: [{name: kafka prod/pay, rules: 5}]",
        "groups: [{name: kafka prod/pay, rules: [5]}]",
        "groups: [{name: kafka prod/pay, rules: [{alert: A, expr: x}]}]",
        "groups: [{name: kafka prod/pay, rules: [{alert: A, expr: x, labels: {}}]}]",
        "groups: [{name: kafka prod/pay, rules: [{alert: A, expr: x, labels: {topic: a}, annotations: [b]}]}]",
        "groups: [{name: kafka prod/pay, rules: [{alert: A, expr: x, labels: {topic: a}, annotations: {b: {}}}]}]",
        "groups: [{name: kafka prod/pay, rules: [{expr: x, labels: {topic: a}}]}]",
        "groups: [{name: kafka prod/pay, rules: [{record: A, expr: x, labels: {topic: a}}]}]",
        "groups: [{name: kafka prod/pay, rules: [{alert: A, expr: [x], labels: {topic: a}}]}]",
        "groups: [{name: kafka prod/pay, rules: [{alert: A, expr: x, labels: {topic: [a]}}]}]",
        "groups: [{name: &x kafka prod/pay, rules: [{alert: *x, expr: x, labels: {topic: a}}]}]",
        "{[groups]: []}",
        "!!python/object:os.system x",
        "[" * 50_000,
        'groups:\n- name: "\\UFFFFFFFF"\n  rules: []\n',
        'groups:\n- name: a\n  rules:\n  - alert: "\\UFFFFFFFF"\n',
        "groups:\n- name: a\n  rules:\n    alert: A\n",
        "groups:\n- name: a\n  rules:\n      a: A\n",
        "\x00",
        "a: \ud800",
    ],
)
def test_a_file_that_we_did_not_write_is_refused(text: str) -> None:
    """With words, and with no other error: it is shown as drift and written anew."""
    with pytest.raises(ForeignFileError):
        unpack(text)


def test_a_file_changed_by_hand_differs_in_its_fields() -> None:
    """A changed threshold is seen; the diff can be made of what is read."""
    made = declared.sets(declared.catalog(consumers=declared.BILLING))
    (text,) = pack("prod", made.values()).values()
    before, after = made["orders.v1"].fields(), unpack(text.replace("for: 2m", "for: 9h"))["orders.v1"].fields()
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"KafkaConsumerLagHigh billing.for", "KafkaConsumerLagHigh.for"}


def test_what_yaml_would_guess_is_text_to_prometheus_and_to_us() -> None:
    """A severity of 1, a `for` of 5, a date: a rule changed by hand can still be compared."""
    rule = "{alert: A, expr: 1, for: 5, labels: {topic: 017, severity: yes}, annotations: {d: 2026-01-01, e: }}"
    found = unpack(f"groups: [{{name: kafka prod/pay, rules: [{rule}]}}]")["017"]
    assert found.rules[0]["labels"] == {"topic": "017", "severity": "yes"}
    assert found.fields() == {
        "team": "pay",
        "loaded": "yes",
        "A.expr": "1",
        "A.for": "5",
        "A.topic": "017",
        "A.severity": "yes",
        "A.d": "2026-01-01",
        "A.e": "",
    }
