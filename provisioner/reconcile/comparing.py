"""One lane's resources against what is there: every difference, parted by whose it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Generic

from provisioner.errors import InputError
from provisioner.problem import Problem, Span
from provisioner.reconcile import diff, scope, sighting
from provisioner.reconcile.change import Action, Change
from provisioner.reconcile.entry import Applied, EntryError
from provisioner.reconcile.lanes import Lane
from provisioner.reconcile.model import UNSURE, Key, Observed, R, Reading, Refusal, Wanted
from provisioner.reconcile.sighting import Sighting

NOWHERE = Span("(manifest)")


@dataclass
class Compared(Generic[R]):
    """The differences of one lane. `reasons`: why something stands; `sightings`: what an apply may note; `unmade`: why
    something cannot be made, by name, and the `texts` that these problems point into, by path.
    """

    ours: list[Change[R]] = field(default_factory=list)
    standing: list[Change[R]] = field(default_factory=list)
    waiting: list[Change[R]] = field(default_factory=list)
    ahead: list[Change[R]] = field(default_factory=list)
    reasons: dict[Key, str] = field(default_factory=dict)
    sightings: dict[Key, Sighting] = field(default_factory=dict)
    unmade: dict[str, tuple[Problem, ...]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)

    @property
    def rest(self) -> list[Change[R]]:
        """What differs, and is none of this run's business."""
        return [*self.standing, *self.waiting, *self.ahead]

    def take(self, key: Key, parts: scope.Parts[R]) -> None:
        """One resource's parts."""
        for kind, part in (
            (self.ours, parts.ours),
            (self.standing, parts.standing),
            (self.waiting, parts.waiting),
            (self.ahead, parts.ahead),
        ):
            if part is not None:
                kind.append(part)
        if parts.standing is not None:
            self.reasons[key] = parts.why


@dataclass(frozen=True, slots=True)
class _Difference(Generic[R]):
    name: str
    want: Wanted[R]
    seen: Observed[R] | None
    change: Change[R]


def compared(lane: Lane[R], reading: Reading[R], *, by_inputs: bool) -> Compared[R]:
    """`by_inputs`: equal ones are told by what they were made of."""
    found = Compared[R]()
    differences = [*_wanted(lane, reading, by_inputs, found), *_orphans(lane, reading)]
    for each in _identified(lane, differences):
        key = each.change.key
        found.take(key, scope.split(lane, each.change, each.want, each.seen))
        if lane.scope.notes and (seen := sighting.of(lane, each.name, each.want, each.seen, each.change)):
            found.sightings[key] = seen
    return found


def _wanted(lane: Lane[R], reading: Reading[R], by_inputs: bool, found: Compared[R]) -> Iterable[_Difference[R]]:
    for name, asked in lane.looked_at:
        seen = reading.found.get(name)
        want = _informed(lane, name, asked, seen)
        try:
            change = None if by_inputs and want.is_as(seen) else _change(lane, name, want, reading)
        except InputError as error:
            found.unmade[name] = error.problems
            found.texts |= error.sources
            continue
        if change is not None:
            yield _Difference(name, want, seen, change)
        elif lane.scope.notes and (noted := sighting.of(lane, name, want, seen, None)):
            found.sightings[lane.key(name)] = noted


def _informed(lane: Lane[R], name: str, want: Wanted[R], seen: Observed[R] | None) -> Wanted[R]:
    def recall() -> Applied | None:
        try:
            return lane.record.applied(lane.key(name))
        except EntryError:
            return None

    return lane.kind.informed(want, seen, recall, (lane.base or {}).get(name))


def _change(lane: Lane[R], name: str, want: Wanted[R], reading: Reading[R]) -> Change[R] | None:
    key = lane.key(name)
    if name in reading.unsure:
        why = (Refusal(UNSURE, reading.unsure[name]),)
        return Change(key, Action.UPDATE, None, None, (), want.span, want.owner, members=want.members, refusals=why)
    return diff.change(key, want, reading.found.get(name), lane.kind)


def _orphans(lane: Lane[R], reading: Reading[R]) -> Iterable[_Difference[R]]:
    if not lane.is_marked:
        return
    for name, seen in reading.orphans.items():
        if lane.is_gone(name) and lane.selects(name):
            want = _unasked(lane, name)
            if change := diff.change(lane.key(name), want, seen, lane.kind):
                yield _Difference(name, want, seen, change)


def _unasked(lane: Lane[R], name: str) -> Wanted[R]:
    """What no file asks for any more: where it stood at the base, and whose it was."""
    before = (lane.base or {}).get(name)
    return Wanted(None, before.span, before.owner) if before else Wanted(None, NOWHERE)


def _identified(lane: Lane[R], differences: Iterable[_Difference[R]]) -> Iterable[_Difference[R]]:
    """With the identity of what is there: a namesake that somebody made later is another thing."""
    known = list(differences)
    asked = [each.name for each in known if each.seen is not None and each.seen.identity is None]
    ids: Mapping[str, str] = lane.store.identify(asked) if asked else {}
    for each in known:
        if each.seen is None or each.name not in ids:
            yield each
            continue
        seen, change = replace(each.seen, identity=ids[each.name]), replace(each.change, identity=ids[each.name])
        yield replace(each, seen=seen, change=change)
