"""A change that was agreed to and is not done yet: kept beside the entries until it is, or the files change."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from provisioner.problem import Span
from provisioner.reconcile import entry, review
from provisioner.reconcile.change import Action, Change
from provisioner.reconcile.entry import Stamp
from provisioner.reconcile.lanes import Lane
from provisioner.reconcile.model import FieldChange, Key
from provisioner.reconcile.plan import Plan
from provisioner.reconcile.record import Record
from provisioner.reconcile.review import Reviewed

NOWHERE = Span("(record)")

Approvals = Mapping[Key, Reviewed]


def text(one: Reviewed, stamp: Stamp) -> bytes:
    """An approval as it stands in the record: one JSON object, beginning as every entry does."""
    document = {
        "version": entry.FORMAT_VERSION,
        "action": str(one.action),
        "fields": [[each.field, each.before, each.after] for each in one.fields],
        "fingerprint": one.fingerprint,
        "owner": one.owner,
        **({} if one.size is None else {"size": one.size}),
        **{name: value for name, value in entry.stamped(stamp).items() if value},
    }
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()


def approvals(record: Record) -> Approvals:
    """Those of a record that are understood; any other one permits nothing."""
    each = ((key, _parsed(key, raw)) for key, raw in record.approved.items())
    return {key: one for key, one in each if one is not None}


def _parsed(key: Key, raw: bytes) -> Reviewed | None:
    try:
        document: dict[str, Any] = json.loads(raw) if len(raw) <= entry.MOST_BYTES else {}
        return _reviewed(key, document) if document["version"] == entry.FORMAT_VERSION else None
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def _reviewed(key: Key, document: Mapping[str, Any]) -> Reviewed:
    """Raises ValueError, TypeError or KeyError for what `text` would not have written."""
    fields = tuple(_field(*each) for each in document["fields"])
    fingerprint, owner, size = document["fingerprint"], document["owner"], document.get("size")
    if not isinstance(fingerprint, str) or not isinstance(owner, str) or not isinstance(size, int | None):
        raise TypeError
    return Reviewed(key, Action(document["action"]), fields, fingerprint, False, NOWHERE, owner, size)


def _field(name: Any, before: Any, after: Any) -> FieldChange:
    if not isinstance(name, str) or not all(value is None or isinstance(value, str) for value in (before, after)):
        raise TypeError
    return FieldChange(name, before, after)


def intended(plan: Plan, agreed: Mapping[Key, Reviewed]) -> dict[Key, Reviewed]:
    """What a run sets out to do, and what is agreed to and refused for now: it is to be tried again.

    Of what was begun before all of it stays agreed to, and not what is left alone.
    """
    return {
        change.key: _whole(change, agreed.get(change.key), plan.slow(change.key.kind))
        for change in plan.changes
        if not change.refusals or review.is_agreed(change, agreed.get(change.key))
    }


def of_slow(plan: Plan) -> dict[Key, Reviewed]:
    """What a run sets out to do that nobody reviewed and that takes long: who asked for it agreed to the end of it."""
    return {
        change.key: _reviewed_now(change)
        for change in plan.changes
        if (slow := plan.slow(change.key.kind))
        and not change.refusals
        and slow & {each.field for each in change.fields}
    }


def _whole(change: Change[Any], one: Reviewed | None, slow: frozenset[str]) -> Reviewed:
    return one if one is not None and review.covers(one, change, slow) else _reviewed_now(change)


def _reviewed_now(change: Change[Any]) -> Reviewed:
    work = change.prepared.work
    return Reviewed(
        change.key,
        change.action,
        change.fields,
        change.fingerprint,
        False,
        change.span,
        change.owner,
        work.size if work else None,
    )


def settled(plan: Plan, lanes: Sequence[Lane[Any]], old: Approvals) -> Iterator[Key]:
    """The approvals that are done, or that the files or the cluster have left behind; what is not known stays."""
    pending: dict[Key, list[Change[Any]]] = {}
    for change in (*plan.changes, *plan.waiting, *plan.ahead, *plan.standing):
        pending.setdefault(change.key, []).append(change)
    for key, one in old.items():
        is_read = key not in plan.unknown and key not in plan.held_back and key.kind not in plan.stopped
        is_looked_at = any(lane.has(key) and review.is_looked_at(key, lane) for lane in lanes)
        slow, left = plan.slow(key.kind), pending.get(key, ())
        is_underway = bool(plan.underway.get(key, frozenset()) & {each.field for each in one.fields})
        if is_read and is_looked_at and not is_underway and not any(review.covers(one, each, slow) for each in left):
            yield key
