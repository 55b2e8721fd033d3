"""A store in memory: it passes the same contract as the real ones, and fails as a test tells it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic

from provisioner.errors import UnreachableError
from provisioner.reconcile.change import Change
from provisioner.reconcile.model import Key, Observed, Prepared, R, Reading
from provisioner.reconcile.outcome import Outcome, State


@dataclass
class MemoryStore(Generic[R]):
    """Holds resources by name. `fails`, `doubts` and `starts` name what answers so; `dies_after` counts writes.

    `ghosts` are doubts that come true while somebody waits for them.
    """

    state: dict[str, Observed[R]] = field(default_factory=dict)
    unsure: dict[str, str] = field(default_factory=dict)
    fails: set[str] = field(default_factory=set)
    doubts: set[str] = field(default_factory=set)
    starts: set[str] = field(default_factory=set)
    ghosts: set[str] = field(default_factory=set)
    dies_after: int = 10**9
    writes: int = 0
    batch: int = 2

    def read(self, names: Sequence[str]) -> Reading[R]:
        """What is held of these names; all others are orphans."""
        asked = set(names)
        found = {name: seen for name, seen in self.state.items() if name in asked}
        orphans = {name: seen for name, seen in self.state.items() if name not in asked}
        return Reading(found, self.unsure, orphans, len(orphans))

    def prepare(self, changes: Sequence[Change[R]]) -> Mapping[Key, Prepared]:
        """Memory has no opinion."""
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
