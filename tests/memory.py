"""A store and a record in memory: they pass the same contracts as the real ones, and fail as a test tells them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic

from provisioner.errors import UnreachableError
from provisioner.reconcile.change import Change
from provisioner.reconcile.model import Key, Observed, Prepared, R, Reading
from provisioner.reconcile.outcome import Outcome, State
from provisioner.reconcile.record_log import Log, UnreadableRecordError, UnwritableRecordError


@dataclass
class MemoryStore(Generic[R]):
    """Holds resources by name. `fails`, `doubts` and `starts` name what answers so; `dies_after` counts writes.

    `asked`: every name that was looked at.

    `ghosts` are doubts that come true while somebody waits for them; of `halves` the first field alone is done.
    """

    state: dict[str, Observed[R]] = field(default_factory=dict)
    unsure: dict[str, str] = field(default_factory=dict)
    fails: set[str] = field(default_factory=set)
    doubts: set[str] = field(default_factory=set)
    starts: set[str] = field(default_factory=set)
    ghosts: set[str] = field(default_factory=set)
    halves: set[str] = field(default_factory=set)
    dies_after: int = 10**9
    writes: int = 0
    batch: int = 2
    asked: set[str] = field(default_factory=set)

    def read(self, names: Sequence[str], beside: Collection[str] = ()) -> Reading[R]:
        """What is held of these names; all others but those beside them are orphans."""
        self.asked.update(names)
        asked = set(names)
        found = {name: seen for name, seen in self.state.items() if name in asked}
        orphans = {name: seen for name, seen in self.state.items() if name not in asked.union(beside)}
        unsure = {name: why for name, why in self.unsure.items() if name not in beside}
        return Reading(found, unsure, orphans, len(orphans))

    def prepare(self, changes: Sequence[Change[R]]) -> Mapping[Key, Prepared]:
        """Memory has no opinion."""
        return {}

    def identify(self, names: Sequence[str]) -> Mapping[str, str]:
        """What is held was given its identity when it was made."""
        held = {name: self.state[name].identity for name in names if name in self.state}
        return {name: identity for name, identity in held.items() if identity is not None}

    def belongings(self, names: Sequence[str]) -> Mapping[str, str]:
        """Memory does not know who reads it."""
        return {}

    def remember(self, inputs: Mapping[str, str]) -> None:
        """What was written is all that memory knows."""

    def batches(self, changes: Sequence[Change[R]]) -> Iterator[Sequence[Change[R]]]:
        """Portions of `batch` changes."""
        return (changes[at : at + self.batch] for at in range(0, len(changes), self.batch))

    def write(self, batch: Sequence[Change[R]]) -> Iterator[Outcome]:
        """Keep the resources as asked."""
        for change in batch:
            self.writes += 1
            if self.writes > self.dies_after:
                raise UnreachableError("connection lost")
            yield self._one(change)

    def _one(self, change: Change[R]) -> Outcome:
        name = change.key.name
        if name in self.fails:
            return Outcome(change.key, State.FAILED, "refused by policy")
        if name in self.doubts | self.ghosts:
            return Outcome(change.key, State.DOUBT, "timed out")
        if name in self.starts:
            return Outcome(change.key, State.STARTED, "replicas are on their way")
        if name in self.halves and change.after is not None and change.before is not None:
            first = change.fields[:1]
            half = change.after.restricted_to(frozenset(one.field for one in first), change.before)
            self.state[name] = Observed(half, change.identity, facts=change.facts)
            return Outcome(change.key, State.FAILED, "the rest is refused by policy", first)
        return self._kept(change)

    def _kept(self, change: Change[R]) -> Outcome:
        name = change.key.name
        if change.after is None:
            del self.state[name]
        else:
            self.state[name] = Observed(change.after, change.identity or f"id-{self.writes}", facts=change.facts)
        return Outcome(change.key, State.DONE, seen=change.fields)

    def await_pending(self, doubtful: Sequence[Change[R]]) -> Iterator[Outcome]:
        """Ghosts appear; the others stay in doubt."""
        for change in doubtful:
            if change.key.name in self.ghosts:
                yield self._kept(change)
            else:
                yield Outcome(change.key, State.DOUBT, "timed out, and still not seen")


@dataclass
class MemoryLog:
    """A record as the list of what was written; doors that share the list see each other's tails.

    `exists` False: there is none until it is made, or the list holds something. `unreadable` and `unwritable`: why, in
    words. `doubtful`: the keys (True: all) that get lost while a flush cannot say so.
    """

    log: list[tuple[bytes, bytes | None]] = field(default_factory=list)
    exists: bool = True
    unreadable: str = ""
    unwritable: str = ""
    doubtful: Collection[bytes] | bool = ()
    cluster_id: str | None = "memory"
    name: str = "_record"
    _put: list[tuple[bytes, bytes | None]] = field(default_factory=list)
    _seen: list[tuple[bytes, bytes | None]] = field(default_factory=list)
    _doors: list[MemoryLog] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._doors.append(self)

    def door(self) -> MemoryLog:
        """Another one to the same record, which has read nothing yet."""
        return replace(self, _put=[], _seen=[])

    def read(self) -> Log:
        """All that the list comes to."""
        self._seen = []
        exists = self.exists or bool(self.log)
        values = {key: value for key, value in self.tail().items() if value is not None}
        return Log(values, exists, self.cluster_id)

    def tail(self) -> Mapping[bytes, bytes | None]:
        """What the list has got since; one that begins otherwise now is another record."""
        if self.unreadable:
            raise UnreadableRecordError(self.unreadable, "give the right")
        start = len(self._seen)
        if self.log[:start] != self._seen:
            raise UnreadableRecordError("the record was made anew since it was read", "plan again")
        self._seen = list(self.log)
        return dict(self.log[start:])

    def create(self) -> None:
        """From here on there is one, for every door."""
        self._refuse()
        for door in self._doors:
            door.exists = True

    def put(self, key: bytes, value: bytes | None) -> None:
        """It is in the list once it is flushed."""
        self._put.append((key, value))

    def flush(self) -> Mapping[bytes, str]:
        """What is doubtful stays away."""
        put, self._put = self._put, []
        if put:
            self._refuse()
        lost = {key: "timed out" for key, _ in put if self._is_doubtful(key)}
        self.log.extend((key, value) for key, value in put if key not in lost)
        return lost

    def _refuse(self) -> None:
        if self.unwritable:
            raise UnwritableRecordError(self.unwritable, "give the right")

    def _is_doubtful(self, key: bytes) -> bool:
        return self.doubtful if isinstance(self.doubtful, bool) else key in self.doubtful
