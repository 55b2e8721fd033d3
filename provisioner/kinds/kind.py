"""A kind that is derived from declarations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from provisioner.catalog.model import Catalog
from provisioner.reconcile import kind
from provisioner.reconcile.model import R, Wanted
from provisioner.templates import Templates


@dataclass(frozen=True, slots=True)
class Context:
    """What resources are derived with, besides the catalog: templates, and the catalog at the base if there is one."""

    templates: Templates = field(default_factory=lambda: Templates({}, {}))
    before: Catalog | None = None


class Kind(kind.Kind[R], Protocol[R]):
    """A kind, and how its resources follow from a catalog. To add one: docs and CONTRIBUTING say where."""

    def wanted(self, catalog: Catalog, context: Context) -> Mapping[str, Wanted[R]]:
        """What the files ask for, by name. Raises InputError if a template cannot be rendered."""
        ...

    def remarks(self, catalog: Catalog, context: Context) -> Iterable[str]:
        """What the files themselves give to know, about no one resource."""
        return ()
