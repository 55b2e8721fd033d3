"""Planning, the same for every kind: knows no YAML, no Kafka and no Prometheus. Nothing is done here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from provisioner.errors import InputError, RefusedError, UnreachableError
from provisioner.reconcile import comparing, guard, holding, looking, remarks, withheld
from provisioner.reconcile.applying import apply
from provisioner.reconcile.change import Action, Change
from provisioner.reconcile.comparing import Compared
from provisioner.reconcile.draft import Draft
from provisioner.reconcile.lanes import Lane
from provisioner.reconcile.model import Key, Observed, Prepared, R, Reading, Wanted
from provisioner.reconcile.on_demand import Deferred
from provisioner.reconcile.plan import Held, Plan
from provisioner.reconcile.review import named, restrict, without_plan

__all__ = ["apply", "differences", "named", "plan", "restrict", "without_plan"]

ABSENT = "run where it is mounted; where it may be made, write create: true beside it"


def plan(cluster: str, lanes: Sequence[Lane[Any]], base: str | None = None, *, may_shrink: bool = False) -> Plan:
    """Everything that would be done, nothing done. A lane whose store does not answer is stopped, the others go on.

    `base` only names the commit; what it asked for is on the lanes. Raises RefusedError where a lane lost too many
    of its declarations, unless it `may_shrink`.
    """
    draft = Draft()
    for lane in looking.narrowed(lanes):
        _add(draft, lane, cluster, careful=not may_shrink, asking=True)
    return draft.plan(cluster, base)


def differences(cluster: str, lanes: Sequence[Lane[Any]]) -> Plan:
    """Every difference there is, whoever made it; no store is asked for its word on them.

    Everything is made and compared: what a store remembers of inputs may be written there by whoever changed the rest.
    """
    draft = Draft()
    for lane in lanes:
        everything = replace(lane.scope, everything=True, since_base=False, notes=False, only_changed=False)
        _add(draft, replace(lane, scope=everything), cluster, careful=False, asking=False)
    return draft.plan(cluster, None)


def _add(draft: Draft, lane: Lane[R], cluster: str, careful: bool, asking: bool) -> None:
    draft.count(lane)
    try:
        reading = _reading(draft, lane, careful)
        found = comparing.compared(lane, reading, by_inputs=asking)
        thinned = withheld.thinned(lane, found)
        draft.held_back |= withheld.undeclared(lane, reading) | thinned
        changes, held = _judged(lane, found.ours, reading) if asking else (found.ours, [])
    except InputError as error:
        draft.hold(lane, dict.fromkeys(lane.wanted, error.problems), error.sources)
        return
    except UnreachableError as error:
        draft.stop(lane, error)
        return
    draft.found |= {} if asking else {lane.key(name): seen for name, seen in reading.found.items()}
    draft.hold(lane, found.unmade, found.texts)
    draft.take(found, changes, held)
    draft.take_reading(lane, reading)
    differing = {change.key.name for change in (*changes, *found.rest)} | {key.name for key in thinned}
    differing |= {name for each in held for name in each.without} | found.unmade.keys()
    same = {name: want for name, want in lane.looked_at if name not in differing}
    draft.take_same(lane, same, reading)
    draft.remarks += _remarks(lane, found, changes, cluster if asking else None)
    draft.remarks += guard.unused_consents(lane, differing, reading)
    draft.remarks += lane.kind.noticed(same, reading.found)


def _remarks(lane: Lane[R], found: Compared[R], changes: Sequence[Change[R]], cluster: str | None) -> list[str]:
    """What is worth a word beside the changes; `cluster`: where what is left in place would be removed, if asked."""
    missing = [change for change in found.standing if change.action is Action.CREATE and not change.requires]
    return [
        *(condition for change in changes for condition in change.prepared.conditions),
        *remarks.gone(missing),
        *(remarks.left(lane, cluster) if cluster is not None else []),
        *remarks.ahead(lane, found.ahead),
    ]


def _reading(draft: Draft, lane: Lane[R], careful: bool) -> Reading[R]:
    """What the store holds, or the base where the place cannot be seen from here; refused where too much is gone."""
    reading = _read(lane)
    if reading.absent and lane.assume_base_if_absent and lane.base is not None:
        reading = _as_at_base(lane, lane.base, reading)
        draft.remarks.append(f"{lane.kind.name}: {reading.absent}, so the base is taken for what is there")
    elif reading.absent:
        if lane.refuse_if_absent:
            raise RefusedError(f"{reading.absent}: nothing is done", ABSENT)
        raise UnreachableError(reading.absent, ABSENT)
    if careful and lane.scope.is_whole:
        guard.refuse_mass_removal(lane, reading)
    return reading


def _read(lane: Lane[R]) -> Reading[R]:
    """What is held back is nobody else's; nothing more is asked about it where that may be spared."""
    back, names = [*lane.held, *withheld.names(lane)], [name for name, _ in lane.looked_at]
    if lane.scope.only_changed:
        return lane.store.read(names, lane.beside.union(back))
    return lane.store.read([*names, *back])


def _as_at_base(lane: Lane[R], base: Mapping[str, Wanted[R]], reading: Reading[R]) -> Reading[R]:
    known = ((name, base[name]) for name in base if name not in lane.beside)
    then = {name: _as_written(want) for name, want in known if not want.is_absent}
    return replace(reading, found=then, orphans=then)


def _as_written(want: Wanted[R]) -> Observed[R]:
    def resource_of_base() -> R:
        resource = want.resource
        assert resource is not None
        return resource

    return Observed(Deferred(resource_of_base), untouched=True, inputs=want.inputs)


def _judged(lane: Lane[R], changes: Sequence[Change[R]], reading: Reading[R]) -> tuple[list[Change[R]], list[Held]]:
    """The changes with their store's word on them, and everything that speaks against them."""
    ready = lane.store.prepare([change for change in changes if not change.refusals and guard.is_possible(change)])
    left, held = holding.parted(lane, changes, ready)
    changes = [_prepared(lane, change, ready, reading) for change in left]
    return guard.limited(changes, lane.max_deletions), held


def _prepared(lane: Lane[R], change: Change[R], ready: Mapping[Key, Prepared], reading: Reading[R]) -> Change[R]:
    said = ready.get(change.key, Prepared())
    change = replace(change, hazards=(*change.hazards, *said.hazards))
    notes = tuple(dict.fromkeys((*said.notes, *reading.notes.get(change.key.name, ()))))
    against = () if change.is_unsure else tuple(guard.refusals(change))
    return replace(
        change,
        prepared=replace(said, notes=notes),
        refusals=(*guard.of_others(lane, change), *change.refusals, *against, *said.refusals),
    )
