"""Everything rendered and judged without a cluster, to find out what fails before anything depends on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from provisioner import checks, rule_trial
from provisioner.catalog.model import Catalog
from provisioner.kinds import ALERTS, DASHBOARDS, trial
from provisioner.kinds.kind import Kind
from provisioner.kinds.rendering import FOR_TOPIC
from provisioner.kinds.trial import Trial
from provisioner.problem import Problem, Severity
from provisioner.templates import Templates

_KINDS: Mapping[str, Kind[Any]] = {".yaml": ALERTS, ".json": DASHBOARDS}
"""How the files end that a kind is rendered from."""


def problems(context: checks.Context) -> tuple[list[Problem], dict[str, str]]:
    """What templates of the user's own make of every topic, and the texts that problems point into, by path.

    The shipped ones render whatever the checks let pass, and pass the checks of rules.
    """
    templates = context.templates
    kinds = [kind for suffix, kind in _KINDS.items() if any(path.endswith(suffix) for path in templates.own)]
    trials = {each.cluster.name: trial.rendered(each, templates, kinds) for each in context.catalogs if kinds}
    sources = {path: text for each in trials.values() for path, text in each.sources.items()}
    failed = [problem for each in trials.values() for problem in each.problems]
    if failed:
        return list(dict.fromkeys(failed)), sources
    noticed = list(_checked(context, trials))
    if trials and not any(problem.severity is Severity.ERROR for problem in noticed):
        alerts = {name: list(each.alerts.values()) for name, each in trials.items()}
        noticed += rule_trial.problems(context.catalogs, alerts, templates)
    return noticed, {template.source.path: template.source.text for template in templates.alerts.values()}


def failures(catalog: Catalog, templates: Templates) -> tuple[Mapping[Problem, Sequence[str]], Mapping[str, str]]:
    """What fails of one catalog, with the names that it fails for, and the texts that point into, by path."""
    found = trial.rendered(catalog, templates)
    return found.problems, found.sources


def about(error: Problem) -> str:
    """What is wrong, without the topic that showed it: which one met it first may change with any declaration."""
    return error.message.partition(FOR_TOPIC)[0]


def _checked(context: checks.Context, trials: dict[str, Trial]) -> Iterator[Problem]:
    for catalog in context.catalogs if trials else ():
        yield from checks.of_rules(replace(context, catalogs=(catalog,)), trials[catalog.cluster.name].alerts)
