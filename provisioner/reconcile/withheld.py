"""What errors of the files hold back of a lane, found by its names."""

from __future__ import annotations

from collections.abc import Iterable

from provisioner.problem import Span
from provisioner.reconcile.change import Action, Change
from provisioner.reconcile.comparing import Compared
from provisioner.reconcile.held_back import Hold
from provisioner.reconcile.lanes import Lane
from provisioner.reconcile.model import Key, R, Reading


def declared(lane: Lane[R]) -> dict[Key, Hold]:
    """What is declared."""
    return {lane.key(name): hold for name, hold in lane.held.items()}


def undeclared(lane: Lane[R], reading: Reading[R]) -> dict[Key, Hold]:
    """What was applied, asked for at the base, or bears our mark, and may stand in what could not be read."""
    marked = _held(lane, reading.orphans) if lane.is_marked else []
    return {lane.key(name): _hold(lane, name) for name in sorted({*names(lane), *marked})}


def names(lane: Lane[R]) -> list[str]:
    """Those of them that are known without looking."""
    if not (lane.unread.names or lane.unread.rest):
        return []
    recorded = lane.record.names(lane.kind.name, lane.destination)
    at_base = [] if lane.is_marked else [name for name, want in (lane.base or {}).items() if not want.is_absent]
    return _held(lane, {*recorded, *at_base})


def _held(lane: Lane[R], known: Iterable[str]) -> list[str]:
    undeclared = (name for name in known if name not in lane.wanted and name not in lane.held)
    return [name for name in undeclared if lane.unread.of(name) is not None and lane.selects(name)]


def _hold(lane: Lane[R], name: str) -> Hold:
    problem, before = lane.unread.of(name), (lane.base or {}).get(name)
    assert problem is not None
    return Hold(problem, before.span if before else Span(problem.span.path, 0, 0), before.owner if before else "")


def thinned(lane: Lane[R], found: Compared[R]) -> dict[Key, Hold]:
    """What would lose a part while something cannot be read that it may come from: no change of this run any more."""
    if lane.unread.rest is None:
        return {}
    problem = lane.unread.rest
    lost = {change.key: Hold(problem, change.span, change.owner) for change in found.ours if _loses(lane, change)}
    found.ours = [change for change in found.ours if change.key not in lost]
    for key in lost:
        found.sightings.pop(key, None)
    return lost


def _loses(lane: Lane[R], change: Change[R]) -> bool:
    return change.action is Action.UPDATE and not change.refusals and bool(lane.kind.losses(change))
