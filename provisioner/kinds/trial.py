"""Every template rendered for every topic, to find out what fails before anything depends on it."""

from __future__ import annotations

from provisioner.catalog.model import Catalog
from provisioner.errors import InputError
from provisioner.kinds.alerts import ALERTS
from provisioner.kinds.dashboard import DASHBOARDS
from provisioner.kinds.kind import Context
from provisioner.problem import Problem
from provisioner.templates import Templates


def problems(catalog: Catalog, templates: Templates) -> tuple[list[Problem], dict[str, str]]:
    """What cannot be rendered, each template's first failing topic, and the texts of those templates by path."""
    found: dict[Problem, None] = {}
    sources: dict[str, str] = {}
    for kind in (ALERTS, DASHBOARDS):
        for want in kind.wanted(catalog, Context(templates)).values():
            try:
                _ = want.resource
            except InputError as error:
                found |= dict.fromkeys(error.problems)
                sources.update(error.sources)
    return list(found), sources
