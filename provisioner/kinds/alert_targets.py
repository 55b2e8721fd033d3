"""Compact rules of a topic <-> its targets and their policies, as Prometheus loads them.

A *target* is a constant series of what is looked after: a topic, or a group on it. Its *policies* are others, which it
shares with all targets of its team's file that call the same people for the same: labels of the alert, pieces of
annotations (`annotation_chat`), and the classes that have these (`alert_KafkaConsumerLagHigh="0123456789"`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from provisioner.kinds.alert_classes import ALERT, GROUP, TOPIC, Joined, apart, identity, is_compact
from provisioner.kinds.alert_pieces import OF_TARGET
from provisioner.kinds.alert_set import Rule
from provisioner.kinds.compact_names import BESIDES, LINK, POLICY, SERVED, TARGET

CLUSTER = "kafka_cluster"
_OF_TARGET = (TOPIC, GROUP, CLUSTER, *OF_TARGET, SERVED)
Policy = tuple[tuple[str, str], ...]
"""Labels and their texts, sorted."""


def written(rules: Sequence[Rule], owner: str) -> tuple[list[Rule], dict[str, list[Rule]]]:
    """What the file of a team holds of a topic: its own rules and its targets; and their policies, by their links.

    No two teams share one: Prometheus would have the same series from two groups of rules.
    """
    targets, policies = [], {}
    for target, of_target in _gathered(rules):
        link = _link((owner, target[CLUSTER], *of_target)) if of_target else None
        targets.append(_record(TARGET, {name: target[name] for name in _OF_TARGET if name in target}, link))
        if link:
            policies[link] = [_record(POLICY, {**dict(each), CLUSTER: target[CLUSTER]}, link) for each in of_target]
    return [*(rule for rule in rules if not is_compact(rule)), *targets], policies


def _record(name: str, labels: Mapping[str, str], link: str | None) -> Rule:
    return {"record": name, "expr": "vector(1)", "labels": {**labels, **({LINK: link} if link else {})}}


def _gathered(rules: Sequence[Rule]) -> Iterator[tuple[dict[str, str], list[Policy]]]:
    """Each target with its policies, which differ in labels of alerts; no two of them have a class of their own."""
    found: list[tuple[dict[str, str], list[Policy]]] = []
    for joined in _joined(rules):
        target = {name: text for name, text in joined.items() if name in _OF_TARGET}
        policy = tuple(sorted((name, text) for name, text in joined.items() if name not in _OF_TARGET))
        for known, policies in found:
            if _is_same(known, target) and not any(_classes(policy) & _classes(each) for each in policies):
                known.update(target)
                policies.append(policy)
                break
        else:
            found.append((target, [policy] if policy else []))
    yield from ((target, sorted(policies)) for target, policies in found)


def _is_same(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether both are about the same, and no piece of an annotation differs."""
    return one.get(GROUP) == other.get(GROUP) and all(one.get(name, text) == text for name, text in other.items())


def _classes(policy: Policy) -> set[tuple[str, str]]:
    return {each for each in policy if each[0].startswith(ALERT)}


@lru_cache(4096)
def _link(policies: tuple[object, ...]) -> str:
    return hashlib.sha256(json.dumps(policies).encode()).hexdigest()[:10]


def _joined(rules: Sequence[Rule]) -> Iterator[Joined]:
    """As few as hold all rules: those with the same labels share one, unless an annotation differs."""
    found: list[tuple[dict[str, str], dict[str, str]]] = []
    declared: set[str] = set()
    for rule in filter(is_compact, rules):
        each, labels, pieces = apart(rule)
        declared.update(json.loads(rule.get(BESIDES, "[]")))
        _place(found, labels, {**pieces, ALERT + rule["alert"]: identity(each)})
    yield from ({**labels, **rest} for labels, rest in found)
    for group in sorted(declared - {labels.get(GROUP, "") for labels, _ in found}):
        yield {TOPIC: found[0][0][TOPIC], CLUSTER: found[0][0][CLUSTER], GROUP: group}


def _place(found: list[tuple[dict[str, str], dict[str, str]]], labels: dict[str, str], more: dict[str, str]) -> None:
    for known, rest in found:
        if known == labels and all(rest.get(name, text) == text for name, text in more.items()):
            rest.update(more)
            return
    found.append((labels, more))


def relinked(rule: Rule, mark: str) -> Rule:
    """With another link, if it has one: no two groups of rules share a policy."""
    labels = rule["labels"]
    if rule.get("record") not in (TARGET, POLICY) or LINK not in labels:
        return rule
    return {**rule, "labels": {**labels, LINK: labels[LINK] + mark}}


def policies(rules: Iterable[Rule]) -> dict[str, list[Mapping[str, str]]]:
    """The labels of the policies among these rules, by their links."""
    found: dict[str, list[Mapping[str, str]]] = {}
    for rule in rules:
        if rule.get("record") == POLICY:
            found.setdefault(rule["labels"][LINK], []).append(rule["labels"])
    return found


def joined(target: Mapping[str, str], known: Mapping[str, Sequence[Mapping[str, str]]]) -> Iterator[Joined]:
    """A target with each of its policies; with none, where they are not known."""
    for policy in known.get(target.get(LINK, ""), ({},)):
        yield {name: text for name, text in {**policy, **target}.items() if name != LINK}
