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
from provisioner.reconcile.model import RECORD, Observed, R, Refusal, Wanted
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
    """The parts of a change by whose they are."""
    if change.is_unsure:
        return Parts(change)
    try:
        applied = lane.record.applied(change.key)
    except EntryError as error:
        return Parts(_unsure(change, f"its entry in the record is not understood: {error}"))
    if not lane.record.is_readable and not _is_plain(change, seen):
        return Parts(_unsure(change, "the record cannot be read"))
    return _parted(lane, change, want, _Sight(lane, seen, applied, fields_since_base(lane, change.key.name)))


def _is_plain(change: Change[R], seen: Observed[R] | None) -> bool:
    """Whose it is can be told without a record: nothing is there, or nobody touched it since we wrote it."""
    return change.action is Action.CREATE if seen is None else seen.untouched


def _unsure(change: Change[R], why: str) -> Change[R]:
    hint = "nothing is done to it until that is known"
    return replace(change, refusals=(*change.refusals, Refusal(RECORD, f"whose it is, is not known: {why}", hint)))


@dataclass(frozen=True, slots=True)
class _Sight(Generic[R]):
    """`since`: the fields that the files changed since the base; None: all of them."""

    lane: Lane[R]
    seen: Observed[R] | None
    applied: Applied | None
    since: frozenset[str] | None

    def is_new(self, name: str) -> bool:
        return self.since is None or name in self.since or (name == WHOLE and bool(self.since))

    def case(self, name: str) -> Case:
        return Case(self.applied, self.is_same, self.is_new(name))

    @property
    def is_same(self) -> bool:
        ids = (self.seen.identity if self.seen else None, self.applied.identity if self.applied else None)
        return None in ids or ids[0] == ids[1]


def _parted(lane: Lane[R], change: Change[R], want: Wanted[R], sight: _Sight[R]) -> Parts[R]:
    if change.action is Action.UPDATE and not want.inputs and sight.seen is not None:
        return _by_field(lane, change, want, sight, sight.seen)
    whole = _of_whole(lane, change, want, sight)
    if whole.whose is Whose.STANDING and not lane.scope.everything:
        return Parts(standing=change, why=whole.why)
    if _waits(lane, sight, WHOLE):
        return _waiting(lane, change, sight)
    by_hand: Mapping[str, str | None] = {WHOLE: None} if whole.is_by_hand else {}
    return Parts(_keyed(replace(change, by_hand=by_hand), {WHOLE: whole}))


def _of_whole(lane: Lane[R], change: Change[R], want: Wanted[R], sight: _Sight[R]) -> Verdict:
    seen, case = sight.seen, sight.case(WHOLE)
    if seen is None:
        return verdict.of_missing(case, is_only_ours=lane.is_marked or bool(want.inputs))
    if change.action is Action.DELETE:
        return verdict.OURS if seen.untouched else verdict.of_unwanted(case)
    assert change.before is not None
    kind, after = lane.kind, change.after
    texts = Texts(want.declared or want.inputs, written(kind, change.before), written(kind, after) if after else "")
    return verdict.of_rendered(texts, case, untouched=seen.untouched)


def written(kind: Kind[R], resource: R) -> str:
    """The digest of what a rendered resource says."""
    return sha256(dict(kind.said(resource)))[:32]


def _by_field(lane: Lane[R], change: Change[R], want: Wanted[R], sight: _Sight[R], seen: Observed[R]) -> Parts[R]:
    """Field by field. A danger that the files alone show comes with no field, and is ours."""
    each = _verdicts(lane, change, want, sight, seen)
    standing = {name: one for name, one in each.items() if one.whose is Whose.STANDING and not lane.scope.everything}
    waiting = {name for name in each.keys() - standing.keys() if _waits(lane, sight, name)}
    touched = each.keys() - standing.keys() - waiting
    parts: Parts[R] = _waiting(lane, change.only(waiting), sight) if waiting else Parts()
    why = min((one.why for one in standing.values()), default="")
    ours = _ours(lane, change, want, seen, frozenset(touched)) if touched or want.hazards else None
    by_hand = {name: sight.applied.asked.get(name) for name in touched if each[name].is_by_hand and sight.applied}
    by_hand |= {n: sight.applied.asked.get(n) for n in touched if each[n].whose is Whose.STANDING and sight.applied}
    ours = _keyed(replace(ours, by_hand=by_hand), {name: each[name] for name in touched}) if ours else None
    return replace(parts, ours=ours, standing=change.only(standing) if standing else None, why=why)


def _verdicts(
    lane: Lane[R], change: Change[R], want: Wanted[R], sight: _Sight[R], seen: Observed[R]
) -> dict[str, Verdict]:
    if seen.untouched:
        return {one.field: verdict.OURS for one in change.fields}
    asked, live = lane.kind.asked(want), lane.kind.live(seen)
    known = sight.applied.asked if sight.applied else {}
    sent = sight.applied.open if sight.applied else {}
    # What was never asked for and is inherited is nobody's work; nor is it what a removal in doubt left behind.
    plain = {one.field for one in change.fields if one.field not in known or one.before == sent.get(one.field, "")}
    there = {one.field: one.before if one.field in plain else live.get(one.field) for one in change.fields}
    return {name: verdict.of_field(name, asked.get(name), value, sight.case(name)) for name, value in there.items()}


def _ours(
    lane: Lane[R], change: Change[R], want: Wanted[R], seen: Observed[R], touched: frozenset[str]
) -> Change[R] | None:
    if touched >= {one.field for one in change.fields}:
        return change
    return diff.change(change.key, want, seen, lane.kind, touched or frozenset({"*"}))


def _waits(lane: Lane[R], sight: _Sight[R], name: str) -> bool:
    return lane.scope.since_base and lane.base is not None and not sight.is_new(name)


def _waiting(lane: Lane[R], change: Change[R], sight: _Sight[R]) -> Parts[R]:
    """Of an earlier merge; or undone by this branch, which does not have what was applied since."""
    commit = sight.applied.stamp.commit if sight.applied else None
    if commit is None or lane.scope.is_in_base(commit):
        return Parts(waiting=change)
    return Parts(ahead=change)


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
