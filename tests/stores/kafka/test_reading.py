"""Reading topics while the cluster misbehaves: what is not known is never called absent, and nothing is changed."""

from __future__ import annotations

import base64
import struct
from collections.abc import Mapping

import pytest
from confluent_kafka import Uuid

from provisioner.errors import UnreachableError
from provisioner.kinds.topic_spec import TopicSpec
from provisioner.reconcile.model import Reading
from provisioner.stores.kafka import reading
from tests.fake import FakeCluster
from tests.fake.faults import ErrorFor, Fault, Hang, LostAnswer
from tests.fake.script import about
from tests.fake.wrong_answers import Malformed, duplicated, renamed
from tests.stores.kafka.tool import ONE_TRY, SHORT_READS, Tool

NAMES = ("a.v1", "b.v1", "c.v1")


@pytest.fixture
def tool(fake: FakeCluster) -> Tool:
    """Two topics of three exist."""
    fake.state.add("a.v1", 2, retention_ms="5")
    fake.state.add("b.v1")
    return Tool(fake)


def is_right(reading: Reading[TopicSpec]) -> bool:
    shapes = {name: (seen.resource.partitions, dict(seen.resource.config)) for name, seen in reading.found.items()}
    return shapes == {"a.v1": (2, {"retention.ms": "5"}), "b.v1": (1, {})} and not reading.unsure


def test_what_is_there_is_found_and_the_rest_is_absent(tool: Tool) -> None:
    """Without any fault, and without any change."""
    before = tool.fake.state.topics
    assert is_right(tool.read(*NAMES))
    assert tool.fake.state.topics is before
    assert tool.fake.mutations == []


FAULTS: Mapping[str, Fault] = {
    "lost answer": LostAnswer(),
    "malformed answer": Malformed(),
    "empty answer": Malformed(b""),
    "doubled result": duplicated("a.v1"),
    "result of another topic": renamed("a.v1", "x.v1"),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_configs_are_asked_for_again(tool: Tool, fault: Fault) -> None:
    """Of another client, until the answer makes sense."""
    tool.fake.script.on("DescribeConfigs", fault, fault)
    assert is_right(tool.read(*NAMES))
    assert tool.fake.script.left == []


@pytest.mark.parametrize("fault", [LostAnswer(), Malformed(), Malformed(b"")], ids=["lost", "malformed", "empty"])
def test_names_are_asked_for_again(tool: Tool, fault: Fault) -> None:
    """A name that the listing lacks is looked up until there is an answer."""
    tool.fake.script.on("Metadata", fault, fault, when=about("c.v1"))
    assert is_right(tool.read(*NAMES))
    assert tool.fake.script.left == []


@pytest.mark.parametrize("fault", [LostAnswer(), Malformed(), Malformed(b"")], ids=["lost", "malformed", "empty"])
def test_the_controller_is_asked_again(tool: Tool, fault: Fault) -> None:
    """Whether a missing name is really free."""
    tool.fake.script.on("CreateTopics", fault, fault, when=about("c.v1"))
    assert is_right(tool.read(*NAMES))
    assert tool.fake.script.left == []


def test_an_unanswered_read_does_not_block_the_next(tool: Tool) -> None:
    """It goes over a fresh connection."""
    tool.hurry(SHORT_READS)
    tool.fake.script.on("DescribeConfigs", Hang())
    assert is_right(tool.read(*NAMES))


def test_a_read_that_is_never_answered_is_unsure(tool: Tool) -> None:
    """And ends."""
    tool.hurry(SHORT_READS)
    tool.fake.script.on("DescribeConfigs", Hang(), times=None)
    reading = tool.read(*NAMES)
    assert set(reading.unsure) == {"a.v1", "b.v1"}
    assert reading.found == {}


def test_a_hidden_topic_is_unsure_whether_it_exists_or_not(tool: Tool) -> None:
    """It is missing in the listing, and we may not know."""
    tool.fake.state.hidden |= {"b.v1", "c.v1"}
    reading = tool.read(*NAMES)
    assert set(reading.found) == {"a.v1"}
    assert set(reading.unsure) == {"b.v1", "c.v1"}
    assert all("DESCRIBE on the topic" in why for why in reading.unsure.values())


def test_a_topic_that_no_broker_shows_yet_is_unsure(tool: Tool) -> None:
    """Only the controller knows of it: it is not absent."""
    tool.hurry(ONE_TRY)
    tool.fake.views.freeze()
    tool.fake.state.add("c.v1")
    reading = tool.read(*NAMES)
    assert set(reading.unsure) == {"c.v1"}
    assert set(reading.found) == {"a.v1", "b.v1"}


def test_a_late_topic_is_waited_for(tool: Tool) -> None:
    """It is found as soon as the brokers show it, and the wait is told."""
    tool.fake.views.freeze()
    tool.fake.state.add("c.v1")
    lines: list[str] = []

    def thaw(line: str) -> None:
        lines.append(line)
        tool.fake.views.thaw()

    tool.store.connection.progress = thaw
    reading = tool.read(*NAMES)
    assert lines == ["1 topic exists, but not every broker shows that yet"]
    assert set(reading.found) == set(NAMES)
    assert reading.unsure == {}


@pytest.mark.parametrize("reads", range(1, 6))
def test_brokers_of_different_lateness_never_make_a_topic_absent(tool: Tool, reads: int) -> None:
    """One shows it, the next one does not: it is found, or it is unsure."""
    tool.hurry(ONE_TRY)
    tool.fake.views.lag(reads)
    tool.fake.state.add("c.v1")
    reading = tool.read(*NAMES)
    assert {*reading.found, *reading.unsure} == set(NAMES)


def test_a_read_never_creates_a_topic(tool: Tool) -> None:
    """Not even where brokers create whatever is asked for by name."""
    tool.fake.state.quirks.creates_on_metadata = True
    assert is_right(tool.read(*NAMES))
    assert set(tool.fake.state.topics) == {"a.v1", "b.v1"}


def test_a_cluster_that_ignores_validate_only_is_found_out(tool: Tool) -> None:
    """A name that nobody can want is tried first: where it is accepted, no declared topic is risked."""
    tool.fake.state.quirks.honours_validate_only = False
    tool.fake.state.quirks.checks_names = False
    assert is_right(tool.read(*NAMES))
    assert "c.v1" not in tool.fake.state.topics
    assert tool.asked_for("CreateTopics", "c.v1") == 0
    assert [sent.subjects for sent in tool.fake.sent("CreateTopics", dry=True)] == [("not a legal name!",)]


@pytest.mark.parametrize("down", [1, 2, 3])
def test_a_broker_that_dies_between_two_reads_costs_nothing(tool: Tool, down: int) -> None:
    """The client learns who lives, whichever it was talking to."""
    assert is_right(tool.read(*NAMES))
    tool.fake.stop(down)
    assert is_right(tool.read(*NAMES))


def test_nobody_listening_is_told_in_words(tool: Tool) -> None:
    """With the address, and what to do."""
    for node in tool.fake.brokers:
        tool.fake.stop(node)
    tool.hurry(SHORT_READS)
    with pytest.raises(UnreachableError, match="nothing answers at the address") as caught:
        tool.read(*NAMES)
    assert "check bootstrap:" in caught.value.hint


def test_brokers_that_answer_nonsense_are_unreachable(tool: Tool) -> None:
    """No crash, no hang."""
    tool.hurry(SHORT_READS)
    tool.fake.script.on("Metadata", Malformed(), times=None)
    with pytest.raises(UnreachableError):
        tool.read(*NAMES)


@pytest.mark.parametrize(("high", "low"), [(-1, -1), (0, 0), (-4, 62), (2**62 + 63, -(2**61))])
def test_an_id_is_spelled_as_kafkas_own_tools_do(high: int, low: int) -> None:
    """A consent to delete is copied from there as well as from a plan."""
    expected = base64.urlsafe_b64encode(struct.pack(">qq", high, low)).decode().rstrip("=")
    assert reading.spelled_id(Uuid(high, low)) == expected


@pytest.mark.parametrize("kept", [False, True], ids=["deleted", "there"])
def test_a_topic_that_some_brokers_deny_is_asked_of_the_controller(tool: Tool, kept: bool) -> None:
    """Listings show a deleted topic for half a minute, and a new one's description may be late as well."""
    tool.fake.state.add("c.v1")
    tool.fake.script.on("DescribeConfigs", ErrorFor("c.v1", 3), times=4 if kept else None)
    if not kept:
        tool.fake.script.on("Metadata", ErrorFor("c.v1", 3), times=None, when=about("c.v1"))
        tool.fake.views.freeze()
        tool.fake.state.change({"c.v1": None})
    reading = tool.read(*NAMES)
    assert (set(reading.found), reading.unsure) == ({"a.v1", "b.v1"} | ({"c.v1"} if kept else set()), {})


def test_a_topic_in_dispute_is_unsure_where_the_controller_may_not_be_asked(tool: Tool) -> None:
    """It is called neither there nor absent."""
    tool.fake.state.add("c.v1")
    tool.fake.script.on("DescribeConfigs", ErrorFor("c.v1", 3), times=None)
    tool.fake.script.on("Metadata", ErrorFor("c.v1", 3), times=None, when=about("c.v1"))
    tool.fake.script.on("CreateTopics", ErrorFor("c.v1", 29), times=None, when=about("c.v1"))
    reading = tool.read(*NAMES)
    assert reading.unsure == {"c.v1": "one broker lists it, another one denies that it exists; plan again in a minute"}
