"""What a note is made of: the plans of all clusters, and who is behind the teams and the consumers of the files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from provisioner.problem import Problem
from provisioner.reconcile.kind import Kind
from provisioner.reconcile.model import Key
from provisioner.report.comparison_file import NewVersion
from provisioner.report.planfile import HeldBack, PlanDocument


class Consumer(NamedTuple):
    """A declared consumer group, and the team that runs it."""

    group: str
    team: str


@dataclass(frozen=True, slots=True)
class People:
    """Behind the declarations. `mentions`: users and groups of GitLab by team; `consumers`: by cluster and resource."""

    mentions: Mapping[str, Sequence[str]] = field(default_factory=dict)
    consumers: Mapping[str, Mapping[Key, Sequence[Consumer]]] = field(default_factory=dict)

    def reading(self, cluster: str, key: Key) -> Sequence[Consumer]:
        """The declared consumers of a resource."""
        return self.consumers.get(cluster, {}).get(key, ())


@dataclass(frozen=True, slots=True)
class Unplanned:
    """Why there is no plan of a cluster: nothing is known of it."""

    why: str


@dataclass(frozen=True, slots=True)
class Plans:
    """By cluster the plan, or why there is none.

    `unread`: files that are nobody's plan, each with the reason; `kinds`: all there are, in the order of applying;
    `errors`: those that the files have; `old`: check and message of those besides that the base has, too. `version`:
    where the merge request brings another one of this program or its templates, what that changes.
    """

    by_cluster: Mapping[str, PlanDocument | Unplanned]
    kinds: Sequence[Kind[Any]]
    people: People = field(default_factory=People)
    unread: Mapping[str, str] = field(default_factory=dict)
    errors: Sequence[Problem] = ()
    old: frozenset[tuple[str, str]] = frozenset()
    version: NewVersion | None = None

    @property
    def documents(self) -> list[PlanDocument]:
        """Those that there are."""
        return [each for each in self.by_cluster.values() if isinstance(each, PlanDocument)]

    def held_back(self, document: PlanDocument) -> tuple[list[HeldBack], list[HeldBack]]:
        """What errors hold back, those of this change and those that were there before."""
        parted: tuple[list[HeldBack], list[HeldBack]] = ([], [])
        for each in document.held_back:
            parted[(each.check, each.reason) in self.old].append(each)
        return parted

    def kind(self, name: str) -> Kind[Any]:
        """The kind of that name: plans with others are unplanned."""
        return next(kind for kind in self.kinds if kind.name == name)
