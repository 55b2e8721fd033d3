"""What is written below the line of a change: the words of its kind, what goes, and why it is dangerous."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from provisioner.line import Line, Style, signed
from provisioner.reconcile import plain_words
from provisioner.reconcile.change import Action, Change
from provisioner.reconcile.guard import BY_NAME, SECOND_KEYS, UNREVIEWED
from provisioner.reconcile.kind import Kind
from provisioner.reconcile.model import Key
from provisioner.reconcile.plan import Plan
from provisioner.report import reasons

AnyChange = Change[Any]
Going = Mapping[Key, str]


def going(plan: Plan) -> Going:
    """What is taken away while what it belongs to stays: it needs no consent, and nobody should overlook it."""
    leaving = {change.key for change in plan.changes if change.action is Action.DELETE}
    found = {c.key: plan.kind(c.key.kind).losses(c) for c in plan.changes if not c.requires & leaving}
    return {key: losses for key, losses in found.items() if losses}


def lines(plan: Plan, change: AnyChange, company: Sequence[AnyChange], losses: str, whole: bool) -> Iterator[Line]:
    """Everything below the change's own line. `company`: what comes and goes with it; `losses`: of `going`."""
    return (line.indented(4) for line in _lines(plan, change, company, losses, whole))


def _by_hand(change: AnyChange, kind: Kind[Any]) -> Iterator[Line]:
    """What somebody changed since it was applied: what is done now goes over that."""
    live = {one.field: one.before for one in change.fields} if change.action is Action.UPDATE else {}
    for field, applied in change.by_hand.items():
        if field not in live:
            yield signed("!", Style.ALARM, "edited by hand since it was applied: that is written over")
            continue
        then, now = (plain_words.value(field, each, kind.shown) for each in (applied, live[field]))
        since = f"by hand since it was applied: {then} -> {now}" if applied is not None else f"is {now}, by no file"
        yield signed("!", Style.ALARM, f"{kind.label(field)} {since}")


def _lines(plan: Plan, change: AnyChange, company: Sequence[AnyChange], losses: str, whole: bool) -> Iterator[Line]:
    for each in (change, *company):
        yield from plan.kind(each.key.kind).words(each, whole)
        yield from _by_hand(each, plan.kind(each.key.kind))
    if losses:
        yield signed("!", Style.ALARM, losses)
    yield from reasons.lines(change, plan.kind(change.key.kind))
    if change.second_key and not any(why.by == UNREVIEWED for why in change.refusals):
        keys = SECOND_KEYS.get(change.second_key, BY_NAME)
        yield Line(f"note: {change.second_key}: a consent alone is not enough; {keys}", Style.NOTE)
    yield from (Line(f"note: {note}", Style.NOTE) for note in change.prepared.notes)
