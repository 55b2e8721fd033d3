"""Rules as they are rendered: what Prometheus takes and nobody can make use of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from provisioner.catalog.quoting import quoted
from provisioner.checks.context import Context
from provisioner.kinds.alert_set import AlertSet, Rule
from provisioner.problem import Problem, Severity, Span
from provisioner.templates import Template

_EFFECT = "to an Alertmanager they are one alert, and each overwrites the other"


def same_alert(context: Context, sets: Mapping[str, AlertSet]) -> Iterator[Problem]:
    """Two rules with one name and equal labels. Prometheus loads both, calls them healthy and logs nothing."""
    subjects: dict[str, list[str]] = {}
    for alerts in sets.values():
        for rule in _repeated(alerts.rules):
            subjects.setdefault(rule["alert"], []).append(_subject(rule))
    for alert, whose in subjects.items():
        more = f" and {len(whose) - 1} more" if len(whose) > 1 else ""
        message = f"two rules are called {quoted(alert)} and have equal labels, for {whose[0]}{more}: {_EFFECT}"
        span, hint = _place_and_hint(context, alert)
        yield Problem("rules/same-alert", message, span, hint, Severity.WARNING)


def _repeated(rules: Sequence[Rule]) -> Iterator[Rule]:
    known = set()
    for rule in rules:
        key = (rule["alert"], frozenset(rule["labels"].items()))
        if key in known:
            yield rule
        known.add(key)


def _subject(rule: Rule) -> str:
    labels = rule["labels"]
    group = f"group {quoted(labels['consumer_group'])} on " if "consumer_group" in labels else ""
    whose = f"topic {quoted(labels['topic'])} of " if "topic" in labels else ""
    return f"{group}{whose}cluster {quoted(labels['kafka_cluster'])}"


def _place_and_hint(context: Context, alert: str) -> tuple[Span, str]:
    """Where the name stands, in a template of the user's own if one has it; and the others that have it, too."""
    own = context.templates.own
    named = [each for each in context.templates.alerts.values() if _name(each) == alert]
    named.sort(key=lambda template: template.source.path not in own)
    others = ", ".join(template.name for template in named[1:])
    hint = "rename one of them, or give it a label that the other has not" + (f" (template {others})" if others else "")
    return named[0].source.document.span(("rule", "alert")) if named else context.catalogs[0].cluster.span, hint


def _name(template: Template) -> Any:
    """As it is written: most have no expression in it."""
    return template.source.yaml[0].data["rule"]["alert"]
