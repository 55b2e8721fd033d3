"""A kind that is derived from declarations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

from provisioner.catalog.destinations import Destination
from provisioner.catalog.entries import Sections
from provisioner.catalog.model import Catalog, Cluster
from provisioner.problem import Problem
from provisioner.reconcile import kind
from provisioner.reconcile.model import R, Wanted
from provisioner.templates import Templates


@dataclass(frozen=True, slots=True)
class Context:
    """What resources are derived with, besides the catalog."""

    templates: Templates = field(default_factory=lambda: Templates({}, {}))


class Kind(kind.Kind[R], Protocol[R]):
    """A kind, where its resources live, and how they follow from a catalog.

    `sections`: the words that declare it at the top of a team's file, each with what an entry below it may say
    (a model of pydantic; `clusters:` in it says where the entry counts). Topics and consumers need none: the catalog
    merges them. `of_topics`: a resource that is called after a topic follows from that topic, the cluster and the
    templates, and from nothing else.
    """

    sections: Sections = MappingProxyType({})
    of_topics: bool = False

    def follows_from_all(self, name: str) -> bool:
        """True for a resource that is made of many topics: an error that hides one of them holds it back."""
        return False

    def destinations(self, cluster: Cluster) -> Iterable[Destination]:
        """Every place that has such resources of the cluster: each is a lane of its own."""
        ...

    def wanted(self, catalog: Catalog, context: Context) -> Mapping[str, Wanted[R]]:
        """What the files ask for, by name. A resource that a template gives is rendered when it is looked at."""
        ...

    def wrong(self, context: Context, catalog: Catalog | None = None) -> Sequence[Problem]:
        """Errors outside the declarations by which nothing of this kind can be made: of templates, say.

        `catalog`: with those by which nothing can be made for this cluster.
        """
        return ()

    def remarks(self, catalog: Catalog, context: Context) -> Iterable[str]:
        """What the files themselves give to know, about no one resource."""
        return ()
