"""Every error code that Kafka or its client can give for one topic, through the real client and the real store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest

from provisioner.kinds.topic import Topic
from provisioner.reconcile.model import State
from provisioner.stores.kafka import codes, missing
from provisioner.stores.kafka.codes import Verdict
from tests.fake import FakeCluster
from tests.fake.faults import ErrorFor
from tests.fake.script import about, real
from tests.stores.tool import Tool, impatient, states

CODES = [*sorted(codes.VERDICTS), 9999, -42]
"""All of the table, and two that nobody has heard of: a broker's and the client's own."""

NAMES = ("a.v1", "b.v1", "c.v1")
MIDDLE = "b.v1"
"""The one that meets the error; the others of its batch must not suffer."""


@dataclass(frozen=True)
class Operation:
    """A mutation: what is there before (None: nothing), what is wanted, the request that fails, the right it needs."""

    api: str
    before: bool
    wanted: Topic | None
    right: str


OPERATIONS = {
    "create": Operation("CreateTopics", False, Topic(2, 3, {"retention.ms": "1000000"}), "create"),
    "grow": Operation("CreatePartitions", True, Topic(2, 3), "grow"),
    "alter": Operation("IncrementalAlterConfigs", True, Topic(1, 3, {"retention.ms": "1000000"}), "alter"),
    "delete": Operation("DeleteTopics", True, None, "delete"),
}

REFUSED = (State.FAILED, "the cluster refuses: ")
IN_DOUBT = (State.DOUBT, "may still happen")
EXPECTED: Mapping[Verdict, tuple[State, str]] = {
    Verdict.RETRY: IN_DOUBT,
    Verdict.WAIT: (State.FAILED, "the cluster took no request in time"),
    Verdict.COMPARE: IN_DOUBT,
    Verdict.GONE: (State.FAILED, "deleted meanwhile"),
    Verdict.DECLARED: REFUSED,
    Verdict.ACCESS: (State.FAILED, "not allowed: needs"),
}
SPECIAL: Mapping[tuple[str, Verdict], tuple[State, str]] = {
    # Not yet there on this broker, or not there any more: only a later look can tell.
    ("create", Verdict.GONE): IN_DOUBT,
    ("delete", Verdict.GONE): IN_DOUBT,
}


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("name", OPERATIONS)
def test_an_error_of_one_topic_is_told_as_it_is(
    fake: FakeCluster, monkeypatch: pytest.MonkeyPatch, name: str, code: int
) -> None:
    """Never done what is not, in doubt what is unknown, failed what was refused; the others of the batch are done."""
    impatient(monkeypatch)
    operation, tool = OPERATIONS[name], Tool(fake)
    if operation.before:
        for topic in NAMES:
            fake.state.add(topic)
    changes = tool.planned(dict.fromkeys(NAMES, operation.wanted))
    fake.script.on(operation.api, ErrorFor(MIDDLE, code, "because"), times=None, when=real)
    outcomes = tool.applied(changes)
    verdict = codes.verdict(code)
    state, words = SPECIAL.get((name, verdict), EXPECTED[verdict])
    assert states(outcomes) == {"a.v1": State.DONE, MIDDLE: state, "c.v1": State.DONE}
    assert words in outcomes[MIDDLE].comment
    if verdict is Verdict.ACCESS:
        assert codes.RIGHTS[operation.right] in outcomes[MIDDLE].comment
    assert tool.asked_for(operation.api, MIDDLE) == 1


Script = Callable[[FakeCluster, int], None]


@pytest.mark.parametrize("code", CODES)
def test_a_topic_whose_configs_cannot_be_read_is_unsure(
    fake: FakeCluster, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """It is neither absent nor known; the others are read."""
    impatient(monkeypatch)
    for topic in NAMES:
        fake.state.add(topic)
    fake.script.on("DescribeConfigs", ErrorFor(MIDDLE, code), times=None)
    reading = Tool(fake).read(*NAMES)
    assert set(reading.found) == {"a.v1", "c.v1"}
    assert set(reading.unsure) == {MIDDLE}
    words = {codes.UNKNOWN_TOPIC: missing.DISPUTED, **dict.fromkeys(codes.DENIED, codes.RIGHTS["configs"])}
    assert words.get(code, str(code)) in reading.unsure[MIDDLE]


@pytest.mark.parametrize("code", [code for code in CODES if code != codes.UNKNOWN_TOPIC])
def test_a_name_that_cannot_be_looked_up_is_unsure(
    fake: FakeCluster, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """Only code 3 means that it may be absent."""
    impatient(monkeypatch)
    fake.state.add("a.v1")
    fake.script.on("Metadata", ErrorFor(MIDDLE, code), times=None, when=about(MIDDLE))
    reading = Tool(fake).read("a.v1", MIDDLE)
    assert set(reading.found) == {"a.v1"}
    assert set(reading.unsure) == {MIDDLE}


@pytest.mark.parametrize("code", CODES)
def test_a_dry_run_without_a_clear_answer_is_unsure(
    fake: FakeCluster, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """A refusal of what the dry run asked for still says that the name is free; silence and 36 do not."""
    impatient(monkeypatch)
    fake.script.on("CreateTopics", ErrorFor(MIDDLE, code), times=None, when=about(MIDDLE))
    reading = Tool(fake).read("a.v1", MIDDLE)
    unclear = codes.verdict(code) in (Verdict.RETRY, Verdict.WAIT) or code == codes.TOPIC_EXISTS
    assert set(reading.unsure) == ({MIDDLE} if unclear else set())
    assert set(reading.notes) == ({MIDDLE} if code in codes.DENIED else set())
    assert reading.found == {}
