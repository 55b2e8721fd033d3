"""One resource for many topics: what is not there is left out of it, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from provisioner.kinds import TOPICS
from provisioner.kinds.topic_spec import TopicSpec
from provisioner.problem import Span
from provisioner.reconcile import engine
from provisioner.reconcile.kind import Pruning
from provisioner.reconcile.lanes import Lane
from provisioner.reconcile.model import Key, Wanted
from provisioner.reconcile.outcome import Outcome, State
from provisioner.reconcile.plan import Plan
from tests.memory import MemoryStore
from tests.plain_kind import PlainKind
from tests.reconcile.test_engine import Quiet
from tests.topics import asked

HERE = Span("topics/pay/orders.yaml")
RULES = PlainKind("rules", Pruning.MARKED, derived=True)


@dataclass(frozen=True)
class Rules:
    """A rule set with a threshold for each topic."""

    topics: frozenset[str]

    def fields(self) -> Mapping[str, str]:
        return dict.fromkeys(sorted(self.topics), "10m")

    def exact(self) -> Mapping[str, str]:
        return self.fields()

    def restricted_to(self, fields: frozenset[str], observed: Rules) -> Rules:
        return self

    def without(self, members: frozenset[str]) -> Rules | None:
        left = self.topics - members
        return Rules(left) if left else None


@dataclass
class Fleet:
    """Topics, and one rule set for all of them."""

    topics: MemoryStore[TopicSpec] = field(default_factory=MemoryStore)
    rules: MemoryStore[Rules] = field(default_factory=MemoryStore)

    def lanes(self, names: str, external: str = "") -> list[Lane[Any]]:
        declared = [*names, *external]
        wanted = {name: asked(TopicSpec(3, 3), external=name in external) for name in declared}
        members = {name: Key("topic", name) for name in declared}
        rules = Wanted(Rules(frozenset(declared)), HERE, "pay", members=members)
        return [Lane(TOPICS, wanted, self.topics), Lane(RULES, {"pay": rules}, self.rules)]

    def plan(self, names: str, external: str = "") -> Plan:
        return engine.plan("prod", self.lanes(names, external))

    def run(self, names: str, external: str = "") -> dict[str, Outcome]:
        lanes = self.lanes(names, external)
        return {outcome.key.name: outcome for outcome in engine.apply(engine.plan("prod", lanes), lanes, Quiet())}

    def watched(self) -> set[str]:
        return set(self.rules.state["pay"].resource.topics)


def test_a_topic_that_fails_is_left_out_of_the_rules_of_the_others() -> None:
    """They are written without it, say so, and the next run adds it."""
    fleet = Fleet()
    fleet.topics.fails = {"b"}
    outcomes = fleet.run("abc")
    assert (outcomes["b"].state, outcomes["pay"].state) == (State.FAILED, State.DONE)
    assert outcomes["pay"].comment == "without topic b, not done; the next run adds it"
    assert fleet.watched() == {"a", "c"}
    fleet.topics.fails = set()
    assert {outcome.state for outcome in fleet.run("abc").values()} == {State.DONE}
    assert fleet.watched() == {"a", "b", "c"}
    assert fleet.plan("abc").changes == ()


def test_a_topic_that_is_refused_is_left_out_in_the_plan_already() -> None:
    """With a note on the rules, whose own change is not refused."""
    fleet = Fleet()
    missing = fleet.plan("a", external="x")
    rules = next(change for change in missing.changes if change.key.kind == "rules")
    assert (rules.refusals, rules.after) == ((), Rules(frozenset({"a"})))
    assert rules.prepared.notes == ("left out: topic x, which is refused",)


def test_rules_of_which_nothing_is_left_are_refused_with_their_topics() -> None:
    """As an alert set of one topic is."""
    fleet = Fleet()
    plan = fleet.plan("", external="x")
    assert [(change.key.kind, change.refusals[0].by) for change in plan.changes] == [
        ("topic", "impossible"),
        ("rules", "requires"),
    ]


def test_rules_that_stand_as_they_would_be_left_are_no_change() -> None:
    """An apply that can add nothing reloads nothing."""
    fleet = Fleet()
    fleet.run("a")
    assert [change.key.kind for change in fleet.plan("a", external="x").changes] == ["topic"]


def test_what_is_not_known_is_left_out_and_named() -> None:
    """The store could not say whether b is there."""
    fleet = Fleet()
    fleet.topics.unsure = {"b": "no answer"}
    plan = fleet.plan("ab")
    rules = next(change for change in plan.changes if change.key.kind == "rules")
    assert rules.after == Rules(frozenset({"a"}))
    assert "topic b, which is not known to be there" in rules.prepared.notes[0]


def test_a_topic_that_has_begun_counts_as_there() -> None:
    """Replicas on their way need no other rules."""
    fleet = Fleet()
    fleet.topics.starts = {"a"}
    outcomes = fleet.run("ab")
    assert (outcomes["a"].state, outcomes["pay"].state) == (State.STARTED, State.DONE)
    assert fleet.watched() == {"a", "b"}


def test_a_topic_in_doubt_is_waited_for_before_the_rules_are_written() -> None:
    """It comes true while somebody waits."""
    fleet = Fleet()
    fleet.topics.ghosts = {"a"}
    outcomes = fleet.run("ab")
    assert (outcomes["a"].state, outcomes["pay"].state) == (State.DONE, State.DONE)
    assert fleet.watched() == {"a", "b"}
