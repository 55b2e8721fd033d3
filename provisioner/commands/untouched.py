"""Clusters of which the files changed nothing since the base: nothing is asked of them, nor read for them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from provisioner.catalog.model import Catalog, Cluster
from provisioner.problem import Problem, Span
from provisioner.reconcile import looking
from provisioner.wiring import AnyLane

NOWHERE = Span("")


def is_untouched(
    catalog: Catalog, before: Catalog | None, lanes: Sequence[AnyLane], errors: Collection[Problem]
) -> bool:
    """True where the cluster's entry and everything that its lanes want are as at the base.

    `lanes`: all of the cluster's, none of them read; `errors`: those of the files that the base does not have.
    """
    if before is None or _without_places(catalog.cluster) != _without_places(before.cluster):
        return False
    if any(_is_wrong(lane, errors) for lane in lanes):
        return False
    return catalog.cluster.is_retired or all(map(looking.is_untouched, lanes))


def _without_places(cluster: Cluster) -> Cluster:
    team = replace(cluster.team, span=NOWHERE) if cluster.team else None
    return replace(cluster, span=NOWHERE, team=team)


def _is_wrong(lane: AnyLane, errors: Collection[Problem]) -> bool:
    """True where an error may hold back something of it; what cannot be read may be of any cluster."""
    unread = [lane.unread.rest] if lane.unread.rest else []
    left = (problem for name, problem in lane.unread.names.items() if name in (lane.base or {}))
    holding = {*(hold.problem for hold in lane.held.values()), *left, *unread}
    return any(error in holding for error in errors)
