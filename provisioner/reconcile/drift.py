"""Declared, last applied and live, told apart: whose every difference is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from provisioner.problem import Span
from provisioner.reconcile.change import Action, Change
from provisioner.reconcile.lanes import Lane
from provisioner.reconcile.model import Key, Observed, Wanted
from provisioner.reconcile.plan import Plan

WHOLE = ""
"""The field's name where the whole resource is there or not."""


class Verdict(StrEnum):
    """Who made a difference."""

    NOT_APPLIED = "not yet applied"
    BY_HAND = "changed by hand"
    BOTH = "changed in the files and by hand"
    UNKNOWN = "different"


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
    """Every difference of a plan that was made without regard to a base; `lanes` know what the base asked for.

    What is unknown is no difference, and no agreement either: the plan names it.
    """
    return [found for lane in lanes for change in plan.changes if lane.has(change.key) for found in _of(change, lane)]


def _of(change: Change[Any], lane: Lane[Any]) -> Iterator[Difference]:
    if change.is_unsure:
        return
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
    verdict = Verdict.BY_HAND if base == declared else Verdict.NOT_APPLIED
    return _difference(change, WHOLE, declared, base, live, Verdict.UNKNOWN if lane.base is None else verdict)


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
