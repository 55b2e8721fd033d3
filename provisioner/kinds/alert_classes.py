"""Compact rules <-> what Prometheus loads of them: policies, and one alert for all policies of a class.

A compact rule is one topic's, with an expression over all topics. Rules that differ only in what they are about and
whom they call are one class: its expression is recorded once, and one alert joins the result with the class's policies.
A policy is a constant series: labels of the alert, pieces of annotations (`annotation_chat`), and its classes
(`alert_KafkaConsumerLagHigh="0123456789"`). An annotation of the alert asks for its piece when the alert fires.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from provisioner.kinds.alert_rules import Rule
from provisioner.kinds.compact_names import BESIDES, JOINS, POLICY
from provisioner.profiles.promql import quoted
from provisioner.templates.escapes import go_template

SUBJECTS = "kafka_alert_subjects"
TOPIC, GROUP = "topic", "consumer_group"
OWN = ("chat", "dashboard_url", "runbook_url")
"""The annotations that are a policy's own."""

_ANNOTATION, _ALERT = "annotation_", "alert_"
_TEXTS = ("alert", "expr", "for", "keep_firing_for")
_BRACE = go_template("{")
_PIECE = re.compile("\ue000([a-z_]+)\ue001")
_FETCH = re.compile(
    rf'\{{\{{ with printf "{POLICY}\{{[^}}"]*\}}" [^}}]*\}}\}}\{{\{{ \. \| first \| label "annotation_([a-z_]+)" \}}\}}'
    r"\{\{ end \}\}"
)
_CLASS = re.compile(r"\{\{ \$labels\.topic \}\}\{\{/\* ([0-9a-f]{10}) \*/\}\}")
_JOINED = re.compile(r"\) \* on \(([a-z_, ]+)\) group_left \(([^)]*)\)\n")
_CLUSTER = re.compile(r'kafka_cluster=("(?:[^"\\]|\\.)*")')

Class = Mapping[str, Any]
"""As a rule, with marks in place of a policy's pieces; `joins`, `carries`, `besides`, and `cluster` in PromQL."""
Policy = Mapping[str, str]
"""The labels of a policy."""


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


def written(rules: Sequence[Rule]) -> list[Rule]:
    """What a topic's file holds of its rules: those that are not compact, and the policies of the others."""
    return [*(rule for rule in rules if not is_compact(rule)), *map(_record, _policies(rules))]


def _record(policy: Policy) -> Rule:
    return {"record": POLICY, "expr": "vector(1)", "labels": {name: policy[name] for name in sorted(policy)}}


def _policies(rules: Sequence[Rule]) -> list[dict[str, str]]:
    """As few as hold all rules: those with the same labels share one, unless an annotation differs."""
    found: list[tuple[dict[str, str], dict[str, str]]] = []
    declared: set[str] = set()
    for rule in filter(is_compact, rules):
        each, labels, pieces = _apart(rule)
        declared.update(json.loads(rule.get(BESIDES, "[]")))
        title, digest = _ALERT + rule["alert"], identity(each)
        _place(found, labels, {**pieces, title: digest})
    policies = [{**labels, **rest} for labels, rest in found]
    bare = declared - {labels.get(GROUP, "") for labels, _ in found}
    about = {name: found[0][0][name] for name in ("kafka_cluster", TOPIC)} if bare else {}
    return [*policies, *({**about, GROUP: group} for group in sorted(bare))]


def _place(found: list[tuple[dict[str, str], dict[str, str]]], labels: dict[str, str], more: dict[str, str]) -> None:
    for known, rest in found:
        if known == labels and all(rest.get(name, text) == text for name, text in more.items()):
            rest.update(more)
            return
    found.append((labels, more))


def classes(rules: Iterable[Rule]) -> dict[str, Class]:
    """The classes of the compact ones among these rules, by their identity."""
    found = (_apart(rule)[0] for rule in rules if is_compact(rule))
    return {identity(each): each for each in found}


def identity(each: Class) -> str:
    """Ten digits: of everything that the rules of a class share."""
    parts = sorted(each.items())
    return _digest(tuple((name, value if isinstance(value, str) else (*value.items(),)) for name, value in parts))


@lru_cache(4096)
def _digest(value: tuple[Any, ...]) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:10]


def _apart(rule: Rule) -> tuple[Class, dict[str, str], dict[str, str]]:
    """The class of a rule; labels and pieces of annotations that are its policy's."""
    plain = {name: _raw(text) for name, text in rule["labels"].items()}
    labels = {name: text for name, text in plain.items() if text is not None}
    pieces: dict[str, str] = {}
    annotations = {name: _cut(rule["alert"], name, text, pieces) for name, text in rule["annotations"].items()}
    shared = {
        **{part: rule[part] for part in _TEXTS if part in rule},
        "labels": {name: text for name, text in rule["labels"].items() if plain[name] is None},
        "annotations": annotations,
        JOINS: rule[JOINS],
        "carries": ", ".join(sorted(labels.keys() - {TOPIC, GROUP})),
        "cluster": str(quoted(labels.get("kafka_cluster", ""))),
    }
    return ({**shared, BESIDES: "declared"} if BESIDES in rule else shared), labels, pieces


def _raw(text: str) -> str | None:
    """A label as a series has it; None for one that is made when the alert fires."""
    bare = text.replace(_BRACE, "\0")
    return None if "{" in bare else bare.replace("\0", "{")


def _cut(alert: str, name: str, text: str, pieces: dict[str, str]) -> str:
    """An annotation with marks in place of its first and last words, up to an action; those are the policy's."""
    if name not in OWN or text.endswith(f"/{alert}.md"):
        return text
    bare = text.replace(_BRACE, "\0")
    first, opened, rest = bare.partition("{{")
    middle, closed, last = (opened + rest).rpartition("}}")
    if not opened:
        middle, closed, last = "", "", ""
    if "{" in first + last or bool(opened) != bool(closed) or "\0" in middle:
        return text
    parts = {name: first.replace("\0", "{"), f"{name}_end": last.replace("\0", "{")}
    pieces.update({_ANNOTATION + part: words for part, words in parts.items() if words})
    begin, end = (f"\ue000{part}\ue001" if words else "" for part, words in parts.items())
    return f"{begin}{middle}{closed}{end}"


def whole(policies: Sequence[Policy], known: Mapping[str, Class]) -> Iterator[Rule]:
    """The compact rules of one topic from its policies; of a class that is not known there is none."""
    groups = json.dumps(sorted({policy[GROUP] for policy in policies if GROUP in policy}))
    for policy in policies:
        for name, digest in policy.items():
            if name.startswith(_ALERT) and digest in known:
                yield _whole(policy, known[digest], groups)


def _whole(policy: Policy, each: Class, groups: str) -> Rule:
    own = {name: text for name, text in policy.items() if not name.startswith((_ANNOTATION, _ALERT))}
    labels = {**{name: go_template(text) for name, text in own.items()}, **each["labels"]}
    annotations = {
        name: _PIECE.sub(lambda mark: go_template(policy.get(_ANNOTATION + mark[1], "")), text)
        for name, text in each["annotations"].items()
    }
    rule = {
        **{part: each[part] for part in _TEXTS if part in each},
        "labels": {name: labels[name] for name in sorted(labels)},
        "annotations": annotations,
        JOINS: each[JOINS],
    }
    return {**rule, BESIDES: groups} if BESIDES in each else rule


def groups(known: Mapping[str, Class]) -> list[tuple[str, list[Rule]]]:
    """The rules of these classes: a group for each expression, by a name; the alerts stand behind what they read."""
    found: dict[str, list[Rule]] = {}
    for each in sorted(known.values(), key=lambda one: (one["alert"], identity(one))):
        name = _subjects(each)
        recorded = {"record": SUBJECTS, "expr": each["expr"], "labels": {"alert_subjects": name}}
        found.setdefault(name, [recorded]).append(_alert(each))
    return list(found.items())


def _subjects(each: Class) -> str:
    return _digest((each["expr"], each["cluster"]))


def _alert(each: Class) -> Rule:
    """Its label says what the series has already, in words of its own: Prometheus tells rules apart by their labels."""
    digest = identity(each)
    annotations = {
        name: _PIECE.sub(lambda mark: _fetch(each, digest, mark[1]), text) for name, text in each["annotations"].items()
    }
    texts = {part: each[part] for part in _TEXTS if part in each}
    labels = {**each["labels"], TOPIC: f"{{{{ $labels.topic }}}}{{{{/* {digest} */}}}}"}
    return {**texts, "expr": _expression(each, digest), "labels": labels, "annotations": annotations}


def _expression(each: Class, digest: str) -> str:
    """A topic that changes its policy has both for a moment: `topk` keeps them from ending the join for all."""
    here = f"kafka_cluster={each['cluster']}"
    but = (
        f'    unless on (topic, consumer_group)\n  {POLICY}{{{here}, consumer_group!=""}}\n' if BESIDES in each else ""
    )
    return (
        f'(\n  sum by (topic, consumer_group) ({SUBJECTS}{{alert_subjects="{_subjects(each)}"}})\n{but}'
        f") * on ({each[JOINS]}) group_left ({each['carries']})\n"
        f'topk by ({each[JOINS]}) (1, {POLICY}{{{here}, {_ALERT}{each["alert"]}="{digest}"}})'
    )


def _fetch(each: Class, digest: str, piece: str) -> str:
    """An action of Prometheus that gives a piece of the policy's annotations."""
    names = each[JOINS].split(", ")
    matchers = ",".join([f"{_ALERT}{each['alert']}=%q", *(f"{name}=%q" for name in names)])
    values = " ".join([f'"{digest}"', *(f"$labels.{name}" for name in names)])
    query = f'printf "{POLICY}{{{matchers}}}" {values} | query'
    return f'{{{{ with {query} }}}}{{{{ . | first | label "{_ANNOTATION}{piece}" }}}}{{{{ end }}}}'


def read(groups: Iterable[tuple[str, Sequence[Rule]]]) -> dict[str, Class]:
    """The classes of a file that holds `groups`. One that was edited keeps its alert's expression as it stands."""
    found: dict[str, Class] = {}
    for _, rules in groups:
        recorded = next((rule for rule in rules if rule.get("record") == SUBJECTS), None)
        for rule in rules:
            label = _CLASS.fullmatch(rule.get("labels", {}).get(TOPIC, ""))
            if label and "alert" in rule:
                found[label[1]] = _read(rule, label[1], recorded)
    return found


def _read(rule: Rule, digest: str, recorded: Rule | None) -> Class:
    joined, cluster = _JOINED.search(rule["expr"]), _CLUSTER.search(rule["expr"])
    made: dict[str, Any] = {
        **{part: rule[part] for part in _TEXTS if part in rule},
        "expr": recorded["expr"] if recorded else "",
        "labels": {name: text for name, text in rule["labels"].items() if name != TOPIC},
        "annotations": {
            name: _FETCH.sub("\ue000\\1\ue001", text) for name, text in rule.get("annotations", {}).items()
        },
        JOINS: joined[1] if joined else TOPIC,
        "carries": joined[2] if joined else "",
        "cluster": cluster[1] if cluster else '""',
    }
    if "    unless on (topic, consumer_group)\n" in rule["expr"]:
        made[BESIDES] = "declared"
    return made if identity(made) == digest and _alert(made) == rule else {**made, "expr": rule["expr"]}
