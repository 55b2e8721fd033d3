"""Drift as JSON: one document of all clusters; and a list of what was changed by hand, with the ways out of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from provisioner.reconcile.drift import Difference
from provisioner.report.drift import Drift, Way, counted
from provisioner.report.stamps import stamp_document

FORMAT_VERSION = 1


def document(drifts: Sequence[Drift]) -> dict[str, Any]:
    """All clusters as one JSON document."""
    return {"format_version": FORMAT_VERSION, "clusters": [_cluster(drift) for drift in drifts]}


def _cluster(drift: Drift) -> dict[str, Any]:
    told = [difference(drift, one) for one in drift.in_order]
    teams = {owner: _team_counts(drift, list(group)) for owner, group in groupby(drift.in_order, lambda one: one.owner)}
    unknown = [{"kind": key.kind, "name": key.name, "why": why} for key, why in sorted(drift.unknown.items())]
    head = {"cluster": drift.cluster, "base": drift.base, "stopped": dict(drift.stopped)}
    return {**head, "unknown": unknown, "teams": teams, "differences": told}


def _team_counts(drift: Drift, differences: Sequence[Difference]) -> dict[str, int]:
    return {str(verdict): count for verdict, count in counted(drift, differences).items()}


def difference(drift: Drift, one: Difference) -> dict[str, Any]:
    """One difference for programs."""
    return {
        "kind": one.key.kind,
        "name": one.key.name,
        "owner": one.owner,
        "place": {"file": one.span.path, "line": one.span.line, "column": one.span.column},
        "field": one.field or None,
        "declared": one.declared,
        "applied": one.base,
        "live": one.live,
        "verdict": str(one.verdict),
        "last_applied": stamp_document(drift.stamp(one.key)),
    }


def ways(drifts: Sequence[Drift]) -> str:
    """Every difference with the YAML to write into its entry, and the command that undoes it; null where there is none.

    An empty list where nothing differs.
    """
    return json.dumps([_way(drift, one) for drift in drifts for one in drift.in_order], indent=2)


def _way(drift: Drift, one: Difference) -> dict[str, Any]:
    way = drift.ways.get((one.key, one.field), Way())
    out = {"adopt": way.adopt, "undo": way.undo, "why": way.why or None}
    return {"cluster": drift.cluster, **difference(drift, one), **out}
