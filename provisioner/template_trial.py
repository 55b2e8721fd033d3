"""Everything rendered and judged without a cluster, to find out what fails before anything depends on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from provisioner.catalog.model import Catalog
from provisioner.kinds import ALERTS, rule_files, trial
from provisioner.kinds.kind import Context
from provisioner.problem import Problem, Span
from provisioner.templates import Templates


def problems(catalogs: Iterable[Catalog], templates: Templates) -> tuple[list[Problem], dict[str, str]]:
    """What templates of the user's own make of every topic, and the texts of those that fail, by path.

    The shipped ones render whatever the checks let pass.
    """
    if not templates.own:
        return [], {}
    found: list[Problem] = []
    sources: dict[str, str] = {}
    for catalog in (catalogs := list(catalogs)):
        wrong, texts = trial.problems(catalog, templates)
        found += wrong
        sources.update(texts)
    return list(dict.fromkeys(found)) or list(_complaints(catalogs, templates)), sources


def _complaints(catalogs: Iterable[Catalog], templates: Templates) -> Iterator[Problem]:
    """What promtool says against the rules, where it is installed: a plan would refuse them for that."""
    from provisioner.stores import prometheus

    own = sorted(path for path in templates.own if path.endswith(".yaml"))
    for catalog in catalogs if own else ():
        name, wanted = catalog.cluster.name, ALERTS.wanted(catalog, Context(templates)).values()
        files = rule_files.pack(name, [want.resource for want in wanted if want.resource])
        for why in prometheus.complaints(files).values():
            message = f"promtool refuses the rules of cluster {name}: {why}"
            yield Problem("template", message, Span(own[0]), "mend the template that makes this rule")
