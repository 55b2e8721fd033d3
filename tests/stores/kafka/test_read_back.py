"""Live topics beside a change: what somebody else made, changed or deleted is compared, by its id as well."""

from __future__ import annotations

import pytest

from provisioner.reconcile.outcome import State
from tests.fake import FakeCluster
from tests.stores.kafka.tool import CREATE, DONE, MUTATIONS, ONE_TRY, Tool, states


@pytest.fixture
def tool(fake: FakeCluster) -> Tool:
    return Tool(fake)


@pytest.mark.parametrize(
    ("partitions", "configs", "said"),
    [
        (2, {"retention_ms": "1000000"}, None),
        (1, {"retention_ms": "1000000"}, "partitions is 1, wanted 2"),
        (2, {"retention_ms": "5"}, "config.retention.ms is 5, wanted 1000000"),
        (2, {}, "config.retention.ms is not set, wanted 1000000"),
        (2, {"retention_ms": "1000000", "flush_ms": "9"}, "config.flush.ms is 9, wanted not set"),
    ],
)
def test_a_topic_that_somebody_made_first_is_compared(
    tool: Tool, partitions: int, configs: dict[str, str], said: str | None
) -> None:
    """It is done if it is what we want, and failed, with what differs, if not."""
    changes = tool.planned(CREATE.ready(tool.fake))
    tool.fake.state.add("b.v1", partitions, 3, **configs)
    tool.hurry(ONE_TRY)
    outcomes = tool.applied(changes)
    assert states(outcomes) == {**DONE, "b.v1": State.FAILED if said else State.DONE}
    assert (said or "") in outcomes["b.v1"].comment
    assert tool.asked_for("CreateTopics", "b.v1") == 1


def test_a_topic_that_was_made_again_meanwhile_fails(tool: Tool) -> None:
    """Its id tells, whatever it looks like."""
    changes = tool.planned(MUTATIONS["create-partitions"].ready(tool.fake))
    tool.fake.state.add("b.v1", 4)
    tool.hurry(ONE_TRY)
    outcomes = tool.applied(changes)
    assert states(outcomes) == {**DONE, "b.v1": State.FAILED}
    assert "it is another topic than the one that was planned" in outcomes["b.v1"].comment


def test_a_topic_that_was_made_anew_is_not_deleted(tool: Tool) -> None:
    """It has another id than the one that was planned."""
    changes = tool.planned(MUTATIONS["delete"].ready(tool.fake))
    tool.fake.state.add("b.v1")
    outcomes = tool.applied(changes)
    assert states(outcomes) == {**DONE, "b.v1": State.FAILED}
    assert "another topic" in outcomes["b.v1"].comment
    assert tool.asked_for("DeleteTopics", "b.v1") == 0


def test_a_topic_whose_id_cannot_be_read_is_not_deleted(tool: Tool) -> None:
    """And is not said to be another one."""
    changes = tool.planned(MUTATIONS["delete"].ready(tool.fake))
    tool.fake.state.hidden.add("b.v1")
    outcomes = tool.applied(changes)
    assert states(outcomes) == {**DONE, "b.v1": State.FAILED}
    assert "another topic" not in outcomes["b.v1"].comment
    assert tool.asked_for("DeleteTopics", "b.v1") == 0
