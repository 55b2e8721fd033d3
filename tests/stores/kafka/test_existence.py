"""Whether a topic exists, for every error code that Kafka or its client can give: never guessed."""

from __future__ import annotations

import pytest

from provisioner.stores.kafka import codes
from provisioner.stores.kafka.reading import DESCRIBE_CONFIGS, DISPUTED
from tests.fake import FakeCluster
from tests.fake.faults import ErrorFor
from tests.fake.script import about
from tests.stores.kafka.tool import CODES, ONE_TRY, Tool

NAMES = ("a.v1", "b.v1", "c.v1")
MIDDLE = "b.v1"


@pytest.mark.parametrize("code", CODES)
def test_a_topic_whose_configs_cannot_be_read_is_unsure(fake: FakeCluster, code: int) -> None:
    """It is neither absent nor known; the others are read."""
    tool = Tool(fake)
    tool.hurry(ONE_TRY)
    for topic in NAMES:
        fake.state.add(topic)
    fake.script.on("DescribeConfigs", ErrorFor(MIDDLE, code), times=None)
    reading = tool.read(*NAMES)
    assert set(reading.found) == {"a.v1", "c.v1"}
    assert set(reading.unsure) == {MIDDLE}
    words = DESCRIBE_CONFIGS if codes.is_denied(code) else DISPUTED if code == codes.UNKNOWN_TOPIC else str(code)
    assert words in reading.unsure[MIDDLE]


@pytest.mark.parametrize("code", [code for code in CODES if code != codes.UNKNOWN_TOPIC])
def test_a_name_that_cannot_be_looked_up_is_unsure(fake: FakeCluster, code: int) -> None:
    """Only code 3 means that it may be absent."""
    tool = Tool(fake)
    tool.hurry(ONE_TRY)
    fake.state.add("a.v1")
    fake.script.on("Metadata", ErrorFor(MIDDLE, code), times=None, when=about(MIDDLE))
    reading = tool.read("a.v1", MIDDLE)
    assert set(reading.found) == {"a.v1"}
    assert set(reading.unsure) == {MIDDLE}


@pytest.mark.parametrize("code", CODES)
def test_a_dry_run_without_a_clear_answer_is_unsure(fake: FakeCluster, code: int) -> None:
    """A refusal of what the dry run asked for still says that the name is free; silence and 36 do not."""
    tool = Tool(fake)
    tool.hurry(ONE_TRY)
    fake.script.on("CreateTopics", ErrorFor(MIDDLE, code), times=None, when=about(MIDDLE))
    reading = tool.read("a.v1", MIDDLE)
    unclear = codes.is_unclear(code) or code == codes.TOPIC_EXISTS
    assert set(reading.unsure) == ({MIDDLE} if unclear else set())
    assert set(reading.notes) == ({MIDDLE} if codes.is_denied(code) else set())
    assert reading.found == {}
