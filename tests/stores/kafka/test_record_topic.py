"""Whether there is a record, and how it is made, for every answer that a cluster can give: never guessed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provisioner.errors import RefusedError, UnreachableError
from provisioner.reconcile.record_log import UnreadableRecordError, UnwritableRecordError
from provisioner.stores.kafka import codes, record_creation, record_words
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.record_topic import RecordTopic
from provisioner.stores.kafka.record_writing import UNACKNOWLEDGED
from tests.fake import FakeCluster
from tests.fake.faults import ErrorFor
from tests.fake.script import about, real
from tests.stores.kafka.tool import CODES, PATIENT

NAME = "_record"
HASTY = replace(PATIENT, record=0.2, record_step=0.1, record_again=0.05, send=0.2, late=0.2, late_pause=0.05)
MADE = (codes.OK, codes.TOPIC_EXISTS)


@pytest.fixture
def door(fake: FakeCluster) -> RecordTopic:
    return RecordTopic(Connection(fake.bootstrap, {}, {}, lambda text: None, timeouts=HASTY), NAME)


def test_a_record_is_absent_on_the_controller_s_word(fake: FakeCluster, door: RecordTopic) -> None:
    """Asked without making anything; a tail of nothing is nothing."""
    log = door.read()
    assert (log.values, log.exists, log.cluster_id) == ({}, False, fake.cluster_id)
    assert door.tail() == {}
    assert fake.mutations == []


def test_another_cluster_is_refused_before_anything_else(fake: FakeCluster, door: RecordTopic) -> None:
    """Whether the record is to be read or made."""
    stranger = replace(door, cluster_id="declared")
    for act in (stranger.read, stranger.create):
        with pytest.raises(RefusedError, match=f"are cluster {fake.cluster_id}, declared is declared"):
            act()
    assert fake.mutations == []


def test_a_hidden_record_is_unreadable(fake: FakeCluster, door: RecordTopic) -> None:
    """The right that shows it is named, as a command."""
    fake.state.add(NAME)
    fake.state.hidden.add(NAME)
    for look in (door.read, door.tail):
        with pytest.raises(UnreadableRecordError, match="hidden: it may exist") as caught:
            look()
        assert caught.value.hint.endswith(
            "kafka-acls --add --allow-principal User:... --operation Read --topic _record"
        )


@pytest.mark.parametrize("code", [code for code in CODES if code not in (codes.OK, codes.UNKNOWN_TOPIC)])
def test_no_code_of_a_look_but_one_says_that_there_is_none(fake: FakeCluster, door: RecordTopic, code: int) -> None:
    """Only 3 means that it may be absent."""
    fake.script.on("Metadata", ErrorFor(NAME, code), times=None, when=about(NAME))
    with pytest.raises(UnreadableRecordError):
        door.read()


@pytest.mark.parametrize("code", CODES)
def test_a_dry_run_without_a_clear_answer_leaves_it_open(fake: FakeCluster, door: RecordTopic, code: int) -> None:
    """A refusal of what was asked for still says that there is none, and so do two looks where we may not ask."""
    fake.script.on("CreateTopics", ErrorFor(NAME, code), times=None, when=about(NAME))
    if codes.is_unclear(code) or code == codes.TOPIC_EXISTS:
        with pytest.raises(UnreadableRecordError):
            door.read()
    else:
        assert not door.read().exists


def test_where_we_may_not_ask_the_controller_a_late_broker_gets_a_second_look(
    fake: FakeCluster, door: RecordTopic
) -> None:
    """The first ones deny what is there; this fake has topics, but no records to read."""
    fake.state.add(NAME)
    fake.script.on("CreateTopics", ErrorFor(NAME, 29), times=None, when=about(NAME))
    fake.script.on("Metadata", ErrorFor(NAME, codes.UNKNOWN_TOPIC), times=3, when=about(NAME))
    with pytest.raises(UnreadableRecordError, match="no clear answer"):
        door.read()


def test_a_cluster_without_a_dry_run_is_asked_for_nothing(fake: FakeCluster, door: RecordTopic) -> None:
    """There it would make the record."""
    fake.state.quirks.honours_validate_only = fake.state.quirks.checks_names = False
    assert not door.read().exists
    assert NAME not in fake.state.topics


def test_the_topic_is_made_compacted_and_small(fake: FakeCluster, door: RecordTopic) -> None:
    """Of one partition, with a copy on three brokers."""
    record_creation.create(door.connection, NAME, 5)
    topic = fake.state.topics[NAME]
    assert [len(partition.replicas) for partition in topic.partitions] == [3]
    assert topic.configs == {
        "cleanup.policy": "compact",
        "min.insync.replicas": "2",
        "segment.bytes": "1048576",
        "max.compaction.lag.ms": "604800000",
    }


def test_on_one_broker_it_has_one_copy(fake: FakeCluster, door: RecordTopic) -> None:
    """Which is in sync with itself."""
    record_creation.create(door.connection, NAME, 1)
    topic = fake.state.topics[NAME]
    assert (len(topic.partitions[0].replicas), topic.configs["min.insync.replicas"]) == (1, "1")


@pytest.mark.parametrize("code", [codes.INVALID_CONFIG, codes.POLICY_VIOLATION])
def test_a_cluster_that_does_not_take_all_settings_gets_the_one_that_counts(
    fake: FakeCluster, door: RecordTopic, code: int
) -> None:
    """The others only keep it small."""
    fake.script.on("CreateTopics", ErrorFor(NAME, code), when=real)
    record_creation.create(door.connection, NAME, 3)
    assert fake.state.topics[NAME].configs == {"cleanup.policy": "compact"}


@pytest.mark.parametrize("code", CODES)
def test_each_answer_to_its_creation_has_one_meaning(fake: FakeCluster, door: RecordTopic, code: int) -> None:
    """Made, surely not made with the reason, or nobody knows."""
    fake.script.on("CreateTopics", ErrorFor(NAME, code), times=None, when=real)
    if code in MADE:
        record_creation.create(door.connection, NAME, 3)
        return
    expected = UnreachableError if codes.is_unclear(code) else UnwritableRecordError
    with pytest.raises(expected) as caught:
        record_creation.create(door.connection, NAME, 3)
    assert NAME in caught.value.message
    assert caught.value.hint
    if codes.is_denied(code):
        assert "--operation Create --topic _record" in caught.value.hint


def test_an_answer_that_got_lost_is_asked_for_again(fake: FakeCluster, door: RecordTopic) -> None:
    """What the first request made is as good as what the second one would."""
    fake.script.on("CreateTopics", ErrorFor(NAME, 41), when=real)
    record_creation.create(door.connection, NAME, 3)
    assert NAME in fake.state.topics


def test_a_topic_that_cannot_be_read_yet_is_no_record_yet(fake: FakeCluster, door: RecordTopic) -> None:
    """After it was made, it is read once: this fake has no records, and never answers."""
    with pytest.raises(UnreadableRecordError, match="no clear answer"):
        door.create()
    assert NAME in fake.state.topics


def test_a_topic_that_no_broker_shows_after_its_creation_is_in_doubt(fake: FakeCluster, door: RecordTopic) -> None:
    """Nothing is written to it blindly."""
    fake.script.on("CreateTopics", ErrorFor(NAME, codes.TOPIC_EXISTS), when=real)
    with pytest.raises(UnreachableError, match="cannot be made"):
        door.create()


@pytest.mark.parametrize(
    ("code", "words"),
    [(29, "lacks WRITE"), (3, "the topic is gone"), (-190, "the topic is gone"), (codes.TOO_LARGE, "too large")],
)
def test_what_is_surely_not_written_says_why(door: RecordTopic, code: int, words: str) -> None:
    """And what to do."""
    message, hint = record_words.unwritten(door.connection, NAME, code)
    assert words in message
    assert hint


@pytest.mark.parametrize("code", UNACKNOWLEDGED)
def test_what_is_in_doubt_says_so_in_words(code: int) -> None:
    """The client's own are about its queue."""
    assert record_words.doubt(code) == f"no acknowledgement in time, {code}"
