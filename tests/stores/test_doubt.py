"""Requests that come true later, or never: waited out against the fake cluster."""

from __future__ import annotations

import pytest

from provisioner.kinds.topic import Topic
from provisioner.problem import Span
from provisioner.reconcile import engine
from provisioner.reconcile.lanes import Lane
from provisioner.reconcile.model import Outcome, State, Wanted
from provisioner.stores.kafka import asking, doubt
from tests.contracts.contract import Quiet
from tests.fake import FakeCluster
from tests.fake.faults import ErrorFor, Ghost, LostRequest
from tests.fake.script import real
from tests.plain_kind import PlainKind
from tests.stores.tool import HASTY, Tool, hasty, impatient

NAMES = ("a.v1", "b.v1")


@pytest.fixture
def tool(fake: FakeCluster, monkeypatch: pytest.MonkeyPatch) -> Tool:
    impatient(monkeypatch)
    hasty(monkeypatch)
    monkeypatch.setattr(doubt, "PAUSE_SECONDS", 0.1)
    return Tool(fake)


def lane(tool: Tool) -> Lane[Topic]:
    wanted = {name: Wanted(Topic(1, 3), Span("topics/pay/x.yaml")) for name in NAMES}
    return Lane(PlainKind("topic"), wanted, tool.store)


def applied(tool: Tool) -> dict[str, Outcome]:
    lanes = [lane(tool)]
    outcomes = list(engine.apply(engine.plan("prod", lanes), lanes, Quiet()))
    assert len(outcomes) == len(NAMES)
    return {outcome.key.name: outcome for outcome in outcomes}


def test_a_ghost_is_waited_for_and_then_done(tool: Tool) -> None:
    """The answer never came; the topics did."""
    tool.fake.script.on("CreateTopics", Ghost(HASTY + 2), times=1, when=real)
    tool.fake.script.on("CreateTopics", LostRequest(), times=None, when=real)
    outcomes = applied(tool)
    assert {outcome.state for outcome in outcomes.values()} == {State.DONE}
    assert all("in doubt at first" in outcome.comment for outcome in outcomes.values())


def test_what_never_came_has_failed_when_the_time_of_doubt_is_over(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The controller itself says that it does not exist."""
    monkeypatch.setattr(doubt, "DOUBT_SECONDS", 1.0)
    tool.fake.script.on("CreateTopics", LostRequest(), times=None, when=real)
    outcomes = applied(tool)
    assert {outcome.state for outcome in outcomes.values()} == {State.FAILED}
    assert all("apply again" in outcome.comment for outcome in outcomes.values())


@pytest.mark.parametrize(
    ("code", "state"),
    [(44, "refused"), (40, "refused"), (29, "noted"), (89, "noted"), (36, "stale"), (-1, "noted")],
)
def test_the_clusters_word_on_a_change_is_a_refusal_or_a_note(fake: FakeCluster, code: int, state: str) -> None:
    """What it refuses is refused in the plan; what it would not answer is said, and planned."""
    tool = Tool(fake)
    fake.state.add("old.v1")
    wanted = {"old.v1": Wanted(Topic(2, 3, {"retention.ms": "1000"}), Span("x.yaml"))}
    fake.script.on("IncrementalAlterConfigs", ErrorFor("old.v1", code, "because"), times=None)
    plan = engine.plan("prod", [Lane(PlainKind("topic"), wanted, tool.store)])
    (change,) = plan.changes
    found = {why.by for why in change.refusals}
    assert found == {"refused": {"cluster"}, "stale": {"stale"}, "noted": set()}[state]
    assert bool(change.prepared.notes) == (state == "noted")
    assert fake.mutations == []
    assert fake.sent("IncrementalAlterConfigs", dry=True)


def test_a_cluster_that_ignores_validate_only_is_not_asked(fake: FakeCluster) -> None:
    """Its dry run would be the deed."""
    fake.state.quirks.honours_validate_only = False
    fake.state.quirks.checks_names = False
    fake.state.add("old.v1")
    tool = Tool(fake)
    wanted = {"old.v1": Wanted(Topic(2, 3), Span("x.yaml"))}
    (change,) = engine.plan("prod", [Lane(PlainKind("topic"), wanted, tool.store)]).changes
    assert change.prepared.notes == (f"{asking.NOT_ASKED}: this cluster does not honour validate_only",)
    assert len(fake.state.topics["old.v1"].partitions) == 1
