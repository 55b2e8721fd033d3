"""Kinds for tests that care for nothing but the machinery."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from provisioner.catalog.model import Catalog
from provisioner.kinds.kind import Context, Kind
from provisioner.reconcile.kind import Pruning
from provisioner.reconcile.model import Wanted


@dataclass(frozen=True)
class PlainKind(Kind[Any]):
    """A kind of that name: nothing is dangerous about it, and no file declares any."""

    name: str = "thing"
    pruning: Pruning = Pruning.NEVER
    derived: bool = False
    lane: str = "things"
    nouns: tuple[str, str] = ("thing", "things")

    def wanted(self, catalog: Catalog, context: Context) -> dict[str, Wanted[Any]]:
        return {}
