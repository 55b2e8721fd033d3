"""What lanes are told besides the files: what was applied, what the base asked for, what a run is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any

from provisioner.catalog.destinations import Destination
from provisioner.catalog.model import Catalog
from provisioner.kinds.kind import Context, Kind
from provisioner.reconcile.kind import Pruning
from provisioner.reconcile.lanes import Scope
from provisioner.reconcile.model import Wanted
from provisioner.reconcile.on_demand import Each, OnDemand
from provisioner.reconcile.record import Record
from provisioner.templates import Templates


@dataclass(frozen=True, slots=True)
class BaseState:
    """What the files asked of a cluster at the base; `catalog` None: there was no such cluster."""

    catalog: Catalog | None
    templates: Templates


@dataclass(frozen=True, slots=True)
class Past:
    """What was applied, what the base asked for, and what a run is about.

    `topics`: globs of the topics that it is about, none for all of them.
    """

    record: Record = field(default_factory=Record)
    base: BaseState | None = None
    scope: Scope = field(default_factory=Scope)
    topics: tuple[str, ...] = ()

    def selects(self, name: str) -> bool:
        """True for a topic that the run is about."""
        return not self.topics or any(fnmatchcase(name, glob) for glob in self.topics)

    def chosen(self, wanted: Mapping[str, Wanted[Any]]) -> Mapping[str, Wanted[Any]]:
        """The resources that the run is about: topics by their names, others by what they are made for."""
        if not self.topics:
            return wanted
        return {name: want for name, want in wanted.items() if any(map(self.selects, (name, *want.members)))}

    def alike(self, kind: Kind[Any], today: Templates) -> frozenset[str]:
        """The resources that are known to be asked for as at the base: all that they are made of is equal."""
        base = self.base
        if base is None or base.catalog is None or not kind.of_topics:
            return frozenset()
        return frozenset() if kind.derived and not today.says_as(base.templates) else base.catalog.alike

    def wanted_at_base(
        self, kind: Kind[Any], place: Destination, today: Mapping[str, Wanted[Any]], alike: frozenset[str]
    ) -> Mapping[str, Wanted[Any]] | None:
        """What the base asked for at this very place; what it wrote elsewhere is no base for what lies here."""
        if self.base is None:
            return None
        before, context = self.base.catalog, Context(self.base.templates)
        if before and any(each.identity == place.identity for each in kind.destinations(before.cluster)):
            return OnDemand(lambda: _then(kind, before, context, today, alike))
        return {} if kind.pruning is Pruning.NEVER else None


PRESENT = Past()


def _then(
    kind: Kind[Any], before: Catalog, context: Context, today: Mapping[str, Wanted[Any]], alike: frozenset[str]
) -> Mapping[str, Wanted[Any]]:
    """What the base asked for; of what is alike the names are today's, and nothing is made before it is looked at."""
    if not alike:
        return kind.wanted(before, context)

    def of(names: Iterable[str]) -> Mapping[str, Wanted[Any]]:
        return kind.wanted(replace(before, topics={name: before.topics[name] for name in names}), context)

    anew = of(name for name in before.topics if name not in alike)
    same = [name for name in today if name in alike]
    # What is called after no topic follows from all of them.
    whole = OnDemand(lambda: kind.wanted(before, context))

    def made(name: str) -> Wanted[Any]:
        return of([name])[name] if name in alike else anew[name] if name in before.topics else whole[name]

    return Each([*same, *anew], made)
