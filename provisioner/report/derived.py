"""What belongs to the line of another change: what comes, goes or is refused along with the resource it is made for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from provisioner.reconcile.change import Action, Change
from provisioner.reconcile.model import Key
from provisioner.reconcile.plan import Plan

AnyChange = Change[Any]
Company = Mapping[Key, Sequence[AnyChange]]
"""A resource's key -> what is created or deleted along with it."""


def company(plan: Plan) -> Company:
    """What comes and goes with what it is made for, and so needs no line of its own."""
    found: dict[Key, list[AnyChange]] = defaultdict(list)
    for change, other in _beside(plan):
        if _goes_along(change, other):
            found[other.key].append(change)
    return found


def refused(plan: Plan) -> frozenset[Key]:
    """What is refused for no other reason than that what it is made for is."""
    return frozenset(change.key for change, other in _beside(plan) if _falls(change, other))


def _beside(plan: Plan) -> list[tuple[AnyChange, AnyChange]]:
    """The changes of derived kinds, each with that of the one resource that it requires."""
    changes = {change.key: change for change in plan.changes}
    derived = {kind.name for kind in plan.kinds if kind.derived}
    alone = ((change, min(change.requires)) for change in plan.changes if _is_of_one(change, derived))
    return [(change, changes[key]) for change, key in alone if key in changes]


def _is_of_one(change: AnyChange, derived: set[str]) -> bool:
    return change.key.kind in derived and len(change.requires) == 1


def _goes_along(change: AnyChange, other: AnyChange) -> bool:
    alike = change.action is other.action and change.action is not Action.UPDATE
    own = change.refusals or other.refusals or change.hazards or change.prepared.notes
    return alike and not own


def _falls(change: AnyChange, other: AnyChange) -> bool:
    if not other.refusals or not change.refusals:
        return False
    return all(why.by == "requires" for why in change.refusals)
