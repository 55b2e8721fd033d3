"""Plans and outcomes as JSON: one document, with its format's version, for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from provisioner.printable import cut
from provisioner.problem import Span
from provisioner.reconcile.change import Change
from provisioner.reconcile.kind import Kind
from provisioner.reconcile.model import Hazard, Work
from provisioner.reconcile.outcome import Outcome, State
from provisioner.reconcile.plan import Held, Plan
from provisioner.report import folding, held_back, reasons

FORMAT_VERSION = 1
PLAN_VERSION = 2
MOST_LINES = 40
"""Lines of a diff: a new version of a template changes every alert of ten thousand topics."""


def plan_document(plan: Plan) -> dict[str, Any]:
    """One plan, free of clock times. `notes` and `remarks` tell live figures; nothing else does, and no digest."""
    return {
        "format_version": PLAN_VERSION,
        "cluster": plan.cluster,
        "cluster_id": plan.cluster_id,
        "record": {"name": plan.record.name or None, "state": str(plan.record.standing)},
        "base": plan.base,
        "digest": plan.digest,
        "declared": dict(plan.declared),
        "unchanged": dict(plan.unchanged),
        "unmanaged": plan.unmanaged,
        "stopped": dict(plan.stopped),
        "held": [_held(held) for held in plan.held],
        "held_back": held_back.document(plan.held_back),
        "remarks": list(plan.remarks),
        "changes": [_change(plan, change) for change in _sorted(plan.changes)],
        "standing": [_rest(change, plan.reasons.get(change.key, "")) for change in _sorted(plan.standing)],
        "waiting": [_rest(change) for change in _sorted(plan.waiting)],
        "ahead": [_rest(change) for change in _sorted(plan.ahead)],
        "untouched": plan.untouched,
        "not_looked_at": dict(plan.not_looked_at),
    }


def _held(held: Held) -> dict[str, Any]:
    return {
        "kind": held.kind,
        "field": held.field,
        "place": _place(held.span),
        "reason": held.why,
        "without": list(held.without),
        "refused": list(held.refused),
    }


def _place(span: Span) -> dict[str, Any]:
    return {"file": span.path, "line": span.line, "column": span.column}


def _sorted(changes: Sequence[Change[Any]]) -> list[Change[Any]]:
    return sorted(changes, key=lambda change: change.key)


def _rest(change: Change[Any], why: str = "") -> dict[str, Any]:
    kind, name, destination = change.key
    return {"kind": kind, "name": name, "destination": destination, "fields": _fields(change), "why": why}


def _fields(change: Change[Any]) -> list[dict[str, Any]]:
    return [{"field": f.field, "before": f.before, "after": f.after} for f in change.fields]


def _change(plan: Plan, change: Change[Any]) -> dict[str, Any]:
    kind = plan.kind(change.key.kind)
    return {
        "kind": change.key.kind,
        "name": change.key.name,
        "destination": change.key.destination,
        "action": str(change.action),
        "owner": change.owner,
        "identity": change.identity,
        "fingerprint": change.fingerprint,
        "alike": folding.likeness(plan, change),
        "place": _place(change.span),
        "fields": _fields(change),
        "words": list(kind.sentences(change)),
        "called": _called(kind.called(change)),
        "diff": _diff(change, kind),
        "hazards": [_hazard(hazard) for hazard in change.hazards],
        "allow": reasons.consent(change, kind),
        "refusals": [{"by": r.by, "reason": r.reason, "hint": r.hint} for r in change.refusals],
        "by_hand": dict(change.by_hand),
        "second_key": change.second_key,
        "notes": list(change.prepared.notes),
        "readers": [{"group": reader.group, "words": reader.words} for reader in change.prepared.readers],
        "requires": sorted([key.kind, key.name] for key in change.requires),
        "work": _work(change.prepared.work),
    }


def _work(work: Work | None) -> dict[str, Any] | None:
    if work is None:
        return None
    return {
        "copies": work.copies,
        "places": work.places,
        "bytes": work.size,
        "unsized": work.unsized,
        "seconds": round(work.seconds, 1),
        "words": list(work.words),
    }


def _called(teams: Sequence[frozenset[str]]) -> dict[str, list[int]]:
    """By team, which of the words are about it, counted from 0."""
    names = sorted({name for each in teams for name in each})
    return {name: [number for number, each in enumerate(teams) if name in each] for name in names}


def _hazard(hazard: Hazard) -> dict[str, Any]:
    return {
        "slug": hazard.slug,
        "reason": hazard.reason,
        "value": hazard.value,
        "field": hazard.field,
        "hint": hazard.hint,
        "asks": hazard.asks,
        "possible": hazard.possible,
    }


def _diff(change: Change[Any], kind: Kind[Any]) -> list[str]:
    rows = [row for field, lines in kind.diff(change, False) for row in (field, *(f"  {line}" for line in lines))]
    more = [f"... and {len(rows) - MOST_LINES} more lines"] if len(rows) > MOST_LINES else []
    return [cut(row) for row in (*rows[:MOST_LINES], *more)]


def plans(made: Sequence[Plan]) -> dict[str, Any]:
    """Several plans as one document."""
    return {"format_version": PLAN_VERSION, "plans": [plan_document(plan) for plan in made]}


def outcomes(plan: Plan, results: Sequence[Outcome], doubts: Sequence[str] = ()) -> dict[str, Any]:
    """What became of each change, in Salt's four words: name, result, changes, comment."""
    done = {"format_version": FORMAT_VERSION, "cluster": plan.cluster, "digest": plan.digest}
    doubtful = {"not_on_record": list(doubts)} if doubts else {}
    return {**done, **doubtful, "stopped": dict(plan.stopped), "outcomes": [_outcome(o) for o in results]}


_RESULT: Mapping[State, bool | None] = {State.DONE: True, State.STARTED: None, State.DOUBT: None}


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "kind": outcome.key.kind,
        "name": outcome.key.name,
        "result": _RESULT.get(outcome.state, False),
        "state": str(outcome.state),
        "changes": {f.field: {"old": f.before, "new": f.after} for f in outcome.changes},
        "comment": outcome.comment,
    }
