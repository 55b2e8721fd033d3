"""Planning, the same for every kind: knows no YAML, no Kafka and no Prometheus. Nothing is done here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from provisioner.errors import InputError, RefusedError, UnreachableError
from provisioner.problem import Problem
from provisioner.reconcile import comparing, guard, holding, looking, members, remarks, withheld
from provisioner.reconcile.applying import apply
from provisioner.reconcile.change import Action, Change
from provisioner.reconcile.comparing import Compared
from provisioner.reconcile.held_back import Hold
from provisioner.reconcile.kind import Kind
from provisioner.reconcile.lanes import Lane
from provisioner.reconcile.model import Key, Observed, Prepared, R, Reading, Wanted
from provisioner.reconcile.on_demand import Deferred
from provisioner.reconcile.plan import Held, Plan
from provisioner.reconcile.record import Record
from provisioner.reconcile.review import named, restrict, without_plan
from provisioner.reconcile.sighting import Sighting

__all__ = ["apply", "differences", "named", "plan", "restrict", "without_plan"]

ABSENT = "run where it is mounted; where it may be made, write create: true beside it"


@dataclass
class _Draft:
    """A plan in the making."""

    changes: list[Change[Any]] = field(default_factory=list)
    standing: list[Change[Any]] = field(default_factory=list)
    declared: dict[str, int] = field(default_factory=dict)
    unchanged: dict[str, int] = field(default_factory=dict)
    stopped: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    cluster_id: str | None = None
    unmanaged: int = 0
    unknown: dict[Key, str] = field(default_factory=dict)
    held: list[Held] = field(default_factory=list)
    kinds: dict[str, Kind[Any]] = field(default_factory=dict)
    recognized: dict[Key, str] = field(default_factory=dict)
    record: Record = field(default_factory=Record)
    waiting: list[Change[Any]] = field(default_factory=list)
    ahead: list[Change[Any]] = field(default_factory=list)
    sightings: dict[Key, Sighting] = field(default_factory=dict)
    forgotten: list[Key] = field(default_factory=list)
    reasons: dict[Key, str] = field(default_factory=dict)
    found: dict[Key, Observed[Any]] = field(default_factory=dict)
    held_back: dict[Key, Hold] = field(default_factory=dict)
    not_looked_at: dict[str, int] = field(default_factory=dict)
    wrong: dict[Problem, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    underway: dict[Key, frozenset[str]] = field(default_factory=dict)


def plan(cluster: str, lanes: Sequence[Lane[Any]], base: str | None = None, *, may_shrink: bool = False) -> Plan:
    """Everything that would be done, nothing done. A lane whose store does not answer is stopped, the others go on.

    `base` only names the commit; what it asked for is on the lanes. Raises RefusedError where a lane lost too many
    of its declarations, unless it `may_shrink`.
    """
    draft = _Draft()
    for lane in looking.narrowed(lanes):
        _add(draft, lane, cluster, careful=not may_shrink, asking=True)
    return _plan(cluster, draft, base)


def differences(cluster: str, lanes: Sequence[Lane[Any]]) -> Plan:
    """Every difference there is, whoever made it; no store is asked for its word on them.

    Everything is made and compared: what a store remembers of inputs may be written there by whoever changed the rest.
    """
    draft = _Draft()
    for lane in lanes:
        everything = replace(lane.scope, everything=True, since_base=False, notes=False, only_changed=False)
        _add(draft, replace(lane, scope=everything), cluster, careful=False, asking=False)
    return _plan(cluster, draft, None)


def _plan(cluster: str, draft: _Draft, base: str | None) -> Plan:
    gone = {one.key for one in draft.standing if one.action is Action.CREATE}
    changes = [left for change in draft.changes if (left := _supported(change, draft, gone))]
    return Plan(
        cluster,
        draft.cluster_id,
        guard.blocked(changes),
        draft.declared,
        draft.unchanged,
        draft.unmanaged,
        draft.stopped,
        tuple(draft.standing),
        tuple(dict.fromkeys(draft.remarks)),
        base,
        unknown=draft.unknown,
        held=tuple(draft.held),
        kinds=tuple(draft.kinds.values()),
        recognized=draft.recognized,
        record=draft.record,
        waiting=tuple(draft.waiting),
        ahead=tuple(draft.ahead),
        sightings=draft.sightings,
        forgotten=tuple(draft.forgotten),
        reasons=draft.reasons,
        found=draft.found,
        held_back=draft.held_back,
        not_looked_at={kind: count for kind, count in draft.not_looked_at.items() if count},
        wrong=draft.wrong,
        texts=draft.texts,
        underway=draft.underway,
    )


def _supported(change: Change[Any], draft: _Draft, gone: set[Key]) -> Change[Any] | None:
    """Nothing is made or changed for what is gone, nor for that of which nothing is known."""
    unknown = change.requires & draft.unknown.keys()
    missing = unknown | (change.requires & gone)
    if not missing:
        return change
    left = members.without(change, missing)
    if left is None and unknown:
        draft.unknown[change.key] = f"whether its {min(unknown).kind} is there is not known"
    if left is None or members.is_needless(left):
        return None
    return members.noted(left, missing, "is not known to be there")


def _add(draft: _Draft, lane: Lane[R], cluster: str, careful: bool, asking: bool) -> None:
    kind = lane.kind.name
    draft.kinds[kind] = lane.kind
    draft.declared[kind] = draft.declared.get(kind, 0) + len(lane.wanted) + len(lane.held)
    draft.not_looked_at[kind] = draft.not_looked_at.get(kind, 0) + len(lane.beside)
    draft.held_back |= withheld.declared(lane)
    draft.remarks += lane.remarks
    draft.record = lane.record
    try:
        reading = _reading(draft, lane, careful)
        found = comparing.compared(lane, reading, by_inputs=asking)
        thinned = withheld.thinned(lane, found)
        draft.held_back |= withheld.undeclared(lane, reading) | thinned
        changes, held = _judged(lane, found.ours, reading) if asking else (found.ours, [])
    except InputError as error:
        _hold_all(draft, lane, error)
        return
    except UnreachableError as error:
        draft.stopped[kind] = error.message + (f"; {error.hint}" if error.hint else "")
        draft.unknown.update({lane.key(name): error.message for name, _ in lane.looked_at})
        return
    draft.underway |= _underway(lane, reading)
    draft.found |= {} if asking else {lane.key(name): seen for name, seen in reading.found.items()}
    _take(draft, found, changes, held)
    _take_reading(draft, lane, reading)
    differing = {change.key.name for change in (*changes, *found.rest)} | {key.name for key in thinned}
    differing |= {name for each in held for name in each.without}
    same = {name: want for name, want in lane.looked_at if name not in differing}
    draft.recognized |= _recognized(lane, same, reading)
    draft.unchanged[kind] = draft.unchanged.get(kind, 0) + len(same)
    missing = [change for change in found.standing if change.action is Action.CREATE and not change.requires]
    draft.remarks += [condition for change in changes for condition in change.prepared.conditions]
    draft.remarks += remarks.gone(missing)
    draft.remarks += remarks.left(lane, cluster) if asking else []
    draft.remarks += remarks.ahead(lane, found.ahead)
    draft.remarks += guard.unused_consents(lane, differing, reading)
    draft.remarks += lane.kind.noticed(same, reading.found)


def _underway(lane: Lane[R], reading: Reading[R]) -> dict[Key, frozenset[str]]:
    """What of slow fields is not in force yet, though it may be as asked."""
    slow = lane.kind.slow
    each = ((name, lane.kind.unconfirmed(seen)) for name, seen in (reading.found if slow else {}).items())
    return {lane.key(name): fields for name, fields in each if fields & slow}


def _hold_all(draft: _Draft, lane: Lane[R], error: InputError) -> None:
    """What cannot be made may be anything: no name of the lane is known, and none is taken for gone."""
    first = error.problems[0]
    draft.held_back |= {lane.key(name): Hold(first, want.span, want.owner) for name, want in lane.wanted.items()}
    draft.wrong |= dict.fromkeys(error.problems, f"all {lane.kind.nouns[1]}")
    draft.texts |= error.sources


def _take(draft: _Draft, found: Compared[R], changes: list[Change[R]], held: list[Held]) -> None:
    """What differs, by whose it is; `changes`: ours, judged."""
    draft.changes += changes
    draft.held += held
    draft.standing += found.standing
    draft.waiting += found.waiting
    draft.ahead += found.ahead
    draft.reasons |= found.reasons
    draft.sightings |= found.sightings
    unsure = [change for change in (*changes, *found.waiting) if change.is_unsure]
    draft.unknown.update({change.key: change.refusals[0].reason for change in unsure})


def _take_reading(draft: _Draft, lane: Lane[R], reading: Reading[R]) -> None:
    """What the store says of itself and of what no file asks for."""
    draft.forgotten += _forgotten(lane, reading)
    draft.cluster_id = draft.cluster_id or reading.source
    draft.unmanaged += reading.unmanaged if lane.scope.is_whole else 0
    draft.remarks += reading.remarks


def _recognized(lane: Lane[R], same: Mapping[str, Wanted[R]], reading: Reading[R]) -> dict[Key, str]:
    """What had to be made to see that it is as wanted, though nobody touched it: the next run need not."""
    found = {} if reading.absent else reading.found
    return {
        lane.key(name): want.inputs
        for name, want in same.items()
        if want.inputs and (seen := found.get(name)) and seen.untouched and seen.inputs != want.inputs
    }


def _forgotten(lane: Lane[R], reading: Reading[R]) -> list[Key]:
    """Entries of what is in no file any more. Of what bears our mark they go when it goes."""
    if not (lane.scope.notes and lane.scope.is_whole):
        return []
    there = reading.orphans.keys() | reading.found.keys() if lane.is_marked else set()
    names = set(lane.record.names(lane.kind.name, lane.destination)) - there
    return [lane.key(name) for name in sorted(filter(lane.is_gone, names))]


def _reading(draft: _Draft, lane: Lane[R], careful: bool) -> Reading[R]:
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
