"""A cluster that does not know a config: what is asked without it, and what is refused for it."""

from __future__ import annotations

import pytest

from provisioner.kinds.topic import Topic
from provisioner.problem import Span
from provisioner.reconcile import engine
from provisioner.reconcile.lanes import Lane
from provisioner.reconcile.model import Plan, Wanted
from tests.fake import FakeCluster, config_keys
from tests.plain_kind import PlainKind
from tests.stores.tool import Tool, patient

GZIP, ZSTD = "compression.gzip.level", "compression.zstd.level"
PLACES = {f"config.{GZIP}": Span("clusters.yaml", 6, 3), f"config.{ZSTD}": Span("pay/team.yaml", 2, 5)}


@pytest.fixture
def tool(fake: FakeCluster, monkeypatch: pytest.MonkeyPatch) -> Tool:
    """A cluster from before the levels of compression, with two topics."""
    patient(monkeypatch)
    old = {key: value for key, value in config_keys.DEFAULTS.items() if key not in (GZIP, ZSTD)}
    monkeypatch.setattr("tests.fake.config_keys.DEFAULTS", old)
    monkeypatch.setattr("tests.fake.reads.DEFAULTS", old)
    fake.state.add("a.v1")
    fake.state.add("b.v1")
    return Tool(fake)


def planned(tool: Tool, places: dict[str, Span], **topics: Topic) -> Plan:
    wanted = {
        name.replace("_", "."): Wanted(topic, Span("pay/x.yaml"), places=places) for name, topic in topics.items()
    }
    return engine.plan("prod", [Lane(PlainKind("topic"), wanted, tool.store)])


def defaulted(**config: str) -> Topic:
    config = {GZIP: "9", ZSTD: "3", **{key.replace("_", "."): value for key, value in config.items()}}
    return Topic(1, 3, config, frozenset({GZIP, ZSTD}))


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
