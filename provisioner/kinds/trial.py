"""Every template rendered for every topic, to find out what fails before anything depends on it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from provisioner.catalog.model import Catalog
from provisioner.errors import InputError
from provisioner.kinds.alert_set import AlertSet
from provisioner.kinds.alerts import ALERTS
from provisioner.kinds.dashboard import DASHBOARDS
from provisioner.kinds.kind import Context, Kind
from provisioner.problem import Problem
from provisioner.templates import Templates


class Trial(NamedTuple):
    """What fails, each with the names that it fails for; the texts of those templates by path; the alerts.

    `alerts`: those that could be rendered, by topic.
    """

    problems: dict[Problem, list[str]]
    sources: dict[str, str]
    alerts: dict[str, AlertSet]


def rendered(catalog: Catalog, templates: Templates, kinds: Iterable[Kind[Any]] = (ALERTS, DASHBOARDS)) -> Trial:
    """All that the templates of these kinds make of one cluster's catalog."""
    trial = Trial({}, {}, {})
    for kind in kinds:
        for name, want in kind.wanted(catalog, Context(templates)).items():
            try:
                resource: Any = want.resource
            except InputError as error:
                for problem in error.problems:
                    trial.problems.setdefault(problem, []).append(name)
                trial.sources.update(error.sources)
            else:
                if isinstance(resource, AlertSet):
                    trial.alerts[name] = resource
    return trial
