"""A reviewed plan against what would be done now: exactly what was reviewed is done, by fingerprint."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from provisioner.printable import cut
from provisioner.problem import Span
from provisioner.reconcile import guard
from provisioner.reconcile.change import Action, Change
from provisioner.reconcile.lanes import Lane
from provisioner.reconcile.model import FieldChange, Key, R, Refusal, Wanted
from provisioner.reconcile.plan import Plan

BY = "stale"
HINT = "plan again, and have that plan reviewed"
SHOWN = 4
MOST_TIMES, SPARE = 2, 1024**3
"""More than so many times what was reviewed, and so many bytes, is another thing than what was agreed to."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One change of a plan file. `refused`: nobody agreed to it by agreeing to the plan. `size`: the bytes that it was
    to copy; None: nothing was said of that.
    """

    key: Key
    action: Action
    fields: tuple[FieldChange, ...]
    fingerprint: str
    refused: bool
    span: Span
    owner: str = ""
    size: int | None = None


class Unreviewed(StrEnum):
    """What becomes of a change that no plan covers: it is refused, or done where no danger asks for more."""

    REFUSE = "refuse"
    SAFE = "safe"


@dataclass(frozen=True, slots=True)
class Agreement:
    """What was agreed to, and what becomes of the rest. `hint`: how to agree to that.

    `is_exact`: what was agreed to and is asked for no more is refused by name; else a later agreement took its place.
    """

    reviewed: Mapping[Key, Reviewed]
    unreviewed: Unreviewed = Unreviewed.REFUSE
    hint: str = HINT
    is_exact: bool = True


def restrict(now: Plan, lanes: Sequence[Lane[Any]], agreement: Agreement) -> Plan:
    """Only what was reviewed; of the rest what the agreement lets pass. All else is refused as stale, with both
    versions, and what depends on it too.

    Of a change its reviewed fields are done, and the others refused by name (`unreviewed`). What waits is left alone.
    A reviewed change that is as wanted already counts as done (`already_applied`).
    """
    pairs = [_judged(change, agreement, now.slow(change.key.kind)) for change in now.changes]
    missing = _missing(now, lanes, agreement.reviewed)
    done = [one for one, lane in missing if _is_as_wanted(one, lane, now)]
    gone = [_gone(one, lane, now, agreement.hint) for one, lane in missing if one not in done]
    gone = gone if agreement.is_exact else []
    changes, left = guard.blocked([*(change for change, _ in pairs), *gone]), tuple(rest for _, rest in pairs if rest)
    return replace(now, changes=changes, already_applied=len(done), unreviewed=left)


def named(now: Plan, names: Collection[str]) -> Plan:
    """With the second key of what somebody named."""
    return replace(now, changes=tuple(guard.named(change, names) for change in now.changes))


def without_plan(now: Plan, names: Collection[str] = ()) -> Plan:
    """What may be done though nobody reviewed it: not what needs a second key, unless somebody named it."""
    return replace(now, changes=guard.blocked(guard.without_second_key(now.changes, names)))


def is_agreed(change: Change[Any], one: Reviewed | None) -> bool:
    """True where exactly this change was reviewed, and not refused then."""
    return one is not None and not one.refused and one.fingerprint == change.fingerprint


def covers(one: Reviewed, change: Change[Any], slow: frozenset[str] = frozenset()) -> bool:
    """True where the change is what was reviewed, or has that among its fields, or is what is left of it."""
    return is_agreed(change, one) or _parted(change, one) is not None or _is_rest(change, one, slow)


def _is_rest(change: Change[Any], one: Reviewed | None, slow: frozenset[str]) -> bool:
    """What is left of an update that a run began: fields that were reviewed, and that put nothing in danger.

    A `slow` field may be half way by now.
    """
    if one is None or one.refused or {change.action, one.action} != {Action.UPDATE} or not change.fields:
        return False
    then = {field.field: field for field in one.fields}
    same = all(
        (was := then.get(field.field)) is not None
        and was.after == field.after
        and (was.before == field.before or field.field in slow)
        for field in change.fields
    )
    return same and slow & then.keys() != frozenset() and guard.is_harmless(change)


def _judged(change: Change[R], agreement: Agreement, slow: frozenset[str]) -> tuple[Change[R], Change[R] | None]:
    """What of a change may be done, and the rest of it, refused."""
    one = agreement.reviewed.get(change.key)
    if (is_agreed(change, one) or _is_rest(change, one, slow)) and not change.refusals:
        if one is not None and (why := _outgrown(change, one)):
            return guard.refused(change, Refusal(BY, why, agreement.hint)), None
        return replace(change, reserved={}), None
    if one is not None and (parts := _parted(change, one)):
        return _shared(change, *parts, agreement)
    if change.refusals or _passes(change, agreement):
        return change, None
    return guard.refused(change, Refusal(BY, _why(change, one), agreement.hint)), None


def _outgrown(change: Change[Any], one: Reviewed) -> str:
    """Where it goes is no part of what was agreed to, but not so much more than was to be copied."""
    work = change.prepared.work
    if work is None or one.size is None or work.size <= MOST_TIMES * one.size + SPARE:
        return ""
    return f"reviewed: {one.size:,} bytes to copy; now: {work.size:,}"


def _passes(change: Change[Any], agreement: Agreement) -> bool:
    return agreement.unreviewed is Unreviewed.SAFE and guard.is_harmless(change)


def _shared(
    change: Change[R], part: Change[R], rest: Change[R], agreement: Agreement
) -> tuple[Change[R], Change[R] | None]:
    if change.refusals:
        return part, None
    if _passes(rest, agreement):
        return replace(change, reserved={}), None
    why = Refusal(BY, f"not in the reviewed plan: {_version(change.action, rest.fields)}", agreement.hint)
    return replace(part, reserved={}), guard.refused(rest, why)


def _parted(change: Change[R], one: Reviewed) -> tuple[Change[R], Change[R]] | None:
    """The reviewed fields of an update, and the others; None where that is not what was reviewed."""
    more = {field.field for field in change.fields} - {field.field for field in one.fields}
    if one.refused or not more or change.action is not Action.UPDATE or change.inputs:
        return None
    part = change.without(more)
    return (part, change.only(more)) if part.fingerprint == one.fingerprint else None


def _why(change: Change[R], one: Reviewed | None) -> str:
    now = _version(change.action, change.fields)
    if one is None:
        return "it is not in the reviewed plan"
    if one.refused:
        return "the reviewed plan refused it"
    then = _version(one.action, one.fields)
    if then == now:
        return f"reviewed: {then}; now the same of another {change.key.kind} of that name"
    return f"reviewed: {then}; now: {now}"


def _version(action: Action, fields: Sequence[FieldChange]) -> str:
    if action is Action.DELETE or not fields:
        return str(action)
    shown = [f"{f.field} {_shown_value(f.before)} -> {_shown_value(f.after)}" for f in fields[:SHOWN]]
    more = [f"and {len(fields) - SHOWN} more"] if len(fields) > SHOWN else []
    return f"{action} " + ", ".join([*shown, *more])


def _shown_value(value: str | None) -> str:
    return "(not set)" if value is None else cut(value)


def _missing(
    now: Plan, lanes: Sequence[Lane[Any]], reviewed: Mapping[Key, Reviewed]
) -> list[tuple[Reviewed, Lane[Any]]]:
    """Reviewed changes that the cluster does not need now; of a lane that did not answer nothing is known."""
    # Nothing is known of what is held back: neither that it is done nor that it is outdated.
    there = {change.key for change in now.changes} | now.held_back.keys()
    answering = [lane for lane in lanes if lane.kind.name not in now.stopped]
    left = [one for key, one in reviewed.items() if key not in there and not one.refused]
    return [(one, lane) for one in left for lane in answering if lane.has(one.key) and is_looked_at(one.key, lane)]


def is_looked_at(key: Key, lane: Lane[Any]) -> bool:
    """False for what a run of some topics leaves out."""
    return lane.scope.is_whole or key.name in lane.wanted or lane.selects(key.name)


def _is_as_wanted(one: Reviewed, lane: Lane[Any], now: Plan) -> bool:
    if any(change.key == one.key for change in now.standing):
        return False
    want: Wanted[Any] | None = lane.wanted.get(one.key.name)
    if one.action is Action.DELETE:
        return want is None or want.is_absent
    asked = want.resource if want else None
    if asked is None:
        return False
    fields = asked.fields()
    return all(fields.get(field.field) == field.after for field in one.fields)


def _gone(one: Reviewed, lane: Lane[Any], plan: Plan, hint: str) -> Change[Any]:
    want = lane.wanted.get(one.key.name)
    resource = want.resource if want else None
    asked = resource.fields() if resource is not None else {}
    now = ", ".join(_asked(one.fields, asked)) or plan.reasons.get(one.key) or "the files ask for it no more"
    why = Refusal(BY, f"reviewed: {_version(one.action, one.fields)}; now: {now}", hint)
    return Change(one.key, one.action, None, None, one.fields, one.span, one.owner, refusals=(why,))


def _asked(fields: Sequence[FieldChange], asked: Mapping[str, str]) -> Iterator[str]:
    for field in fields[:SHOWN] if asked else ():
        if asked.get(field.field) != field.after:
            yield f"the files ask for {field.field} {_shown_value(asked.get(field.field))}"
