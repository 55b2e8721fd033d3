"""The cluster's own word on changes: refusals, notes, and what it does not know."""

from __future__ import annotations

import pytest

from provisioner.kinds.topic_spec import TopicPolicy, TopicSpec
from provisioner.problem import Span
from provisioner.reconcile import engine
from provisioner.reconcile.lanes import Lane
from provisioner.reconcile.model import Wanted
from provisioner.reconcile.plan import Plan
from provisioner.stores.kafka import dry_run
from tests.fake import FakeCluster, config_keys
from tests.fake.faults import ErrorFor
from tests.plain_kind import PlainKind
from tests.stores.kafka.tool import Tool

GZIP, ZSTD = "compression.gzip.level", "compression.zstd.level"
PLACES = {f"config.{GZIP}": Span("clusters.yaml", 6, 3), f"config.{ZSTD}": Span("pay/team.yaml", 2, 5)}


@pytest.fixture
def tool(fake: FakeCluster, monkeypatch: pytest.MonkeyPatch) -> Tool:
    """A cluster from before the levels of compression, with two topics."""
    old = {key: value for key, value in config_keys.DEFAULTS.items() if key not in (GZIP, ZSTD)}
    monkeypatch.setattr("tests.fake.config_keys.DEFAULTS", old)
    monkeypatch.setattr("tests.fake.reads.DEFAULTS", old)
    fake.state.add("a.v1")
    fake.state.add("b.v1")
    return Tool(fake)


def planned(tool: Tool, places: dict[str, Span], **topics: TopicSpec) -> Plan:
    policy = TopicPolicy(frozenset({GZIP, ZSTD}))
    wanted = {
        name.replace("_", "."): Wanted(topic, Span("pay/x.yaml"), places=places, policy=policy)
        for name, topic in topics.items()
    }
    return engine.plan("prod", [Lane(PlainKind("topic"), wanted, tool.store)])


def defaulted(**config: str) -> TopicSpec:
    config = {GZIP: "9", ZSTD: "3", **{key.replace("_", "."): value for key, value in config.items()}}
    return TopicSpec(1, 3, config)


def test_other_changes_go_on_without_defaults_that_are_not_known(tool: Tool) -> None:
    """However many of them: a broker names one at a time."""
    plan = planned(tool, PLACES, a_v1=defaulted(retention_ms="5"), b_v1=defaulted())
    (change,) = plan.changes
    assert (change.key.name, [field.field for field in change.fields]) == ("a.v1", ["config.retention.ms"])
    assert change.refusals == ()
    assert {(held.field, held.span, held.without) for held in plan.held} == {
        (field, span, ("a.v1", "b.v1")) for field, span in PLACES.items()
    }
    assert plan.unchanged == {"topic": 0}
    assert tool.applied(plan.changes)["a.v1"].state == "done"


def test_a_new_topic_is_not_made_without_a_default(tool: Tool) -> None:
    """It would not be what the files ask."""
    plan = planned(tool, PLACES, c_v1=defaulted())
    (change,) = plan.changes
    assert sorted(why.reason for why in change.refusals) == [
        f"this cluster does not know {key}, a config of Kafka 3.8 and later; it is a default at {place}"
        for key, place in zip((GZIP, ZSTD), PLACES.values(), strict=True)
    ]
    assert [held.refused for held in plan.held] == [("c.v1",), ("c.v1",)]


def test_what_the_topic_says_itself_is_refused_whole(tool: Tool) -> None:
    """Its other changes with it: its team can correct it."""
    plan = planned(tool, {}, a_v1=defaulted(retention_ms="5"))
    (change,) = plan.changes
    assert len(change.fields) == 3
    assert [why.by for why in change.refusals] == ["cluster", "cluster"]
    assert plan.held == ()


def test_another_fault_beside_it_is_still_refused(tool: Tool) -> None:
    """The broker is asked again for what is left."""
    plan = planned(tool, PLACES, a_v1=defaulted(retention_ms="no number"))
    (change,) = plan.changes
    assert [why.reason for why in change.refusals] == [
        "the cluster refuses it: Invalid value no number for configuration retention.ms (40)"
    ]


@pytest.mark.parametrize(
    ("code", "state"),
    [(44, "refused"), (40, "refused"), (29, "noted"), (89, "noted"), (36, "stale"), (-1, "noted")],
)
def test_the_clusters_word_on_a_change_is_a_refusal_or_a_note(fake: FakeCluster, code: int, state: str) -> None:
    """What it refuses is refused in the plan; what it would not answer is said, and planned."""
    tool = Tool(fake)
    fake.state.add("old.v1")
    wanted = {"old.v1": Wanted(TopicSpec(2, 3, {"retention.ms": "1000"}), Span("x.yaml"))}
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
    wanted = {"old.v1": Wanted(TopicSpec(2, 3), Span("x.yaml"))}
    (change,) = engine.plan("prod", [Lane(PlainKind("topic"), wanted, tool.store)]).changes
    assert change.prepared.notes == (f"{dry_run.NOT_ASKED}: this cluster does not honour validate_only",)
    assert len(fake.state.topics["old.v1"].partitions) == 1
