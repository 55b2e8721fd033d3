"""What a run is about, and whose each difference is: ours, waiting for its own run, or standing since before.

A hand fix or another team's drift must neither be undone by, nor fail, a merge request that does not touch it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Generic

from provisioner.reconcile import diff, verdict
from provisioner.reconcile.change import Action, Change, sha256
from provisioner.reconcile.entry import Applied, EntryError
from provisioner.reconcile.kind import Kind
from provisioner.reconcile.lanes import Lane
from provisioner.reconcile.model import RECORD, UNSURE, Key, Observed, R, Refusal, Wanted
from provisioner.reconcile.verdict import Case, Texts, Verdict, Whose

WHOLE = ""
"""The field's name where a resource is there or not, or is one text."""


@dataclass(frozen=True, slots=True)
class Parts(Generic[R]):
    """One difference, parted. `ahead`: the cluster has what was applied from a newer commit than the base."""

    ours: Change[R] | None = None
    standing: Change[R] | None = None
    waiting: Change[R] | None = None
    ahead: Change[R] | None = None
    why: str = ""


def split(lane: Lane[R], change: Change[R], want: Wanted[R], seen: Observed[R] | None) -> Parts[R]:
    """The parts of a change by whose they are. What is not known waits as well, where the files left it alone."""
    parts = _split(lane, change, want, seen)
    is_unclear = parts.ours is not None and any(why.by in (UNSURE, RECORD) for why in parts.ours.refusals)
    return replace(parts, ours=None, waiting=parts.ours) if is_unclear and _is_left_alone(lane, change.key) else parts


def _is_left_alone(lane: Lane[R], key: Key) -> bool:
    is_partial = lane.scope.since_base and lane.base is not None and key not in lane.scope.approved
    return is_partial and fields_since_base(lane, key.name) == frozenset()


def _split(lane: Lane[R], change: Change[R], want: Wanted[R], seen: Observed[R] | None) -> Parts[R]:
    if change.is_unsure:
        return Parts(change)
    try:
        applied = lane.record.applied(change.key)
    except EntryError as error:
        return Parts(_unsure(change, f"its entry in the record is not understood: {error}"))
    if not lane.record.is_readable and not _is_plain(change, seen):
        return Parts(_unsure(change, "the record cannot be read"))
    since = fields_since_base(lane, change.key.name)
    return _Splitting(lane, change, want, seen, applied, since).parts()


def _is_plain(change: Change[R], seen: Observed[R] | None) -> bool:
    """Whose it is can be told without a record: nothing is there, or nobody touched it since we wrote it."""
    return change.action is Action.CREATE if seen is None else seen.untouched


def _unsure(change: Change[R], why: str) -> Change[R]:
    hint = "nothing is done to it until that is known"
    return replace(change, refusals=(*change.refusals, Refusal(RECORD, f"whose it is, is not known: {why}", hint)))


@dataclass(frozen=True, slots=True)
class _Splitting(Generic[R]):
    """One change and what is known of it. `since`: the fields that the files changed since the base; None: all."""

    lane: Lane[R]
    change: Change[R]
    want: Wanted[R]
    seen: Observed[R] | None
    applied: Applied | None
    since: frozenset[str] | None

    def parts(self) -> Parts[R]:
        """By field, where there are fields on both sides."""
        if self.change.action is Action.UPDATE and not self.want.inputs and self.seen is not None:
            return self._by_field(self.seen)
        whole = self._of_whole()
        if self._stands(whole):
            return Parts(standing=self.change, why=whole.why)
        if self._waits(WHOLE):
            return self._waiting(self.change)
        by_hand: Mapping[str, str | None] = {WHOLE: None} if whole.is_by_hand else {}
        return Parts(_keyed(replace(self.change, by_hand=by_hand), {WHOLE: whole}))

    def _of_whole(self) -> Verdict:
        seen, case = self.seen, self._case(WHOLE)
        if seen is None:
            return verdict.of_missing(case, is_only_ours=self.lane.is_marked or bool(self.want.inputs))
        if self.change.action is Action.DELETE:
            return verdict.OURS if seen.untouched else verdict.of_unwanted(case)
        there, wanted = (
            written(self.lane.kind, each) if each else "" for each in (self.change.before, self.change.after)
        )
        return verdict.of_rendered(
            Texts(self.want.declared or self.want.inputs, there, wanted), case, untouched=seen.untouched
        )

    def _by_field(self, seen: Observed[R]) -> Parts[R]:
        """A danger that the files alone show comes with no field, and is ours unless it waits."""
        each = self._verdicts(seen)
        standing = {name: one for name, one in each.items() if self._stands(one)}
        waiting = {name for name in each.keys() - standing.keys() if self._waits(name)}
        touched = frozenset(each.keys() - standing.keys() - waiting)
        is_late = bool(self.want.hazards) and not self._is_dangerous_anew
        parts: Parts[R] = self._waiting(self.change.only(waiting)) if waiting or is_late else Parts()
        ours = self._ours(seen, touched) if touched or self._is_dangerous_anew else None
        if ours is not None:
            parts = replace(parts, ours=_keyed(self._marked(ours, each), {name: each[name] for name in touched}))
        why = min((one.why for one in standing.values()), default="")
        return replace(parts, standing=self.change.only(standing) if standing else None, why=why)

    def _verdicts(self, seen: Observed[R]) -> dict[str, Verdict]:
        if seen.untouched:
            return {one.field: verdict.OURS for one in self.change.fields}
        asked = self.lane.kind.asked(self.want)
        there = self._there(seen)
        return {name: verdict.of_field(name, asked.get(name), value, self._case(name)) for name, value in there.items()}

    def _there(self, seen: Observed[R]) -> dict[str, str | None]:
        """What is in force of each field that differs.

        What was never asked for and is inherited is nobody's work; nor is it what a removal in doubt left behind.
        """
        live, applied = self.lane.kind.live(seen), self.applied or Applied()
        return {
            one.field: one.before
            if one.field not in applied.asked or one.before == applied.open.get(one.field, "")
            else live.get(one.field)
            for one in self.change.fields
        }

    def _ours(self, seen: Observed[R], touched: frozenset[str]) -> Change[R] | None:
        if touched >= {one.field for one in self.change.fields}:
            return self.change
        return diff.change(self.change.key, self.want, seen, self.lane.kind, touched or frozenset({"*"}))

    def _marked(self, ours: Change[R], each: Mapping[str, Verdict]) -> Change[R]:
        """With what it goes over: somebody's work, and what was applied before that."""
        over = (one.field for one in ours.fields if one.field in each and _is_by_hand(each[one.field]))
        return replace(ours, by_hand={name: self.applied.asked.get(name) for name in over} if self.applied else {})

    @property
    def _is_dangerous_anew(self) -> bool:
        return any(not self._waits(hazard.field or WHOLE) for hazard in self.want.hazards)

    def _stands(self, one: Verdict) -> bool:
        return one.whose is Whose.STANDING and not self.lane.scope.everything

    def _waits(self, name: str) -> bool:
        scope = self.lane.scope
        is_late = scope.since_base and self.lane.base is not None and not self._is_new(name)
        return is_late and self.change.key not in scope.approved

    def _waiting(self, change: Change[R]) -> Parts[R]:
        """Of an earlier merge; or undone by this branch, which does not have what was applied since."""
        commit = self.applied.stamp.commit if self.applied else None
        if commit is None or self.lane.scope.is_in_base(commit):
            return Parts(waiting=change)
        return Parts(ahead=change)

    def _is_new(self, name: str) -> bool:
        is_agreed = name in self.lane.scope.approved.get(self.change.key, frozenset())
        return self.since is None or is_agreed or name in self.since or (name == WHOLE and bool(self.since))

    def _case(self, name: str) -> Case:
        ids = (self.seen.identity if self.seen else None, self.applied.identity if self.applied else None)
        underway = self.lane.kind.unconfirmed(self.seen) if self.seen else frozenset()
        return Case(self.applied, None in ids or ids[0] == ids[1], self._is_new(name), underway)


def written(kind: Kind[R], resource: R) -> str:
    """The digest of what a rendered resource says."""
    return sha256(dict(kind.said(resource)))[:32]


def _is_by_hand(one: Verdict) -> bool:
    return one.is_by_hand or one.whose is Whose.STANDING


def _keyed(change: Change[R], verdicts: Mapping[str, Verdict]) -> Change[R]:
    """With the reasons why a consent alone does not carry it, where it is dangerous."""
    return replace(change, reserved={name: why for name, one in verdicts.items() if (why := _reason(one))})


def _reason(one: Verdict) -> str:
    if not one.recorded:
        return verdict.UNRECORDED
    return f"it was {one.why}" if one.whose is Whose.STANDING and one.why != verdict.GONE else ""


def fields_since_base(lane: Lane[R], name: str) -> frozenset[str] | None:
    """The fields that the files changed since the base; None: everything."""
    if lane.base is None:
        return None
    then, want = lane.base.get(name), lane.wanted.get(name)
    if then is None or want is None:
        return frozenset() if then is want else None
    if then.is_absent or want.is_absent:
        return frozenset() if then.is_absent is want.is_absent else None
    return lane.kind.changed_since(then, want)
