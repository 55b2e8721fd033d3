"""What promtool says of the rules that a user's own templates make: of which template, and where in it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from provisioner.catalog.model import Catalog
from provisioner.kinds import ALERTS, rule_files, trial
from provisioner.kinds.alert_set import AlertSet, Rule
from provisioner.kinds.rendering import FOR_TOPIC
from provisioner.problem import Problem, Span
from provisioner.templates import Template, Templates

NEAR = 30
"""Characters of an expression that are shown on each side of where promtool stumbles."""

_PLACE = re.compile(r'^[^"]*group "[^"]*", rule \d+, "[^"]*": ')
"""In a file that nobody has."""
_OF_A_TEXT = re.compile(r'(annotation|label) "([^"]*)"')
_IN_EXPRESSION = re.compile(r"could not parse expression: (\d+):(\d+): ")


def problems(
    catalogs: Sequence[Catalog], alerts: Mapping[str, Sequence[AlertSet]], templates: Templates
) -> list[Problem]:
    """Nothing where promtool is not installed: a plan would refuse the rules for it. `alerts`: of each cluster."""
    own = [each for each in templates.alerts.values() if each.source.path in templates.own]
    refused = {name: why for name, sets in alerts.items() if own and (why := _refusal(name, sets))}
    there = [catalog for catalog in catalogs if catalog.cluster.name in refused]
    found = [problem for template in own if there and (problem := _problem(template, there, templates))]
    return found or [_unclear(name, why, own[0]) for name, why in refused.items()]


def _unclear(cluster: str, why: str, template: Template) -> Problem:
    """None of the templates is refused alone."""
    message = f"promtool refuses the rules of cluster {cluster}: {why}"
    return Problem("template", message, Span(template.source.path), "mend the templates that make these rules")


def _problem(template: Template, catalogs: Sequence[Catalog], templates: Templates) -> Problem | None:
    alone = replace(templates, alerts={template.name: template})
    for catalog in catalogs:
        cluster = catalog.cluster.name
        if one := _first_refused(cluster, list(trial.rendered(catalog, alone, [ALERTS]).alerts.values())):
            why = _refusal(cluster, [one])
            message = f"promtool refuses this rule: {_shown(why, one.rules[0])}"
            whose = f"{FOR_TOPIC}{one.topic!r} of cluster {cluster!r})"
            return Problem("template", message + whose, _span(template, why), "mend it in the template")
    return None


def _first_refused(cluster: str, sets: Sequence[AlertSet]) -> AlertSet | None:
    """With one rule of it; promtool is asked as often as the number has binary digits."""
    if not _refusal(cluster, sets):
        return None
    while len(sets) > 1:
        half = sets[: len(sets) // 2]
        sets = half if _refusal(cluster, half) else sets[len(sets) // 2 :]
    rules = [replace(each, rules=(rule,)) for each in sets for rule in each.rules]
    return next((each for each in rules if _refusal(cluster, [each])), None)


def _refusal(cluster: str, sets: Sequence[AlertSet]) -> str:
    """The first that promtool says against these rules."""
    from provisioner.stores import prometheus

    found = prometheus.complaints(rule_files.pack(cluster, sets)).values() if sets else ()
    return _PLACE.sub("", next(iter(found), ""))


def _shown(why: str, rule: Rule) -> str:
    """With what stands there: promtool counts in an expression that nobody has written."""
    place = _IN_EXPRESSION.match(why)
    lines = str(rule.get("expr", "")).split("\n")
    if not place or int(place[1]) > len(lines):
        return why
    line, column = lines[int(place[1]) - 1], int(place[2]) - 1
    before, after = line[max(0, column - NEAR) : column], line[column : column + NEAR]
    return f"{why[place.end() :]}, between `{before}` and `{after}`"


def _span(template: Template, why: str) -> Span:
    of_text = _OF_A_TEXT.match(why)
    part = (f"{of_text[1]}s", of_text[2]) if of_text else ("expr",)
    return template.source.span(("rule", *part))
