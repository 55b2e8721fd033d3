"""Writing the record: what was read back, as it is read back; and before a run ends, whatever was seen as asked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from provisioner.errors import RefusedError, UnreachableError
from provisioner.reconcile import approval, record, sighting
from provisioner.reconcile.approval import Approvals
from provisioner.reconcile.change import Action, Change
from provisioner.reconcile.entry import Applied, EntryError, Stamp
from provisioner.reconcile.lanes import Lane
from provisioner.reconcile.model import Key
from provisioner.reconcile.outcome import Outcome, State
from provisioner.reconcile.plan import Plan
from provisioner.reconcile.record import RUN, Record, Standing
from provisioner.reconcile.record_log import RecordLog, UnwritableRecordError
from provisioner.reconcile.sighting import Sighting

OVERTAKEN = "another run applied it meanwhile: plan again"


@dataclass
class Recorder:
    """Keeps the record of one run. `stamp`: what every entry says of it; `doubts`: entries that may not be written.

    `intents`: what the run sets out to do, and is to be done by a later one otherwise; `settled`: of earlier ones those
    that are done or void; `is_whole` False: the run is about some resources alone. The engine asks `before` each batch,
    and hands over what became of it; nothing else writes entries.
    """

    log: RecordLog
    record: Record
    repository: str
    plan: Plan
    lanes: Sequence[Lane[Any]]
    stamp: Stamp
    intents: Approvals = field(default_factory=dict)
    settled: Sequence[Key] = ()
    is_whole: bool = True
    doubts: dict[Key, str] = field(default_factory=dict)
    broken: str = ""
    _own: dict[Key, bytes | None] = field(default_factory=dict)
    _unflushed: set[Key] = field(default_factory=set)
    _overtaken: set[Key] = field(default_factory=set)
    _seen: dict[Key, Sighting] = field(default_factory=dict)
    _settled: set[Key] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._seen = dict(self.plan.sightings)

    @property
    def is_needed(self) -> bool:
        """False where nothing is to be done, and the record says all of it already."""
        then = self.record.run.stamp.commit if self.record.run else None
        doable = any(not change.refusals for change in self.plan.changes)
        is_covered = not self.is_whole or self.record.covered == then
        is_noted = self.stamp.commit in (None, then) and self.intents.keys() <= self.record.approved.keys()
        is_noted = is_noted and is_covered
        left = self.plan.forgotten or self.settled or any(map(self._is_news, self._rest()))
        return self.record.is_kept and (doable or not is_noted or bool(left))

    def begin(self) -> None:
        """Make the record where there is none, read what others wrote since, and write the run's own entry.

        Nothing is sent before that is written. Raises UnwritableRecordError, UnreachableError.
        """
        if self.record.standing is Standing.NEW:
            self.log.create()
            self.record = record.read(self.log.name, self.log.read(), self.repository)
        newest = self.record.run
        self._refresh()
        if self.record.run != newest:
            raise RefusedError("another run applied something meanwhile: nothing is done", "plan and apply again")
        commit = self.stamp.commit or (self.record.run.stamp.commit if self.record.run else None)
        # Before the run's own entry: where that is on record, what it set out to do is, too.
        for key, one in self.intents.items():
            self._put_text(record.of_approval(key), approval.text(one, self.stamp))
        covered = (commit if self.is_whole else self.record.covered) or ""
        self._put(RUN, Applied(stamp=replace(self.stamp, commit=commit, run={**self.stamp.run, record.WHOLE: covered})))
        if failed := self.log.flush():
            why = f"it is not known whether the record {self.log.name} was written: {min(failed.values())}"
            raise UnwritableRecordError(f"{why}; nothing is done", "apply again when the brokers answer")

    def before(self, _batch: Sequence[Change[Any]]) -> str | None:
        """A reason to stop: what cannot be remembered is not done."""
        if self.broken:
            return self.broken
        try:
            self._refresh()
        except UnreachableError as error:
            self.broken = f"the record {self.log.name} cannot be read any more: {error.message}"
        return self.broken or None

    def after(self, _outcome: Outcome) -> None:
        """A batch is noted as a whole."""

    def overtaken(self, batch: Sequence[Change[Any]]) -> Mapping[Key, str]:
        """Those of a batch that another run wrote about since this one planned."""
        return {change.key: OVERTAKEN for change in batch if change.key in self._overtaken}

    def keep(self, batch: Sequence[Change[Any]], outcomes: Iterable[Outcome]) -> None:
        """Note what was read back of a batch, and wait until that is written."""
        by_key = {outcome.key: outcome for outcome in outcomes}
        told = [(change, by_key[change.key]) for change in batch if change.key in by_key]
        self._identify([c.key for c, o in told if o.state is State.DONE and c.action is not Action.DELETE])
        for change, outcome in told:
            self._note(change, outcome)
            if outcome.state is State.DONE and (change.key in self.intents or change.key in self.record.approved):
                self._put_text(record.of_approval(change.key), None)
        self._flush()

    def end(self) -> None:
        """Note the rest: what was read and found as asked, and what is to be forgotten. What fails is a doubt."""
        rest = self._rest()
        if self.broken or self.before(()) or not (rest or self.plan.forgotten or self.settled):
            return
        self._identify([key for key in rest if self._seen[key].is_nameless])
        for key in rest:
            if key not in self._overtaken:
                self._write(key, self._seen[key])
        for key in self.plan.forgotten:
            self._put(key, None)
        for key in self.settled:
            self._put_text(record.of_approval(key), None)
        self._flush()

    def _rest(self) -> list[Key]:
        """What was seen, and is not settled by a change. What is still to be removed stays recorded."""
        pending = {change.key for change in self.plan.changes}
        rest = ((key, seen) for key, seen in self._seen.items() if key not in self._settled)
        return sorted(key for key, seen in rest if seen.is_kept or key not in pending)

    def _is_news(self, key: Key) -> bool:
        newest = self.record.applied(key)
        return self._seen[key].entry(newest) != newest

    def _note(self, change: Change[Any], outcome: Outcome) -> None:
        key = change.key
        if key not in self._seen:
            return
        self._settled.add(key)
        lane = next(lane for lane in self.lanes if lane.has(key))
        seen = self._seen[key] = self._seen[key].after(lane, change, outcome)
        if outcome.state is State.DONE or seen.is_kept:
            self._write(key, seen, change, outcome)

    def _write(
        self, key: Key, seen: Sighting, change: Change[Any] | None = None, outcome: Outcome | None = None
    ) -> None:
        try:
            newest = self.record.applied(key)
        except EntryError:
            return
        applied = seen.entry(newest, self.stamp)
        if change is not None and outcome is not None:
            applied = sighting.still_open(change, outcome, applied)
        if applied != newest:
            self._put(key, replace(applied, stamp=self.stamp) if applied is not None else None)

    def _identify(self, keys: Collection[Key]) -> None:
        for lane in self.lanes:
            mine = [key.name for key in keys if lane.has(key) and key in self._seen]
            for name, identity in (lane.store.identify(mine) if mine else {}).items():
                self._seen[lane.key(name)] = replace(self._seen[lane.key(name)], identity=identity)

    def _refresh(self) -> None:
        """What anybody wrote since: our own words come back, too. Raises UnreadableRecordError."""
        values = self.log.tail()
        if not values:
            return
        self.record = record.updated(self.record, values, self.repository)
        for raw, value in values.items():
            word = record.decoded(raw)
            if word and word[1] != RUN and (word[0] != self.repository or self._own.get(word[1], b"") != value):
                self._overtaken.add(word[1])

    def _put(self, key: Key, applied: Applied | None) -> None:
        self._put_text(key, applied.text() if applied is not None else None)

    def _put_text(self, key: Key, value: bytes | None) -> None:
        self._own[key] = value
        self._unflushed.add(key)
        self.log.put(record.encoded(self.repository, key), value)

    def _flush(self) -> None:
        try:
            failed = self.log.flush()
        except UnwritableRecordError as error:
            self.broken = f"{error.message}; nothing more is sent"
            self.doubts |= dict.fromkeys(self._unflushed, error.message)
            failed = {}
        self._unflushed.clear()
        self.doubts |= {word[1]: why for raw, why in failed.items() if (word := record.decoded(raw))}
