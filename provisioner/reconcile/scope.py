"""Whose a difference is: ours if the files changed there since the base, else it was standing before.

A hand fix or another team's drift must neither be undone by, nor fail, a merge request that does not touch it.
"""

from __future__ import annotations

from dataclasses import replace

from provisioner.reconcile import diff
from provisioner.reconcile.change import Action, Change
from provisioner.reconcile.lanes import Lane
from provisioner.reconcile.model import Observed, R

NOTHING: frozenset[str] = frozenset()
Split = tuple[Change[R] | None, Change[R] | None]


def split(lane: Lane[R], change: Change[R], seen: Observed[R] | None) -> Split[R]:
    """The part of the change that is ours, and the part that was standing before."""
    touched = _touched(lane, change.key.name)
    if touched is None or _is_our_own(lane, seen):
        return change, None
    if not touched:
        return None, change
    if change.action is not Action.UPDATE or seen is None:
        return change, None
    return _ours(lane, change, seen, touched), _rest(change, touched)


def _is_our_own(lane: Lane[R], seen: Observed[R] | None) -> bool:
    """What only we write and nobody touched since; where it is missing, nobody meant that as a fix."""
    return lane.is_marked if seen is None else seen.untouched


def _touched(lane: Lane[R], name: str) -> frozenset[str] | None:
    """The fields that the files changed since the base; None: everything."""
    if lane.base is None:
        return None
    then, want = lane.base.get(name), lane.wanted.get(name)
    if then is None or want is None:
        return NOTHING if then is want else None
    if then.is_absent or want.is_absent:
        return NOTHING if then.is_absent is want.is_absent else None
    fields = lane.kind.changed_since(then, want)
    return frozenset({"*"}) if fields == NOTHING and want.hazards else fields


def _ours(lane: Lane[R], change: Change[R], seen: Observed[R], touched: frozenset[str]) -> Change[R] | None:
    want = lane.wanted[change.key.name]
    return change if want.is_absent else diff.change(change.key, want, seen, lane.kind, touched)


def _rest(change: Change[R], touched: frozenset[str]) -> Change[R] | None:
    fields = tuple(field for field in change.fields if field.field not in touched)
    return replace(change, listed=fields) if fields else None
