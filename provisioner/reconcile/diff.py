"""Wanted against observed, field by field: a change, or nothing."""

from __future__ import annotations

from provisioner.reconcile.change import Action, Change
from provisioner.reconcile.kind import Kind
from provisioner.reconcile.model import FieldChange, Key, Observed, R, Wanted, fields_changed
from provisioner.reconcile.on_demand import Deferred


def change(
    key: Key, want: Wanted[R], seen: Observed[R] | None, kind: Kind[R], touched: frozenset[str] | None = None
) -> Change[R] | None:
    """What brings the observed resource to the wanted one; None where they agree and the files hold no danger.

    `touched`: the fields that are asked for; all others stay as they are there. None: all are asked for.
    """
    before = seen.resource if seen else None
    asked = want.resource
    if asked is not None and before is not None and touched is not None:
        asked = asked.restricted_to(touched, before)
    after = kind.resolved(asked, want, seen) if asked is not None else None
    from_files = want.hazards if before is not None else ()
    if before == after and not from_files:
        return None
    fields = _fields(before, after)
    if before is not None and after is not None and not fields and not from_files:
        return None
    return Change(
        key=key,
        action=_action(before, after),
        before=before,
        after=after,
        listed=fields,
        span=want.span,
        owner=want.owner,
        identity=seen.identity if seen else None,
        hazards=(*kind.hazards(seen, want, after), *from_files),
        consents=want.consents,
        members=want.members,
        inputs=want.inputs,
        facts=seen.facts if seen else None,
    )


def _fields(before: R | None, after: R | None) -> tuple[FieldChange, ...] | Deferred[tuple[FieldChange, ...]]:
    """Of an update what differs. What comes or goes as a whole is seldom looked at part by part."""

    def differing() -> tuple[FieldChange, ...]:
        return fields_changed(before.fields() if before else {}, after.fields() if after else {})

    return differing() if before is not None and after is not None else Deferred(differing)


def _action(before: R | None, after: R | None) -> Action:
    if before is None:
        return Action.CREATE
    return Action.DELETE if after is None else Action.UPDATE
