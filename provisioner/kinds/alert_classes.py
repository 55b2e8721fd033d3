"""Compact rules <-> what Prometheus loads of them: one alert for all targets of a class.

A compact rule is one topic's, with an expression over all topics. Rules that differ only in what they are about and
whom they call are one class: its expression is recorded once, and one alert joins the result with the targets whose
policy names the class (`alert_targets`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from provisioner.catalog.units import Duration, duration
from provisioner.kinds import alert_pieces
from provisioner.kinds.alert_set import Rule
from provisioner.kinds.compact_names import BESIDES, JOINS, LINK, POLICY, SERVED, SERVES, TARGET
from provisioner.kinds.rule_text import Group
from provisioner.profiles.promql import quoted
from provisioner.templates.escapes import go_template

SUBJECTS = "kafka_alert_subjects"
TOPIC, GROUP = "topic", "consumer_group"
ALERT = "alert_"
"""Before the name of an alert, as a label of the policies that have a class of it."""

_PATIENT, _INTERVAL = Duration(900), "2m"
"""Whoever waits so long is looked at so often, whatever the others are: half the cost of each minute.

No longer: Prometheus takes a series for gone five minutes after its last sample, ALERTS too.
"""

_TEXTS = ("alert", "expr", "for", "keep_firing_for")
_BRACE = go_template("{")
_FETCH = re.compile(
    rf'\{{\{{ with printf "{TARGET}\{{topic=%q,consumer_group=%q\}}[^"]*" [^}}]*\| query \}}\}}'
    r'\{\{ \. \| first \| label "annotation_([a-z_]+)" \}\}\{\{ end \}\}'
)
_CLASS = re.compile(r"\{\{ \$labels\.topic \}\}\{\{/\* ([0-9a-f]{10}) \*/\}\}")
_JOINED = re.compile(r"\) \* on \(([a-z_, ]+)\) group_left \(([^)]*)\)\n")
_CLUSTER = re.compile(r'kafka_cluster=("(?:[^"\\]|\\.)*")')

Class = Mapping[str, Any]
"""As a rule, with marks in place of pieces; `joins`, `carries`, `besides`, and `cluster` in PromQL."""
Joined = Mapping[str, str]
"""The labels of a target and its policy."""


def is_compact(rule: Rule) -> bool:
    """Whether its expression is over all topics."""
    return JOINS in rule


def arranged(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """The order that a file gives back: rules of their own as they come, then the compact ones."""
    known = list(rules)
    compact = sorted((rule for rule in known if is_compact(rule)), key=_order)
    return (*(rule for rule in known if not is_compact(rule)), *compact)


def _order(rule: Rule) -> tuple[str, str, str]:
    return rule["alert"], rule["labels"].get(GROUP, ""), json.dumps(rule, sort_keys=True)


def classes(rules: Iterable[Rule]) -> dict[str, Class]:
    """The classes of the compact ones among these rules, by their identity."""
    found = (apart(rule)[0] for rule in rules if is_compact(rule))
    return {identity(each): each for each in found}


def identity(each: Class) -> str:
    """Ten digits: of everything that the rules of a class share."""
    parts = sorted(each.items())
    return _digest(tuple((name, value if isinstance(value, str) else (*value.items(),)) for name, value in parts))


@lru_cache(4096)
def _digest(value: tuple[Any, ...]) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:10]


def apart(rule: Rule) -> tuple[Class, dict[str, str], dict[str, str]]:
    """The class of a rule; labels and pieces of annotations that are its target's or its policy's."""
    plain = {name: _raw(text) for name, text in rule["labels"].items()}
    shared = {LINK} if GROUP in rule[JOINS] else {LINK, GROUP}
    labels = {name: text for name, text in plain.items() if text is not None and name not in shared}
    pieces: dict[str, str] = {SERVED: rule[SERVES]} if SERVES in rule else {}
    annotations: dict[str, str] = {}
    for name, text in rule["annotations"].items():
        annotations[name], found = alert_pieces.cut(rule["alert"], name, text, labels)
        pieces.update(found)
    each = {
        **{part: rule[part] for part in _TEXTS if part in rule},
        "labels": {name: text for name, text in rule["labels"].items() if name not in labels},
        "annotations": annotations,
        JOINS: rule[JOINS],
        "carries": ", ".join(sorted(labels.keys() - {TOPIC, GROUP})),
        "cluster": str(quoted(labels.get("kafka_cluster", ""))),
    }
    return ({**each, BESIDES: "declared"} if BESIDES in rule else each), labels, pieces


def serves(rule: Mapping[str, Any]) -> bool:
    """Whether a rule, or a class, asks whose dead letters a topic takes."""
    return SERVED in rule["expr"] or any(SERVED in text for text in rule.get("annotations", {}).values())


def _raw(text: str) -> str | None:
    """A label as a series has it; None for one that is made when the alert fires."""
    bare = text.replace(_BRACE, "\0")
    return None if "{" in bare else bare.replace("\0", "{")


def whole(targets: Sequence[Joined], known: Mapping[str, Class]) -> Iterator[Rule]:
    """The compact rules of one topic from its targets; of a class that is not known there is none."""
    groups = json.dumps(sorted({target[GROUP] for target in targets if GROUP in target}))
    for target in targets:
        for name, digest in target.items():
            if name.startswith(ALERT) and digest in known:
                yield _whole(target, known[digest], groups)


def _whole(target: Joined, each: Class, groups: str) -> Rule:
    own = {name: text for name, text in target.items() if not name.startswith((alert_pieces.ANNOTATION, ALERT))}
    labels = {**{name: go_template(text) for name, text in own.items()}, **each["labels"]}
    rule = {
        **{part: each[part] for part in _TEXTS if part in each},
        "labels": {name: labels[name] for name in sorted(labels)},
        "annotations": {name: alert_pieces.whole(text, target) for name, text in each["annotations"].items()},
        JOINS: each[JOINS],
    }
    served = {SERVES: target.get(SERVED, "")} if serves(each) else {}
    return {**rule, **({BESIDES: groups} if BESIDES in each else {}), **served}


def groups(known: Mapping[str, Class]) -> list[Group]:
    """The rules of these classes: a group for each expression, by a name; the alerts stand behind what they read."""
    found: dict[str, list[Rule]] = {}
    for each in sorted(known.values(), key=lambda one: (one["alert"], identity(one))):
        name = _subjects(each)
        recorded = {"record": SUBJECTS, "expr": each["expr"], "labels": {"alert_subjects": name}}
        found.setdefault(name, [recorded]).append(_alert(each))
    return [Group(name, rules, _interval(rules)) for name, rules in found.items()]


def _interval(rules: Iterable[Rule]) -> str:
    """How often a group is evaluated, by the most eager of its alerts; empty: as often as all that have no own word."""
    waits = [duration(rule.get("for", "")) for rule in rules if "alert" in rule]
    return _INTERVAL if all(wait and wait >= _PATIENT for wait in waits) else ""


def _subjects(each: Class) -> str:
    return _digest((each["expr"], each["cluster"]))


def _alert(each: Class) -> Rule:
    """Its label says what the series has already, in words of its own: Prometheus tells rules apart by their labels."""
    digest = identity(each)
    annotations = {
        name: alert_pieces.asking(text, lambda piece: _fetch(each, digest, piece))
        for name, text in each["annotations"].items()
    }
    texts = {part: each[part] for part in _TEXTS if part in each}
    labels = {**each["labels"], TOPIC: f"{{{{ $labels.topic }}}}{{{{/* {digest} */}}}}"}
    return {**texts, "expr": _expression(each, digest), "labels": labels, "annotations": annotations}


def _expression(each: Class, digest: str) -> str:
    """Few targets have subjects: only those are joined with their policies.

    A topic that changes its policy has both for a moment: `topk` keeps them from ending the join for all.
    """
    by, here = each[JOINS], f"kafka_cluster={each['cluster']}"
    subjects = f'{SUBJECTS}{{alert_subjects="{_subjects(each)}"}}'
    groups = f'{TARGET}{{{here}, {GROUP}!=""}}'
    targets = groups if GROUP in by else f'{TARGET}{{{here}, {GROUP}=""}}'
    but = f"    unless on (topic, consumer_group)\n  {groups}\n" if BESIDES in each else ""
    policy = ", ".join(name for name in each["carries"].split(", ") if name != "kafka_cluster")
    return (
        f"(\n  sum by (topic, consumer_group) ({subjects})\n{but}"
        f") * on ({by}) group_left ({each['carries']})\n"
        f"topk by ({by}) (1,\n"
        f"  ({targets} and on ({by}) {subjects})\n"
        f"    * on ({LINK}) group_left ({policy})\n"
        f'  {POLICY}{{{ALERT}{each["alert"]}="{digest}"}}\n)'
    )


def _fetch(each: Class, digest: str, piece: str) -> str:
    """An action of Prometheus that gives a piece of a target or its policy."""
    label = alert_pieces.ANNOTATION + piece
    policy = "" if label in alert_pieces.OF_TARGET else label
    query = (
        f'printf "{TARGET}{{topic=%q,consumer_group=%q}} * on ({LINK}) group_left ({policy}) '
        f'{POLICY}{{{ALERT}{each["alert"]}=%q}}" $labels.topic '
        f'{"$labels.consumer_group" if GROUP in each[JOINS] else quoted("")} "{digest}" | query'
    )
    return f'{{{{ with {query} }}}}{{{{ . | first | label "{label}" }}}}{{{{ end }}}}'


def read(groups: Iterable[Group]) -> dict[str, Class]:
    """The classes of a file that holds `groups`. One that was edited keeps its alert's expression as it stands."""
    found: dict[str, Class] = {}
    for group in groups:
        recorded = next((rule for rule in group.rules if rule.get("record") == SUBJECTS), None)
        is_in_time = group.interval == _interval(group.rules)
        for rule in group.rules:
            label = _CLASS.fullmatch(rule.get("labels", {}).get(TOPIC, ""))
            if label and "alert" in rule:
                found[label[1]] = _read(rule, label[1], recorded if is_in_time else None)
    return found


def _read(rule: Rule, digest: str, recorded: Rule | None) -> Class:
    joined, cluster = _JOINED.search(rule["expr"]), _CLUSTER.search(rule["expr"])
    made: dict[str, Any] = {
        **{part: rule[part] for part in _TEXTS if part in rule},
        "expr": recorded["expr"] if recorded else "",
        "labels": {name: text for name, text in rule["labels"].items() if name != TOPIC},
        "annotations": {name: alert_pieces.marked(text, _FETCH) for name, text in rule.get("annotations", {}).items()},
        JOINS: joined[1] if joined else TOPIC,
        "carries": joined[2] if joined else "",
        "cluster": cluster[1] if cluster else '""',
    }
    if "    unless on (topic, consumer_group)\n" in rule["expr"]:
        made[BESIDES] = "declared"
    return made if identity(made) == digest and _alert(made) == rule else {**made, "expr": rule["expr"]}
