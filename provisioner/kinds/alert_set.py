"""The alerts of one topic as a value: the rules, compared part by part."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.kinds.compact_names import BESIDES, SERVES
from provisioner.kinds.fields import unique
from provisioner.templates.rules import RULE_MAPS, RULE_TEXTS

Rule = Mapping[str, Any]
"""A Prometheus alerting rule: texts, and the maps `labels` and `annotations` of texts."""

LOADED = "loaded"

LAG = "lag"
"""The annotation that says a rule's lag."""
THRESHOLDS = (LAG, "expect_traffic_within", "expect_progress_within", "drop", "rise", "skew", "retention")
"""The annotations that say what a rule waits for: its parameters of these names."""

SHORT = 60
"""Characters of a text that a field shows whole."""


@dataclass(frozen=True, slots=True)
class AlertSet:
    """All rules of one topic, or of the cluster itself (`own_name`).

    `team` owns the topic and so the file they stand in; a rule's own label says who acts.

    `loaded` False: they lie there, and Prometheus has not confirmed that it took them.
    """

    topic: str
    team: str
    rules: tuple[Rule, ...]
    loaded: bool = True

    def fields(self) -> Mapping[str, str]:
        """`team`, and `<alert> <group>.<part>` for each part of a rule, long ones as a digest."""
        return {name: _shown(value) for name, value in self.exact().items()}

    def exact(self) -> Mapping[str, str]:
        """As `fields`, with every text whole."""
        found = {"team": self.team, LOADED: "yes" if self.loaded else "not confirmed"}
        for title, rule in self.titled().items():
            for part, value in _parts(rule):
                found[unique(f"{title}.{part}", found)] = value
        return found

    def titled(self) -> dict[str, Rule]:
        """Each rule by its alert's name and its consumer group; a namesake has a number, too."""
        found: dict[str, Rule] = {}
        for rule in self.rules:
            group = rule.get("labels", {}).get("consumer_group")
            found[unique(" ".join(filter(None, (rule["alert"], group))), found)] = rule
        return found

    def restricted_to(self, fields: frozenset[str], observed: AlertSet) -> AlertSet:
        """There are no parts."""
        return self

    def without(self, members: frozenset[str]) -> AlertSet | None:
        """They are one topic's, and nothing without it."""
        return None if members else self


def _parts(rule: Rule) -> Iterator[tuple[str, str]]:
    for part in (*RULE_TEXTS[1:], BESIDES, SERVES):
        if part in rule:
            yield part, rule[part]
    labels, annotations = (rule.get(part, {}) for part in RULE_MAPS)
    for name, text in labels.items():
        yield (f"labels.{name}" if name in RULE_TEXTS else name), text
    for name, text in annotations.items():
        yield (f"annotations.{name}" if name in labels or name in RULE_TEXTS else name), text


def _shown(text: str) -> str:
    if len(text) <= SHORT and "\n" not in text:
        return text
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]
