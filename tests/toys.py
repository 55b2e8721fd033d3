"""A fourth kind, whole: what a file may say of it, how it reads as fields, what is dangerous, and where it lives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from pydantic import Field

from provisioner.catalog.declared_values import Strict
from provisioner.catalog.destinations import Layout
from provisioner.catalog.entries import Entry
from provisioner.catalog.model import Catalog, Cluster
from provisioner.kinds.kind import Context, Kind
from provisioner.line import Line
from provisioner.reconcile.change import Change
from provisioner.reconcile.kind import Pruning
from provisioner.reconcile.model import Consent, Hazard, Observed, Wanted
from tests.memory import MemoryStore

SHELVES: dict[str, dict[str, Observed[Toy]]] = {}
"""What stands on each shelf: the world outside."""


class ToyDeclaration(Strict):
    """One entry under `toys:`."""

    name: str
    colour: str = "brown"
    clusters: list[str] | None = None
    allow: dict[str, str] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Toy:
    """A thing with a colour."""

    colour: str

    def fields(self) -> Mapping[str, str]:
        return {"colour": self.colour}

    def exact(self) -> Mapping[str, str]:
        return self.fields()

    def restricted_to(self, fields: frozenset[str], observed: Toy) -> Toy:
        return self if "colour" in fields else observed

    def without(self, members: frozenset[str]) -> Toy | None:
        return self


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where toys stand."""

    name: str
    addresses: tuple[tuple[str, str], ...] = ()
    layout: Layout = field(default_factory=Layout)

    @property
    def identity(self) -> str:
        return f"shelf:{self.name}"


class Toys(Kind[Toy]):
    """Whoever paints a toy that somebody plays with is asked first."""

    name = "toy"
    lane = "toys"
    nouns = ("toy", "toys")
    pruning = Pruning.MARKED
    derived = False
    sections = MappingProxyType({"toys": ToyDeclaration})

    def destinations(self, cluster: Cluster) -> Iterable[Shelf]:
        return (Shelf(f"{cluster.name}/upper"), Shelf(f"{cluster.name}/lower"))

    def wanted(self, catalog: Catalog, context: Context) -> dict[str, Wanted[Toy]]:
        return {entry.value.name: self._wanted(entry) for entry in catalog.others.get("toys", ())}

    def _wanted(self, entry: Entry[ToyDeclaration]) -> Wanted[Toy]:
        consents = tuple(Consent(slug, value) for slug, value in entry.value.allow.items())
        return Wanted(Toy(entry.value.colour), entry.span("name"), entry.team, consents)

    def hazards(self, seen: Observed[Toy] | None, want: Wanted[Toy], after: Toy | None) -> Iterable[Hazard]:
        if seen and after:
            yield Hazard("other-colour", "children know it by its colour", after.colour, "colour")

    def words(self, change: Change[Toy], whole: bool) -> Iterator[Line]:
        if change.after:
            yield Line(f"    painted {change.after.colour}")


TOYS = Toys()


def on_shelf(place: Shelf, catalog: Catalog, bench: Any) -> MemoryStore[Toy]:
    """A shelf's store."""
    return MemoryStore(SHELVES.setdefault(place.name, {}))
