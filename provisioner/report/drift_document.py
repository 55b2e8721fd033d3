"""Drift as JSON: one document of all clusters; and a list of what was changed by hand, with the ways out of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from provisioner.reconcile.drift import Difference
from provisioner.reconcile.model import Key
from provisioner.report import drift_lines
from provisioner.report.drift import Drift, Way, counted
from provisioner.report.stamps import stamp_document

FORMAT_VERSION = 1


def document(drifts: Sequence[Drift]) -> dict[str, Any]:
    """All clusters as one JSON document."""
    return {"format_version": FORMAT_VERSION, "clusters": [_cluster(drift) for drift in drifts]}


def _cluster(drift: Drift) -> dict[str, Any]:
    told = [_with_way(drift, one) for one in drift.in_order]
    teams = {owner: _team_counts(drift, list(group)) for owner, group in groupby(drift.in_order, lambda one: one.owner)}
    unknown = [{"kind": key.kind, "name": key.name, "why": why} for key, why in sorted(drift.unknown.items())]
    unreadable = None if drift.record.is_readable else drift.record.why
    head = {"cluster": drift.cluster, "base": drift.base, "stopped": dict(drift.stopped), "unreadable": unreadable}
    resources = [_resource(drift, key, list(group)) for key, group in groupby(drift.in_order, lambda one: one.key)]
    return {**head, "unknown": unknown, "teams": teams, "differences": told, "resources": resources}


def _resource(drift: Drift, key: Key, differences: Sequence[Difference]) -> dict[str, Any]:
    """In the words of the text, and with the YAML that its entry would have to say for all of it to stay."""
    words = [line.plain for line in drift_lines.told(drift, key, differences)]
    return {"kind": key.kind, "name": key.name, "words": words, "adopt": drift.entries.get(key)}


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
    listed = [{"cluster": drift.cluster, **_with_way(drift, one)} for drift in drifts for one in drift.in_order]
    return json.dumps(listed, indent=2)


def _with_way(drift: Drift, one: Difference) -> dict[str, Any]:
    way = drift.ways.get((one.key, one.field), Way())
    return {**difference(drift, one), "adopt": way.adopt, "undo": way.undo, "why": way.why or None}
