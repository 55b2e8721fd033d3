"""Doing a plan: lane by lane, batch by batch, one outcome a change; what is in doubt is waited for once, at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from provisioner.errors import UnreachableError
from provisioner.reconcile import members
from provisioner.reconcile.change import Action, Change
from provisioner.reconcile.lanes import Keeper, Lane, LongRunning, Nobody, Watch
from provisioner.reconcile.model import Key, R
from provisioner.reconcile.outcome import SATISFIED, Outcome, State
from provisioner.reconcile.plan import Plan

NOBODY = Nobody()


MayWait = Callable[[], bool]
"""Waits a moment, and says whether what takes long is looked at once more."""


def _never() -> bool:
    return False


def apply(
    todo: Plan,
    lanes: Sequence[Lane[Any]],
    watch: Watch,
    keeper: Keeper = NOBODY,
    may_wait: MayWait = _never,
) -> Iterator[Outcome]:
    """Creations and updates lane by lane, then deletions the other way round; then what was in doubt.

    What was started and takes long has an outcome at once, and a second one when its end is seen; `may_wait`: whether
    it is waited for.
    """
    _remember(todo, lanes)
    there = {change.key for change in todo.changes if not change.leaves_nothing}
    bad = {change.key for change in todo.changes if change.refusals} - there
    run = _Run(lanes, watch, keeper, there, bad, may_wait)
    for change in todo.changes:
        if change.refusals:
            yield run.reported(Outcome(change.key, State.REFUSED, change.refusals[0].reason))
    doable = [change for change in todo.changes if not change.refusals]
    yield from run.all([change for change in doable if change.action is not Action.DELETE], lanes)
    deletions = [change for change in doable if change.action is Action.DELETE]
    yield from run.all([_waiting(change, deletions) for change in deletions], list(reversed(lanes)))
    yield from run.end()
    yield from run.wait()


def _remember(todo: Plan, lanes: Sequence[Lane[Any]]) -> None:
    """Let the stores note what was recognized. It only saves time: where that fails, the next run looks again."""
    for lane in lanes:
        if mine := {key.name: inputs for key, inputs in todo.recognized.items() if lane.has(key)}:
            with suppress(UnreachableError):
                lane.store.remember(mine)


def _waiting(change: Change[R], deletions: Sequence[Change[Any]]) -> Change[R]:
    """A deletion waits for the deletions of what requires it: a topic goes after its alerts."""
    dependants = [other.key for other in deletions if change.key in other.requires]
    return replace(change, members={f"{key.kind} {key.name}": key for key in dependants})


@dataclass
class _Run:
    """`there`: what exists whatever becomes of its change; `bad`: what is not known to be there.

    `doubtful`: sent, and not yet known; `held`: what waits for something doubtful; `left_out`: members that a resource
    was written without; `started`: what takes long, and goes on without us.
    """

    lanes: Sequence[Lane[Any]]
    watch: Watch
    keeper: Keeper
    there: set[Key]
    bad: set[Key]
    may_wait: MayWait = _never
    doubtful: dict[Key, Change[Any]] = field(default_factory=dict)
    first: dict[Key, Outcome] = field(default_factory=dict)
    held: list[Change[Any]] = field(default_factory=list)
    left_out: dict[Key, str] = field(default_factory=dict)
    started: dict[Key, Change[Any]] = field(default_factory=dict)

    def all(self, changes: Sequence[Change[Any]], lanes: Sequence[Lane[Any]]) -> Iterator[Outcome]:
        """These changes, in the order of the lanes."""
        for lane in lanes:
            yield from self._lane(lane, [change for change in changes if lane.has(change.key)])

    def _lane(self, lane: Lane[R], mine: Sequence[Change[R]]) -> Iterator[Outcome]:
        go = []
        for change in mine:
            if change.requires & self.doubtful.keys() - self.there:
                self.held.append(change)
            elif (left := self._left(change)) is None:
                lost = min(change.requires & self.bad)
                yield self._bad(Outcome(change.key, State.SKIPPED, f"{lost.kind} {lost.name} was not done"))
            else:
                go.append(left)
        for batch in lane.store.batches(go):
            yield from self._batch(lane, batch)

    def _left(self, change: Change[R]) -> Change[R] | None:
        """The change without what was not done of its members; None where nothing is left of it."""
        lost = change.requires & self.bad
        if not lost:
            return change
        self.left_out[change.key] = ", ".join(f"{key.kind} {key.name}" for key in sorted(lost))
        return members.without(change, lost)

    def _batch(self, lane: Lane[R], batch: Sequence[Change[R]]) -> Iterator[Outcome]:
        if why := self.watch.before(batch):
            yield from (self._bad(Outcome(change.key, State.STOPPED, why)) for change in batch)
            return
        overtaken = self.keeper.overtaken(batch)
        yield from (self._bad(Outcome(key, State.FAILED, why)) for key, why in overtaken.items())
        if left := [change for change in batch if change.key not in overtaken]:
            yield from self._sent(lane, left)

    def _sent(self, lane: Lane[R], batch: Sequence[Change[R]]) -> Iterator[Outcome]:
        changes = {change.key: change for change in batch}
        for outcome in self._kept(batch, _answered(batch, lane.store.write)):
            if outcome.state is State.DOUBT:
                self.doubtful[outcome.key] = changes[outcome.key]
                self.first[outcome.key] = self.reported(outcome)
                continue
            if outcome.state is State.STARTED:
                self.started[outcome.key] = changes[outcome.key]
            yield self._bad(outcome)

    def wait(self) -> Iterator[Outcome]:
        """Look at what was started as long as somebody waits; what its own step fails at is started all the same."""
        while self.started and self.may_wait():
            for lane in self.lanes:
                mine = [change for change in self.started.values() if lane.has(change.key)]
                if mine and not self.watch.before(mine):
                    yield from (self._bad(outcome) for outcome in self._kept(mine, self._ended(lane, mine)))

    def _ended(self, lane: Lane[Any], mine: Sequence[Change[Any]]) -> Iterator[Outcome]:
        """What has ended of these; where nothing is answered it is as it was."""
        if not isinstance(lane.store, LongRunning):
            return
        with suppress(UnreachableError):
            for outcome in lane.store.advance(mine):
                if outcome.state is not State.STARTED:
                    del self.started[outcome.key]
                    yield outcome

    def _kept(self, batch: Sequence[Change[R]], outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
        """The same outcomes; they are remembered also where somebody ends the run in between."""
        seen: list[Outcome] = []
        try:
            for outcome in outcomes:
                seen.append(outcome)
                yield outcome
        finally:
            self.keeper.keep(batch, seen)

    def end(self) -> Iterator[Outcome]:
        """Wait for what is in doubt, then do what was held back for it."""
        if not self.doubtful:
            return
        doubtful, self.doubtful = self.doubtful, {}
        for lane in self.lanes:
            mine = [change for change in doubtful.values() if lane.has(change.key)]
            yield from (self._bad(outcome) for outcome in self._settled(lane, mine))
        held, self.held = self.held, []
        yield from self.all([change for change in held if change.action is not Action.DELETE], self.lanes)
        yield from self.all([change for change in held if change.action is Action.DELETE], list(reversed(self.lanes)))
        yield from self.end()

    def _settled(self, lane: Lane[R], mine: Sequence[Change[R]]) -> Iterator[Outcome]:
        if not mine:
            return
        if self.watch.before(mine):
            yield from (self.first[change.key] for change in mine)
        else:
            yield from self._kept(mine, _answered(mine, lane.store.await_pending))

    def _bad(self, outcome: Outcome) -> Outcome:
        if outcome.state not in SATISFIED and outcome.key not in self.there:
            self.bad.add(outcome.key)
        return self.reported(outcome)

    def reported(self, outcome: Outcome) -> Outcome:
        """Tell the watch."""
        if outcome.state is State.DONE and outcome.key in self.left_out:
            outcome = replace(outcome, comment=f"without {self.left_out[outcome.key]}, not done; the next run adds it")
        self.watch.after(outcome)
        return outcome


def _answered(
    batch: Sequence[Change[R]], asking: Callable[[Sequence[Change[R]]], Iterable[Outcome]]
) -> Iterator[Outcome]:
    """One outcome for each change: a store that loses one, or dies, leaves doubt, not silence."""
    left = {change.key for change in batch}
    why = "the store gave no answer"
    try:
        for outcome in asking(batch):
            if outcome.key in left:
                left.remove(outcome.key)
                yield outcome
    except UnreachableError as error:
        why = error.message
    except Exception as error:  # what was reached so far is worth more than a traceback
        why = f"the store broke down: {type(error).__name__}: {error}"
    yield from (Outcome(key, State.DOUBT, why) for key in sorted(left))
