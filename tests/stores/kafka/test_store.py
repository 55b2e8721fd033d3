"""The store as the engine meets it: one cluster, batches, one outcome for each change."""

from __future__ import annotations

import pytest

from provisioner.errors import RefusedError
from provisioner.kinds.topic_spec import TopicSpec
from provisioner.reconcile.outcome import State
from provisioner.stores.kafka import consumer_notes
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.store import KafkaTopics
from tests.fake import FakeCluster
from tests.fake.faults import ErrorForAll, LostAnswer, Pass
from tests.fake.script import real
from tests.stores.kafka.tool import CREATE, MUTATIONS, NAMES, Tool, states


@pytest.fixture
def tool(fake: FakeCluster) -> Tool:
    return Tool(fake)


def test_another_cluster_is_not_touched(fake: FakeCluster) -> None:
    """Its id is not the declared one."""
    store = KafkaTopics(Connection(fake.bootstrap, {}, {}, print), cluster_id="another")
    with pytest.raises(RefusedError, match=fake.cluster_id):
        store.read(NAMES)
    assert {sent.api.name for sent in fake.requests} == {"ApiVersions", "Metadata"}


def test_what_was_half_done_is_told_half(tool: Tool) -> None:
    """More partitions, but not the config: what was read back is in the outcome."""
    tool.fake.state.add("a.v1")
    changes = tool.planned({"a.v1": TopicSpec(2, 3, {"retention.ms": "1000000"})})
    tool.fake.script.on("IncrementalAlterConfigs", ErrorForAll(44, "not here"), when=real)
    outcome = tool.applied(changes)["a.v1"]
    assert (outcome.state, [change.field for change in outcome.changes]) == (State.FAILED, ["partitions"])
    assert "not here (44)" in outcome.comment


def test_a_deleted_topic_is_not_asked_for_again(tool: Tool) -> None:
    """Each probe names a topic that exists: for any other the client would search on in the background."""
    changes = tool.planned(MUTATIONS["delete"].ready(tool.fake))
    tool.applied(changes)
    probes = [sent for sent in tool.fake.sent("Metadata") if len(sent.subjects) == 1]
    assert [sent for sent in probes if sent.at > tool.fake.sent("DeleteTopics")[0].at] == []


def test_many_batches_survive_a_fault_in_one(tool: Tool) -> None:
    """The batches behind it are done as well, each topic created once."""
    tool.store.batch_topics = 10
    names = [f"t{number:02}" for number in range(30)]
    changes = tool.planned(dict.fromkeys(names, CREATE.wanted))
    tool.fake.script.on("CreateTopics", Pass(), LostAnswer(), when=real)
    assert set(states(tool.applied(changes)).values()) == {State.DONE}
    assert [len(sent.subjects) for sent in tool.fake.sent("CreateTopics")] == [10, 10, 10]


def test_of_names_beside_nothing_is_asked(tool: Tool) -> None:
    """They are in the listing, and neither found nor somebody else's."""
    for name in ("a.v1", "b.v1", "theirs"):
        tool.fake.state.add(name)
    reading = tool.store.read(["a.v1"], {"b.v1", "not.there"})
    assert (list(reading.found), reading.unsure, reading.unmanaged) == (["a.v1"], {}, 1)
    named = {name for sent in tool.fake.sent("DescribeConfigs") for name in sent.subjects}
    assert named & {"b.v1", "not.there", "theirs"} == set()


def test_what_stays_behind_is_told_with_its_size_whether_or_not_readers_are_known(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One topic that is there, and one that is not: of that nothing is told."""
    monkeypatch.setattr(consumer_notes, "belongings", lambda *_: {"a.v1": "1 reader"})
    tool.fake.state.add("a.v1")
    tool.fake.state.sizes = {"a.v1": 10**9}
    assert tool.store.belongings(["a.v1", "gone"]) == {"a.v1": "3.0 GB on disk, 3 replicas, 1 reader"}
    monkeypatch.setattr(consumer_notes, "belongings", lambda *_: {})
    tool.fake.state.sizes = None
    assert tool.store.belongings(["a.v1"]) == {"a.v1": "size not known: no right"}
