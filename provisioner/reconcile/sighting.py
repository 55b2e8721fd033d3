"""What an apply may note of a resource: what is asked for, and how much of it was seen on the cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from provisioner.reconcile import scope
from provisioner.reconcile.change import Action, Change
from provisioner.reconcile.entry import NOBODY, Applied, EntryError, Stamp
from provisioner.reconcile.lanes import Lane
from provisioner.reconcile.model import FieldChange, Observed, R, Wanted
from provisioner.reconcile.outcome import Outcome, State


@dataclass(frozen=True, slots=True)
class Sighting:
    """`asked`, and `agreed`: those of its fields that were seen as asked. `lingering`: what no file asks for, and is
    there. `is_kept` False: it is not to be remembered (declared absent, somebody else's). `is_there`: it exists.

    `disputed`: fields that no file asks for, and that would go.

    `inputs`, `written`: digests of what is rendered; its `asked` is empty.
    """

    asked: Mapping[str, str] = field(default_factory=dict)
    defaults: frozenset[str] = frozenset()
    agreed: frozenset[str] = frozenset()
    lingering: frozenset[str] = frozenset()
    disputed: frozenset[str] = frozenset()
    identity: str | None = None
    inputs: str = ""
    written: str = ""
    is_kept: bool = True
    is_there: bool = True

    def entry(self, newest: Applied | None, stamp: Stamp = NOBODY) -> Applied | None:
        """The entry after this, None where there is to be none. What was not seen keeps the newest entry's value."""
        if not self.is_kept:
            return None
        if not self.is_there:
            return newest
        if self.inputs:
            return self._rendered(newest, stamp)
        then = _of_namesake(newest) if newest and self._is_namesake_of(newest) else newest or Applied()
        left = (self.asked.keys() | self.lingering) - self.agreed
        kept = {name: value for name, value in then.asked.items() if name in left}
        unclaimed = (self.asked.keys() | self.disputed) - kept.keys() if newest is None else then.unclaimed & left
        asked = {**kept, **{name: self.asked[name] for name in self.agreed}}
        return Applied(
            asked,
            self.defaults & asked.keys(),
            {name: value for name, value in then.open.items() if name not in self.agreed},
            frozenset(unclaimed) - self.agreed,
            {name: value for name, value in then.former.items() if name in left},
            self.identity or then.identity,
            stamp=stamp,
        )

    def _is_namesake_of(self, newest: Applied) -> bool:
        return None not in (newest.identity, self.identity) and newest.identity != self.identity

    def _rendered(self, newest: Applied | None, stamp: Stamp) -> Applied | None:
        if not self.agreed:
            return newest
        then = newest.written if newest and newest.inputs == self.inputs else ""
        return Applied(inputs=self.inputs, written=self.written or then, stamp=stamp)

    @property
    def is_nameless(self) -> bool:
        """True for what is there, and has an identity that nobody asked for yet."""
        return self.is_kept and self.is_there and not self.inputs and self.identity is None

    def after(self, lane: Lane[R], change: Change[R], outcome: Outcome) -> Sighting:
        """With what was read back of a change."""
        if outcome.state is State.DONE and change.action is not Action.UPDATE:
            agreed = frozenset(self.asked) or self._whole
            return replace(self, agreed=agreed, is_there=True, written=_written(lane, change))
        if self.inputs:
            done = outcome.state is State.DONE
            return replace(self, agreed=self._whole, written=_written(lane, change)) if done else self
        seen = {one.field for one in outcome.changes}
        if outcome.state is State.DONE:
            # A danger that only the files show is no field of what is there.
            seen |= {hazard.field for hazard in change.hazards if hazard.field} & self.asked.keys()
        agreed = self.agreed | (seen & self.asked.keys())
        return replace(self, agreed=agreed, lingering=self.lingering - seen, disputed=self.disputed - seen)

    @property
    def _whole(self) -> frozenset[str]:
        return frozenset({scope.WHOLE})


def _of_namesake(applied: Applied) -> Applied:
    """Of what was made again by hand nothing was applied; what was, still says whose a difference is."""
    return Applied(unclaimed=applied.unclaimed, former={**applied.former, **applied.asked})


def _written(lane: Lane[R], change: Change[R]) -> str:
    return scope.written(lane.kind, change.after) if change.after is not None and change.inputs else ""


def still_open(change: Change[R], outcome: Outcome, noted: Applied | None) -> Applied | None:
    """The entry with what was sent of an update and is not confirmed."""
    if outcome.state not in (State.DOUBT, State.STARTED) or change.action is not Action.UPDATE or noted is None:
        return noted
    seen = {one.field for one in outcome.changes}
    sent = {one.field: one.after for one in _sent(change) if one.field not in seen}
    return replace(noted, open={**noted.open, **sent})


def _sent(change: Change[R]) -> Sequence[FieldChange]:
    return change.fields if not change.inputs else ()


def of(
    lane: Lane[R], name: str, want: Wanted[R], seen: Observed[R] | None, change: Change[R] | None
) -> Sighting | None:
    """What there is to note of a resource of which `change` is everything that differs; None: as it was before."""
    key = lane.key(name)
    if key in lane.record.others or (change is not None and change.is_unsure):
        return None
    try:
        newest = lane.record.applied(key)
    except EntryError:
        return None
    sighting = _of(lane, want, seen, change, newest)
    return sighting if change is not None or sighting.entry(newest) != newest else None


def _of(
    lane: Lane[R], want: Wanted[R], seen: Observed[R] | None, change: Change[R] | None, newest: Applied | None
) -> Sighting:
    if not lane.kind.is_kept(want):
        return Sighting(is_kept=False)
    if want.inputs:
        return _of_rendered(lane, want, seen, change, newest)
    asked, defaults = lane.kind.asked(want), lane.kind.defaults(want)
    if seen is None:
        return Sighting(asked, defaults, is_there=False)
    differing = {one.field for one in change.fields} if change else set()
    differing |= {hazard.field for hazard in want.hazards if hazard.field}
    agreed = asked.keys() - differing - lane.kind.unconfirmed(seen)
    lingering = frozenset(seen.resource.fields()) - asked.keys()
    return Sighting(asked, defaults, frozenset(agreed), lingering, lingering & differing, seen.identity)


def _of_rendered(
    lane: Lane[R], want: Wanted[R], seen: Observed[R] | None, change: Change[R] | None, newest: Applied | None
) -> Sighting:
    """Where other inputs give the same, nothing is written: what is there is what would be."""
    inputs = want.declared or want.inputs
    is_known = newest is not None and newest.inputs == inputs
    written = scope.written(lane.kind, seen.resource) if change is None and seen and not is_known else ""
    agreed = frozenset(() if change else (scope.WHOLE,))
    return Sighting(agreed=agreed, inputs=inputs, written=written, is_there=seen is not None)
