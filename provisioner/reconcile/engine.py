"""Plan and apply, the same for every kind: knows no YAML, no Kafka and no Prometheus."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from provisioner.errors import UnreachableError
from provisioner.problem import Span
from provisioner.reconcile import diff, guard
from provisioner.reconcile.model import (
    Action,
    Change,
    Key,
    Lane,
    Outcome,
    Plan,
    Prepared,
    R,
    Reading,
    Refusal,
    State,
    Wanted,
    Watch,
)

NOWHERE = Span("(manifest)")


def plan(cluster: str, lanes: Sequence[Lane[Any]]) -> Plan:
    """Everything that would be done, nothing done. A lane whose store does not answer is stopped, the others go on."""
    changes: list[Change[Any]] = []
    declared, unchanged, stopped = {}, {}, {}
    cluster_id, unmanaged = None, 0
    for lane in lanes:
        declared[lane.kind] = len(lane.wanted)
        try:
            mine, reading = _lane_plan(lane)
        except UnreachableError as error:
            stopped[lane.kind] = error.message + (f"; {error.hint}" if error.hint else "")
            continue
        changes += mine
        cluster_id = cluster_id or reading.source
        unmanaged += reading.unmanaged
        unchanged[lane.kind] = len(lane.wanted) - sum(change.key.name in lane.wanted for change in mine)
    return Plan(cluster, cluster_id, guard.blocked(changes), declared, unchanged, unmanaged, stopped)


def _lane_plan(lane: Lane[R]) -> tuple[list[Change[R]], Reading[R]]:
    reading = lane.store.read(list(lane.wanted))
    todo = [_change(lane, name, want, reading) for name, want in lane.wanted.items()]
    if lane.remove_orphans:
        gone: Wanted[R] = Wanted(None, NOWHERE)
        todo += [diff.change(Key(lane.kind, name), gone, seen, lane.hazards) for name, seen in reading.orphans.items()]
    changes = [change for change in todo if change]
    ready = lane.store.prepare([change for change in changes if not change.refusals])
    return guard.limited([_prepared(change, ready, reading) for change in changes], lane.max_deletions), reading


def _change(lane: Lane[R], name: str, want: Wanted[R], reading: Reading[R]) -> Change[R] | None:
    key = Key(lane.kind, name)
    if name in reading.unsure:
        why = (Refusal("unsure", reading.unsure[name]),)
        return Change(
            key, Action.UPDATE, None, want.resource, (), want.span, want.owner, requires=want.requires, refusals=why
        )
    return diff.change(key, want, reading.found.get(name), lane.hazards)


def _prepared(change: Change[R], ready: Mapping[Key, Prepared], reading: Reading[R]) -> Change[R]:
    said = ready.get(change.key, Prepared())
    notes = (*said.notes, *reading.notes.get(change.key.name, ()))
    against = () if any(why.by == "unsure" for why in change.refusals) else tuple(guard.refusals(change))
    return replace(change, prepared=replace(said, notes=notes), refusals=(*change.refusals, *against, *said.refusals))


def apply(todo: Plan, lanes: Sequence[Lane[Any]], watch: Watch) -> Iterator[Outcome]:
    """Do the plan: creations and updates lane by lane, then deletions the other way round. One outcome a change."""
    bad: set[Key] = {change.key for change in todo.changes if change.refusals}
    for change in todo.changes:
        if change.refusals:
            yield _told(watch, Outcome(change.key, State.REFUSED, change.refusals[0].reason))
    for lane in lanes:
        yield from _run(lane, [c for c in _doable(todo, lane) if c.action is not Action.DELETE], bad, watch)
    for lane in reversed(lanes):
        deletions = [_waiting(c, todo) for c in _doable(todo, lane) if c.action is Action.DELETE]
        yield from _run(lane, deletions, bad, watch)


def _doable(todo: Plan, lane: Lane[Any]) -> list[Change[Any]]:
    return [change for change in todo.changes if change.key.kind == lane.kind and not change.refusals]


def _waiting(change: Change[R], todo: Plan) -> Change[R]:
    """A deletion waits for the deletions of what requires it: a topic goes after its alerts."""
    first = {c.key for c in todo.changes if c.action is Action.DELETE and change.key in c.requires}
    return replace(change, requires=frozenset(first))


def _run(lane: Lane[R], mine: Sequence[Change[R]], bad: set[Key], watch: Watch) -> Iterator[Outcome]:
    for outcome in _lane_outcomes(lane, mine, bad, watch):
        if outcome.state is not State.DONE:
            bad.add(outcome.key)
        yield _told(watch, outcome)


def _told(watch: Watch, outcome: Outcome) -> Outcome:
    watch.after(outcome)
    return outcome


def _lane_outcomes(lane: Lane[R], mine: Sequence[Change[R]], bad: set[Key], watch: Watch) -> Iterator[Outcome]:
    go = []
    for change in mine:
        if lost := sorted(change.requires & bad):
            yield Outcome(change.key, State.SKIPPED, f"{lost[0].kind} {lost[0].name} was not done")
        else:
            go.append(change)
    for batch in lane.store.batches(go):
        why = watch.before(batch)
        if why:
            yield from (Outcome(change.key, State.STOPPED, why) for change in batch)
        else:
            yield from _answered(batch, lane.store.write(batch))


def _answered(batch: Sequence[Change[R]], answers: Iterable[Outcome]) -> Iterator[Outcome]:
    """One outcome for each change: a store that loses one, or dies, leaves doubt, not silence."""
    left = {change.key for change in batch}
    why = "the store gave no answer"
    try:
        for outcome in answers:
            if outcome.key in left:
                left.remove(outcome.key)
                yield outcome
    except UnreachableError as error:
        why = error.message
    yield from (Outcome(key, State.DOUBT, why) for key in sorted(left))


def restrict(now: Plan, reviewed: Mapping[Key, str]) -> Plan:
    """Only what was reviewed, by fingerprint; everything else is refused as stale, and what depends on it."""
    fitted = []
    for change in now.changes:
        why = guard.stale(change, reviewed)
        fitted.append(guard.refused(change, why) if why else change)
    return replace(now, changes=guard.blocked(fitted))
