"""A rendered rule with what every alert has: no template can forget it, nor spell it otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.catalog.model import DEFAULT_SEVERITY, Cluster
from provisioner.kinds.alert_set import THRESHOLDS, Rule
from provisioner.kinds.template_values import Team
from provisioner.profiles import Profile
from provisioner.profiles.promql import Fragment
from provisioner.templates.escapes import go_template
from provisioner.templates.rules import RULE_TEXTS

PERCENT = ("drop", "rise")
MILD = frozenset({DEFAULT_SEVERITY, "info", "none"})
"""Severities that call nobody out of bed. Any other word is one of the users' own: it may."""


@dataclass(frozen=True, slots=True)
class Told:
    """Whom an alert calls, and how loudly. `severity`: unless the template says another; `chosen`: whatever it says.

    `labels`: what it is about; `dashboard_url`: where to look.
    """

    team: Team
    severity: str
    labels: Mapping[str, str | None]
    chosen: str | None = None
    dashboard_url: str | None = None


def finished(rule: Rule, cluster: Cluster, profile: Profile, told: Told, thresholds: Mapping[str, Any]) -> Rule:
    """The rule as Prometheus gets it.

    Thresholds stand there by themselves: a plan that shows one must not have to guess it from an expression. An
    exporter on which nobody has seen the alerts work wakes nobody.
    """
    labels = {"severity": go_template(told.severity), **rule.get("labels", {})}
    if loudness := (cluster.alerts.severity if cluster.alerts else None) or told.chosen:
        labels["severity"] = go_template(loudness)
    if not profile.is_run and labels["severity"] not in MILD:
        labels["severity"] = DEFAULT_SEVERITY
    known = _escaped(_known(cluster, told, str(rule["alert"])))
    annotations = {**known, **rule.get("annotations", {}), **_spelled(thresholds)}
    texts = {part: str(rule[part]).rstrip() for part in RULE_TEXTS if part in rule}
    # The name of a group may end with a blank: of that, as it is, its series are found.
    labels = dict(sorted({**_texts(labels), **_escaped(told.labels)}.items()))
    return {**texts, "labels": labels, "annotations": _texts(annotations)}


def _spelled(thresholds: Mapping[str, Any]) -> dict[str, str]:
    there = {name: thresholds[name] for name in THRESHOLDS if thresholds.get(name) is not None}
    return {name: f"{value}%" if name in PERCENT else str(value) for name, value in there.items()}


def _known(cluster: Cluster, told: Told, alert: str) -> dict[str, str | None]:
    base = cluster.alerts.runbooks if cluster.alerts else None
    page = f"{base.rstrip('/')}/{alert}.md" if base else None
    return {"chat": told.team.chat, "runbook_url": told.team.runbook or page, "dashboard_url": told.dashboard_url}


def _escaped(texts: Mapping[str, str | None]) -> dict[str, str]:
    """A link's window is an action of Prometheus, on purpose."""
    known = {name: text for name, text in texts.items() if text is not None}
    return {name: text if isinstance(text, Fragment) else go_template(text) for name, text in known.items()}


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(values[name]).rstrip() for name in sorted(values) if values[name] not in (None, "")}
