"""What a check may look at, and what a check is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import wraps

from provisioner.catalog.codeowners import Repository
from provisioner.catalog.folder import Declarations
from provisioner.catalog.model import Catalog
from provisioner.kinds.alert_set import AlertSet
from provisioner.problem import Problem
from provisioner.templates import Templates


@dataclass(frozen=True, slots=True)
class Context:
    """The catalogs of all clusters; what stands in the files, merged or not; the templates of alerts and dashboards;
    the repository around them.

    Empty is what is not at hand: a check of it finds nothing then.
    """

    catalogs: tuple[Catalog, ...]
    declarations: Declarations = field(default_factory=lambda: Declarations(""))
    templates: Templates = field(default_factory=lambda: Templates({}, {}))
    repository: Repository | None = None


Check = Callable[[Context], Iterable[Problem]]
RuleCheck = Callable[[Context, Mapping[str, AlertSet]], Iterable[Problem]]
"""A check of the rendered rules of the context's one cluster, by topic."""


def each_cluster(check: Callable[[Catalog], Iterable[Problem]]) -> Check:
    """A check that asks no more than one cluster's catalog, made for all of them."""

    @wraps(check)
    def of_all(context: Context) -> Iterator[Problem]:
        for catalog in context.catalogs:
            yield from check(catalog)

    return of_all
