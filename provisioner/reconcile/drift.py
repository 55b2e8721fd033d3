"""Declared, last applied and live, told apart: whose every difference is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from provisioner.problem import Span
from provisioner.reconcile import scope
from provisioner.reconcile import verdict as record_verdict
from provisioner.reconcile.change import Action, Change
from provisioner.reconcile.entry import Applied, EntryError
from provisioner.reconcile.lanes import Lane
from provisioner.reconcile.model import Key, Observed, Wanted
from provisioner.reconcile.plan import Plan
from provisioner.reconcile.scope import WHOLE
from provisioner.reconcile.verdict import Case, Texts, Whose, of_field, of_rendered


class Verdict(StrEnum):
    """Who made a difference."""

    NOT_APPLIED = "not yet applied"
    BY_HAND = "changed by hand"
    BOTH = "changed in the files and by hand"
    ADDED = "set by hand (in no file)"
    GONE = "gone"
    UNKNOWN = "not known whose"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field in its three versions (None: not set, or not there); `base` is None without a base, too."""

    key: Key
    owner: str
    span: Span
    field: str
    declared: str | None
    base: str | None
    live: str | None
    verdict: Verdict


def told_apart(plan: Plan, lanes: Sequence[Lane[Any]]) -> list[Difference]:
    """Every difference of a plan of everything; `lanes` know what is on record, and what the base asked for.

    What is unknown is no difference, and no agreement either: the plan names it, and so does `unclear`. What another
    repository applied is no business of this one. What somebody set that no file names is a difference too, whatever
    an apply would do about it.
    """
    added = {(one.key, one.field): one for lane in lanes for one in _added(plan, lane)}
    found = [one for lane in lanes for change in plan.changes if lane.has(change.key) for one in _of(change, lane)]
    return [*(one for one in found if (one.key, one.field) not in added), *added.values()]


def _added(plan: Plan, lane: Lane[Any]) -> Iterator[Difference]:
    """What is set, and neither the files nor the record ever asked for."""
    for key, seen in plan.found.items():
        want = lane.wanted.get(key.name) if lane.has(key) else None
        extra = lane.kind.added(want, seen) if want else {}
        if want is None or not extra or key in lane.record.others or key in lane.record.unclear:
            continue
        known = _known(lane.record.applied(key))
        verdict = Verdict.ADDED if lane.record.is_readable else Verdict.UNKNOWN
        for field in sorted(extra.keys() - known):
            yield Difference(key, want.owner, want.span, field, None, None, extra[field], verdict)


def _known(applied: Applied | None) -> frozenset[str]:
    return frozenset((*applied.asked, *applied.open, *applied.unclaimed)) if applied else frozenset()


def _of(change: Change[Any], lane: Lane[Any]) -> Iterator[Difference]:
    if change.is_unsure or change.key in lane.record.others:
        return
    try:
        applied = lane.record.applied(change.key)
    except EntryError:
        return
    yield from _since_base(change, lane) if applied is None else _since_applied(change, lane, applied)


def unclear(plan: Plan, lanes: Sequence[Lane[Any]]) -> dict[Key, str]:
    """What differs, and has an entry that is not understood: whose that is, is not known."""
    differing = ((change, lane) for lane in lanes for change in plan.changes if lane.has(change.key))
    return {change.key: why for change, lane in differing if (why := lane.record.unclear.get(change.key))}


def _since_applied(change: Change[Any], lane: Lane[Any], applied: Applied) -> Iterator[Difference]:
    """By what is on record of it."""
    same = None in (applied.identity, change.identity) or applied.identity == change.identity
    seen = Observed(change.before, facts=change.facts) if change.before is not None else None
    underway = lane.kind.unconfirmed(seen) if seen else frozenset()
    case, want = Case(applied, same, is_new=False, underway=underway), lane.wanted.get(change.key.name)
    if change.action is not Action.UPDATE or want is None:
        gone = change.action is Action.CREATE
        declared, live = ("present", "absent") if gone else ("absent", "present")
        verdict = Verdict.GONE if gone else Verdict.NOT_APPLIED
        yield _difference(change, WHOLE, declared, "present", live, verdict)
        return
    whole = _of_rendered(lane, change, want, case) if change.inputs else None
    for field in change.fields:
        found = whole or of_field(field.field, field.after, field.before, case)
        base = applied.asked.get(field.field)
        verdict = _WORDS[found.whose, found.is_by_hand] if found.recorded else Verdict.UNKNOWN
        yield _difference(change, field.field, field.after, base, field.before, verdict)


def _of_rendered(lane: Lane[Any], change: Change[Any], want: Wanted[Any], case: Case) -> record_verdict.Verdict:
    assert change.before is not None
    assert change.after is not None
    kind = lane.kind
    there, wanted = scope.written(kind, change.before), scope.written(kind, change.after)
    texts = Texts(want.declared or want.inputs, there, wanted)
    return of_rendered(texts, case, untouched=False)


_WORDS = {
    (Whose.OURS, False): Verdict.NOT_APPLIED,
    (Whose.OURS, True): Verdict.BOTH,
    (Whose.STANDING, False): Verdict.BY_HAND,
}


def _since_base(change: Change[Any], lane: Lane[Any]) -> Iterator[Difference]:
    """Where nothing is on record of it: by what the base asked for, if there is one."""
    if change.action is not Action.UPDATE:
        yield _presence(change, lane)
        return
    then = _base_fields(change, lane)
    for field in change.fields:
        base = None if then is None else then.get(field.field)
        verdict = _verdict(lane.base, then, field.before, base, field.after)
        yield _difference(change, field.field, field.after, base, field.before, verdict)


def _presence(change: Change[Any], lane: Lane[Any]) -> Difference:
    """There or not: a topic that nobody made yet, or that somebody removed; one to be deleted, or made again."""
    declared = "present" if change.action is Action.CREATE else "absent"
    live = "absent" if change.action is Action.CREATE else "present"
    then = None if lane.base is None else lane.base.get(change.key.name)
    base = None if then is None else "absent" if then.is_absent else "present"
    by_hand = Verdict.GONE if change.action is Action.CREATE else Verdict.BY_HAND
    verdict = by_hand if base == declared else Verdict.NOT_APPLIED
    if lane.base is None:
        # Of what is gone there would be an entry.
        is_new = change.action is Action.CREATE and lane.record.is_kept
        verdict = Verdict.NOT_APPLIED if is_new else Verdict.UNKNOWN
    return _difference(change, WHOLE, declared, base, live, verdict)


def _base_fields(change: Change[Any], lane: Lane[Any]) -> Mapping[str, str] | None:
    """What the base asked for, given what is there: an inherited default is no override."""
    then = lane.base.get(change.key.name) if lane.base else None
    asked = then.resource if then else None
    if then is None or asked is None:
        return None
    seen = Observed(change.before, change.identity, facts=change.facts)
    fields: Mapping[str, str] = lane.kind.resolved(asked, then, seen).fields()
    return fields


def _verdict(
    base: Mapping[str, Wanted[Any]] | None,
    then: Mapping[str, str] | None,
    live: str | None,
    was: str | None,
    declared: str | None,
) -> Verdict:
    if base is None:
        return Verdict.UNKNOWN
    if then is None or live == was:
        return Verdict.NOT_APPLIED
    return Verdict.BY_HAND if was == declared else Verdict.BOTH


def _difference(
    change: Change[Any], field: str, declared: str | None, base: str | None, live: str | None, verdict: Verdict
) -> Difference:
    return Difference(change.key, change.owner, change.span, field, declared, base, live, verdict)
