"""A cluster in memory, a line of commits and the record: one run of `apply` after the other, as the command does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from provisioner.kinds import TOPICS
from provisioner.kinds.topic_spec import TopicFacts, TopicSpec
from provisioner.problem import Span
from provisioner.reconcile import engine, record
from provisioner.reconcile.change import Change
from provisioner.reconcile.entry import Stamp
from provisioner.reconcile.lanes import Lane, Scope
from provisioner.reconcile.model import Consent, Observed, Wanted
from provisioner.reconcile.outcome import Outcome
from provisioner.reconcile.plan import Plan
from provisioner.reconcile.recording import Recorder
from tests.memory import MemoryLog, MemoryStore

DAY = 86_400_000
RETENTION, SEGMENT = "config.retention.ms", "config.segment.ms"

Tree = Mapping[str, Mapping[str, int]]
"""Topic -> field -> days."""


@dataclass(frozen=True)
class Commit:
    tree: Tree
    consents: Mapping[str, int]


@dataclass
class Topics(MemoryStore[TopicSpec]):
    """Every topic that is made has an id of its own."""

    made: int = 0

    def _kept(self, change: Change[TopicSpec]) -> Outcome:
        outcome = super()._kept(change)
        if change.before is None:
            self.made += 1
            held = self.state[change.key.name]
            self.state[change.key.name] = Observed(held.resource, f"id-{self.made}", facts=TopicFacts())
        return outcome


class KilledError(Exception):
    """The tool dies between a write and its entry."""


@dataclass
class Dying(Recorder):
    dies: bool = False

    def keep(self, batch: Sequence[Change[Any]], outcomes: Any) -> None:
        if self.dies:
            raise KilledError
        super().keep(batch, outcomes)


@dataclass
class World:
    commits: list[Commit] = field(default_factory=list)
    store: Topics = field(default_factory=Topics)
    ended: list[Outcome] = field(default_factory=list)
    log: MemoryLog = field(default_factory=lambda: MemoryLog(exists=False))

    def live(self, name: str, of: str) -> int | None:
        seen = self.store.state.get(name)
        value = seen.resource.fields().get(of) if seen else None
        return None if value is None else int(value) // DAY

    def wanted(self, at: int) -> dict[str, Wanted[TopicSpec]]:
        return {name: self._wanted(at, name) for name in self.commits[at].tree}

    def _wanted(self, at: int, name: str) -> Wanted[TopicSpec]:
        fields = self.commits[at].tree[name]
        config = {of.removeprefix("config."): str(days * DAY) for of, days in fields.items()}
        days = self.commits[at].consents.get(name)
        consents = (Consent("shorter-retention", f"{days}d"),) if days else ()
        return Wanted(TopicSpec(3, 3, config), Span("topics/pay/x.yaml", 1), "pay", consents)

    def outcomes(self, at: int, before_sending: Callable[[], None]) -> list[Outcome]:
        """What became of each change of a run."""
        self.apply(at, before_sending=before_sending)
        return self.ended

    def fixed(self, name: str, of: str, days: int) -> None:
        """Somebody sets a value on the cluster."""
        seen = self.store.state[name]
        config = {**seen.resource.config, of.removeprefix("config."): str(days * DAY)}
        self.store.state[name] = Observed(TopicSpec(3, 3, config), seen.identity, facts=seen.facts)

    def made_again(self, name: str, days: int) -> None:
        """Somebody makes another topic of that name."""
        self.store.made += 1
        spec = TopicSpec(3, 3, {"retention.ms": str(days * DAY)})
        self.store.state[name] = Observed(spec, f"id-{self.store.made}", facts=TopicFacts())

    def apply(
        self,
        at: int,
        base: int | None = None,
        *,
        dies: bool = False,
        named: str | None = None,
        everything: bool = False,
        before_sending: Callable[[], None] = lambda: None,
    ) -> Plan | None:
        """What one run of `apply` did; None where it is refused for its age."""
        known = record.read(self.log.name, self.log.read(), "topics")
        if record.overtaken(known, str(at), lambda old, new: int(old) < int(new)):
            return None
        scope = Scope(everything=everything or named is not None, notes=True, is_whole=named is None)
        wanted = {name: want for name, want in self.wanted(at).items() if named in (None, name)}
        then = self.wanted(base) if base is not None else None
        lanes = [Lane(TOPICS, wanted, self.store, base=then, record=known, scope=scope)]
        plan = engine.without_plan(engine.plan("prod", lanes), [named] if named else ())
        recorder = Dying(self.log, known, "topics", plan, lanes, Stamp(commit=str(at)), dies=dies)
        if recorder.is_needed:
            recorder.begin()
            before_sending()
            self.ended = list(engine.apply(plan, lanes, recorder, recorder))
            recorder.end()
        return plan
