"""Everything rendered and judged without a cluster, to find out what fails before anything depends on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from provisioner import checks
from provisioner.kinds import rule_files, trial
from provisioner.kinds.trial import Trial
from provisioner.problem import Problem, Severity, Span
from provisioner.templates import Templates


def problems(context: checks.Context) -> tuple[list[Problem], dict[str, str]]:
    """What templates of the user's own make of every topic, and the texts that problems point into, by path.

    The shipped ones render whatever the checks let pass, and pass the checks of rules.
    """
    if not context.templates.own:
        return [], {}
    trials = {catalog.cluster.name: trial.rendered(catalog, context.templates) for catalog in context.catalogs}
    sources = {path: text for each in trials.values() for path, text in each.sources.items()}
    failed = [problem for each in trials.values() for problem in each.problems]
    if failed:
        return list(dict.fromkeys(failed)), sources
    found = list(_checked(context, trials))
    if not any(problem.severity is Severity.ERROR for problem in found):
        found += _complaints(trials, context.templates)
    return found, _texts(context.templates)


def _checked(context: checks.Context, trials: dict[str, Trial]) -> Iterator[Problem]:
    for catalog in context.catalogs:
        yield from checks.of_rules(replace(context, catalogs=(catalog,)), trials[catalog.cluster.name].alerts)


def _texts(templates: Templates) -> dict[str, str]:
    return {template.source.path: template.source.text for template in templates.alerts.values()}


def _complaints(trials: dict[str, Trial], templates: Templates) -> Iterator[Problem]:
    """What promtool says against the rules, where it is installed: a plan would refuse them for that."""
    from provisioner.stores import prometheus

    own = sorted(path for path in templates.own if path.endswith(".yaml"))
    for name, made in trials.items() if own else ():
        for why in prometheus.complaints(rule_files.pack(name, made.alerts.values())).values():
            message = f"promtool refuses the rules of cluster {name}: {why}"
            yield Problem("template", message, Span(own[0]), "mend the template that makes this rule")
