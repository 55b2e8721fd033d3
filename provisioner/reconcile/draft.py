"""A plan in the making: what each lane adds to it, and what becomes of the whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from provisioner.errors import UnreachableError
from provisioner.problem import Problem
from provisioner.reconcile import guard, members, withheld
from provisioner.reconcile.change import Action, Change
from provisioner.reconcile.comparing import Compared
from provisioner.reconcile.held_back import Hold
from provisioner.reconcile.kind import Kind
from provisioner.reconcile.lanes import Lane
from provisioner.reconcile.model import Key, Observed, R, Reading, Wanted
from provisioner.reconcile.plan import Held, Plan
from provisioner.reconcile.record import Record
from provisioner.reconcile.sighting import Sighting


@dataclass
class Draft:
    """Filled lane by lane, in the order of the lanes."""

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

    def count(self, lane: Lane[Any]) -> None:
        """What the files ask for, before anything is looked at."""
        kind = lane.kind.name
        self.kinds[kind] = lane.kind
        self.declared[kind] = self.declared.get(kind, 0) + len(lane.wanted) + len(lane.held)
        self.not_looked_at[kind] = self.not_looked_at.get(kind, 0) + len(lane.beside)
        self.held_back |= withheld.declared(lane)
        self.remarks += lane.remarks
        self.record = lane.record

    def hold(self, lane: Lane[Any], unmade: Mapping[str, tuple[Problem, ...]], texts: Mapping[str, str]) -> None:
        """What cannot be made may be anything: nothing is known of it, and it is not taken for gone."""
        for name, problems in unmade.items():
            want = lane.wanted[name]
            self.held_back[lane.key(name)] = Hold(problems[0], want.span, want.owner)
        self.texts |= texts
        counts = Counter(chain.from_iterable(unmade.values()))
        one, many = lane.kind.nouns
        words = {1: f"1 {one}", len(lane.wanted): f"all {many}"}
        self.wrong |= {problem: words.get(count, f"{count} {many}") for problem, count in counts.items()}

    def stop(self, lane: Lane[Any], error: UnreachableError) -> None:
        """Of a store that does not answer nothing is known."""
        self.stopped[lane.kind.name] = error.message + (f"; {error.hint}" if error.hint else "")
        self.unknown.update({lane.key(name): error.message for name, _ in lane.looked_at})

    def take(self, found: Compared[Any], changes: list[Change[Any]], held: list[Held]) -> None:
        """What differs, by whose it is; `changes`: ours, judged."""
        self.changes += changes
        self.held += held
        self.standing += found.standing
        self.waiting += found.waiting
        self.ahead += found.ahead
        self.reasons |= found.reasons
        self.sightings |= found.sightings
        unsure = [change for change in (*changes, *found.waiting) if change.is_unsure]
        self.unknown.update({change.key: change.refusals[0].reason for change in unsure})

    def take_reading(self, lane: Lane[Any], reading: Reading[Any]) -> None:
        """What the store says of itself and of what no file asks for."""
        self.underway |= _underway(lane, reading)
        self.forgotten += _forgotten(lane, reading)
        self.cluster_id = self.cluster_id or reading.source
        self.unmanaged += reading.unmanaged if lane.scope.is_whole else 0
        self.remarks += reading.remarks

    def take_same(self, lane: Lane[R], same: Mapping[str, Wanted[R]], reading: Reading[R]) -> None:
        """What is as wanted."""
        self.recognized |= _recognized(lane, same, reading)
        self.unchanged[lane.kind.name] = self.unchanged.get(lane.kind.name, 0) + len(same)

    def plan(self, cluster: str, base: str | None) -> Plan:
        """What is done of it: nothing that would rest on what is gone or not known."""
        gone = {one.key for one in self.standing if one.action is Action.CREATE}
        changes = [left for change in self.changes if (left := _supported(change, self, gone))]
        return Plan(
            cluster,
            self.cluster_id,
            guard.blocked(changes),
            self.declared,
            self.unchanged,
            self.unmanaged,
            self.stopped,
            tuple(self.standing),
            tuple(dict.fromkeys(self.remarks)),
            base,
            unknown=self.unknown,
            held=tuple(self.held),
            kinds=tuple(self.kinds.values()),
            recognized=self.recognized,
            record=self.record,
            waiting=tuple(self.waiting),
            ahead=tuple(self.ahead),
            sightings=self.sightings,
            forgotten=tuple(self.forgotten),
            reasons=self.reasons,
            found=self.found,
            held_back=self.held_back,
            not_looked_at={kind: count for kind, count in self.not_looked_at.items() if count},
            wrong=self.wrong,
            texts=self.texts,
            underway=self.underway,
        )


def _supported(change: Change[Any], draft: Draft, gone: set[Key]) -> Change[Any] | None:
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


def _underway(lane: Lane[R], reading: Reading[R]) -> dict[Key, frozenset[str]]:
    """What of slow fields is not in force yet, though it may be as asked."""
    slow = lane.kind.slow
    each = ((name, lane.kind.unconfirmed(seen)) for name, seen in (reading.found if slow else {}).items())
    return {lane.key(name): fields for name, fields in each if fields & slow}


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
