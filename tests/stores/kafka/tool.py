"""The real store at work on a fake cluster, and what a test must know of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from provisioner.kinds.topic_spec import TopicSpec
from provisioner.problem import Span
from provisioner.reconcile import engine
from provisioner.reconcile.change import Change
from provisioner.reconcile.lanes import Lane
from provisioner.reconcile.model import Reading, Wanted
from provisioner.reconcile.outcome import Outcome, State
from provisioner.stores.kafka import codes
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.operations import AlterConfigs, CreatePartitions, CreateTopics, DeleteTopics, Operation
from provisioner.stores.kafka.store import KafkaTopics
from provisioner.stores.kafka.timeouts import Timeouts
from tests.fake import FakeCluster
from tests.plain_kind import PlainKind

Declared = Mapping[str, TopicSpec | None]
LONG = 60
HASTY = 1.5
CODES = [*sorted(codes.VERDICTS), 9999, -42]
"""All of the table, and two that nobody has heard of: a broker's and the client's own."""


NAMES = ("a.v1", "b.v1", "c.v1")
DONE = dict.fromkeys(NAMES, State.DONE)
DOUBT = dict.fromkeys(NAMES, State.DOUBT)


@dataclass(frozen=True)
class Mutation:
    """A request: its API, whether the topics exist before, what is wanted, the code that a repetition gets."""

    operation: type[Operation]
    api: str
    before: bool
    wanted: TopicSpec | None
    again: int

    def ready(self, fake: FakeCluster) -> dict[str, TopicSpec | None]:
        """The cluster before it, and what is declared."""
        for name in NAMES if self.before else ():
            fake.state.add(name)
        return dict.fromkeys(NAMES, self.wanted)


CREATE = Mutation(CreateTopics, "CreateTopics", False, TopicSpec(2, 3, {"retention.ms": "1000000"}), 36)
MUTATIONS: Mapping[str, Mutation] = {
    "create": CREATE,
    "create-partitions": Mutation(CreatePartitions, "CreatePartitions", True, TopicSpec(2, 3), 37),
    "alter-configs": Mutation(
        AlterConfigs, "IncrementalAlterConfigs", True, TopicSpec(1, 3, {"retention.ms": "1000000"}), 0
    ),
    "delete": Mutation(DeleteTopics, "DeleteTopics", True, None, 3),
}


@dataclass
class Tool:
    """One run of the program against the fake cluster."""

    fake: FakeCluster
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store = KafkaTopics(Connection(self.fake.bootstrap, {}, {}, self.said.append, timeouts=PATIENT))

    def hurry(self, *waits: Mapping[str, Any]) -> None:
        """From here on these time-outs hold: any of ONE_TRY, SHORT_REQUESTS, SHORT_READS, or single ones."""
        for each in waits:
            self.store.connection.timeouts = replace(self.store.connection.timeouts, **each)

    def read(self, *names: str) -> Reading[TopicSpec]:
        """What the store makes of these names."""
        return self.store.read(names)

    def planned(self, declared: Declared) -> list[Change[TopicSpec]]:
        """The changes that the declared topics (None: absent) need."""
        self.store.identified = frozenset(declared)
        wanted = {name: Wanted(topic, Span("topics/pay/x.yaml")) for name, topic in declared.items()}
        return list(engine.plan("prod", [Lane(PlainKind("topic"), wanted, self.store)]).changes)

    def applied(self, changes: Sequence[Change[TopicSpec]]) -> dict[str, Outcome]:
        """What the store says became of each change; it says it once, and nothing false."""
        outcomes = [outcome for batch in self.store.batches(changes) for outcome in self.store.write(batch)]
        assert sorted(outcome.key for outcome in outcomes) == sorted(change.key for change in changes)
        answers = {outcome.key.name: outcome for outcome in outcomes}
        for change in changes:
            self._honest(change, answers[change.key.name])
        return answers

    def _honest(self, change: Change[TopicSpec], outcome: Outcome) -> None:
        if outcome.state is State.DONE:
            assert self.holds(change.key.name, change.after), outcome
        else:
            assert outcome.comment

    def holds(self, name: str, wanted: TopicSpec | None) -> bool:
        """Whether the cluster has exactly that topic (None: none of that name)."""
        live = self.fake.state.topics.get(name)
        if live is None or wanted is None:
            return live is None and wanted is None
        return (len(live.partitions), dict(live.configs)) == (wanted.partitions, dict(wanted.config))

    def asked_for(self, api: str, name: str) -> int:
        """How many real requests of that API named the topic."""
        return sum(name in sent.subjects for sent in self.fake.sent(api))


def states(outcomes: Mapping[str, Outcome]) -> dict[str, State]:
    """Name -> state."""
    return {name: outcome.state for name, outcome in outcomes.items()}


PATIENT = replace(Timeouts(), retry_pause=(0.01, 0.05), look_pause=(0.01, 0.05), send=LONG, visible=LONG, late=LONG)
"""As in earnest, but without long pauses: no limit that a busy machine could meet."""

ONE_TRY: Mapping[str, Any] = {"send": 0, "visible": 0, "visible_per_topic": 0, "late": 0}
"""Everything is tried once and looked at once."""

SHORT_REQUESTS: Mapping[str, Any] = {"request": HASTY, "grace": HASTY}
"""No answer to a write is waited for long: for faults that give none. A busy machine must answer all the others."""

SHORT_READS: Mapping[str, Any] = {"read": HASTY, "grace": HASTY, "probe": HASTY, "connect": HASTY}
"""Nor is one to a read or a probe."""
