"""Records on librdkafka's own mock of a broker, which knows topics and records and little else: no topic's id, say."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

import pytest
from confluent_kafka import KafkaException, Producer

from provisioner.errors import UnreachableError
from provisioner.reconcile.record_log import UnreadableRecordError, UnwritableRecordError
from provisioner.stores.kafka import codes
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.reading import Described, Shape
from provisioner.stores.kafka.record_reading import MADE_ANEW, Portion, RecordReader
from provisioner.stores.kafka.record_topic import RecordTopic
from provisioner.stores.kafka.record_writing import NO_ANSWER, RecordWriter
from provisioner.stores.kafka.timeouts import Timeouts

TOPIC = "_record"
NOBODY = "127.0.0.1:1"
HASTY = Timeouts(record=1, record_step=0.3, again_pause=0.05, record_write=1, record_topic=1, grace=1)


@pytest.fixture
def broker() -> Iterator[Producer]:
    """The mock lives in a client, and makes a topic for whoever does not ask it not to."""
    broker = Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "none", "log_level": 0})
    yield broker
    broker.close()


@pytest.fixture
def connection(broker: Producer) -> Connection:
    brokers = broker.list_topics(timeout=10).brokers.values()
    return connected(",".join(f"{each.host}:{each.port}" for each in brokers))


def connected(bootstrap: str, timeouts: Timeouts | None = None, client: Mapping[str, str] | None = None) -> Connection:
    return Connection(bootstrap, client or {}, {}, lambda text: None, timeouts=timeouts or Timeouts(record_topic=1))


@pytest.fixture
def reader(broker: Producer, connection: Connection) -> RecordReader:
    """Of a topic with one record."""
    broker.produce(TOPIC, b"1", b"first", partition=0)
    broker.flush(10)
    return RecordReader(connection, TOPIC)


def test_a_topic_is_read_whole_and_from_an_offset_on(connection: Connection, reader: RecordReader) -> None:
    """Each key's last value, up to the end; beyond it there is nothing."""
    writer = RecordWriter(connection, TOPIC)
    for key, value in ((b"a", b"1"), (b"b", b"1"), (b"a", b"2"), (b"b", None)):
        writer.put(key, value)
    assert writer.flush().failed == {}
    assert reader.read() == Portion({b"first": b"1", b"a": b"2", b"b": None}, 5)
    assert reader.read(3) == Portion({b"a": b"2", b"b": None}, 5)
    assert reader.read(5) == Portion({}, 5)


def test_a_consumer_is_kept_while_reading_goes_well(reader: RecordReader) -> None:
    """A failed read drops it, and so does the end of its reader."""
    reader.read()
    kept = reader._consumer
    reader.read(1)
    assert reader._consumer is kept
    with pytest.raises(KafkaException):
        reader.read(9)
    assert reader._consumer is None
    with pytest.raises(RuntimeError, match="closed"):
        kept.poll(0)


def test_an_end_before_the_last_one_is_another_topic(reader: RecordReader) -> None:
    """It was made anew."""
    with pytest.raises(KafkaException) as caught:
        reader.read(7)
    assert codes.code_of(caught.value)[0] == MADE_ANEW


def test_a_missing_topic_is_made_neither_by_reading_nor_by_writing(connection: Connection) -> None:
    """Though the broker would."""
    writer = RecordWriter(connection, "missing")
    writer.put(b"a", b"1")
    flushed = writer.flush()
    assert (flushed.is_lost, set(flushed.failed)) == (True, {b"a"})
    with pytest.raises(KafkaException) as caught:
        RecordReader(connection, "missing").read()
    assert codes.code_of(caught.value)[0] == codes.UNKNOWN_TOPIC


def test_a_record_without_a_key_is_passed_over(broker: Producer, reader: RecordReader) -> None:
    """Nobody can say what it is about."""
    broker.produce(TOPIC, b"noise", partition=0)
    broker.flush(10)
    assert reader.read() == Portion({b"first": b"1"}, 2)
    assert reader.read(1) == Portion({}, 2)


def test_reading_begins_again_until_its_time_is_over() -> None:
    """Then the last error stands; each beginning is told."""
    said: list[str] = []
    reader = RecordReader(Connection(NOBODY, {}, {}, said.append, timeouts=HASTY), TOPIC)
    with pytest.raises(KafkaException) as caught:
        reader.read()
    assert codes.is_unclear(codes.code_of(caught.value)[0])
    assert len(said) > 1
    assert set(said) == {"_record: no clear answer; reading it again"}


def test_a_client_that_cannot_be_made_says_why() -> None:
    """Whether it is to read or to write."""
    wrong = connected(NOBODY, client={"security.protocol": "smoke"})
    for act in (RecordReader(wrong, TOPIC).read, lambda: RecordWriter(wrong, TOPIC).put(b"a", b"1")):
        with pytest.raises(UnreachableError, match="the client cannot be made"):
            act()


def test_nothing_put_is_nothing_failed(connection: Connection) -> None:
    """And nothing lost."""
    flushed = RecordWriter(connection, TOPIC).flush()
    assert (flushed.keys, flushed.failed, flushed.is_lost) == (0, {}, False)


def test_one_entry_too_large_keeps_no_other_back(connection: Connection, reader: RecordReader) -> None:
    """Alone it is surely lost; a flush counts only what was put since the one before."""
    writer = RecordWriter(connection, TOPIC)
    writer.put(b"large", b"x" * 2_000_000)
    assert writer.flush().is_lost
    writer.put(b"large", b"x" * 2_000_000)
    writer.put(b"small", b"x")
    flushed = writer.flush()
    assert (flushed.failed, flushed.is_lost) == ({b"large": codes.TOO_LARGE}, False)
    assert writer.flush().failed == {}
    assert reader.read().values == {b"first": b"1", b"small": b"x"}


def test_a_key_that_failed_once_stays_in_doubt(connection: Connection, reader: RecordReader) -> None:
    """Whatever of it was written later in the same breath."""
    writer = RecordWriter(connection, TOPIC)
    writer.put(b"a", b"x" * 2_000_000)
    writer.put(b"a", b"small")
    assert set(writer.flush().failed) == {b"a"}


def test_more_records_than_a_producer_holds_are_written_all_the_same(reader: RecordReader) -> None:
    """It is emptied in between."""
    narrow = connected(reader.connection.bootstrap, client={"queue.buffering.max.messages": "7"})
    writer = RecordWriter(narrow, TOPIC)
    for index in range(50):
        writer.put(b"%d" % index, b"x")
    assert writer.flush().failed == {}
    assert len(reader.read().values) == 51


def test_what_nobody_acknowledges_is_in_doubt_and_given_up() -> None:
    """In the time for it; nothing of it is sent later."""
    writer = RecordWriter(connected(NOBODY, HASTY), TOPIC)
    writer.put(b"a", b"1")
    begun = time.monotonic()
    flushed = writer.flush()
    assert time.monotonic() - begun < 10
    assert (flushed.keys, set(flushed.failed), flushed.is_lost) == (1, {b"a"}, False)
    assert flushed.failed[b"a"] == NO_ANSWER


class Identified(RecordTopic):
    """The mock cannot be asked for a topic's id."""

    shown: str | None = "one"

    def _described(self) -> Described:
        return Described(Shape(1, 1), self.shown)


@pytest.fixture
def door(reader: RecordReader) -> Identified:
    return Identified(reader.connection, TOPIC)


def test_a_record_is_what_is_left_of_its_keys(door: Identified) -> None:
    """Its tail has what was removed as well."""
    assert dict(door.read().values) == {b"first": b"1"}
    door.put(b"first", None)
    door.put(b"a", b"1")
    assert door.flush() == {}
    assert door.tail() == {b"first": None, b"a": b"1"}
    assert door.tail() == {}
    assert dict(door.read().values) == {b"a": b"1"}


def test_a_flush_tells_doubt_from_certain_loss(door: Identified) -> None:
    """By key and with the reason, or as an error where nothing was written; then the door writes on."""
    door.put(b"large", b"x" * 2_000_000)
    with pytest.raises(UnwritableRecordError, match="cannot be written; message size too large, 10"):
        door.flush()
    door.put(b"large", b"x" * 2_000_000)
    door.put(b"small", b"x")
    assert door.flush() == {b"large": "message size too large, 10"}


def test_a_record_with_another_id_is_another_record(door: Identified) -> None:
    """However far its end has moved; where it has not, nobody asks for the id."""
    door.read()
    door.shown = "another"
    assert door.tail() == {}
    door.put(b"a", b"1")
    door.flush()
    with pytest.raises(UnreadableRecordError, match="it was deleted or made anew since it was read"):
        door.tail()


def test_a_record_with_an_earlier_end_is_another_record(door: Identified) -> None:
    """Before anything of it is read."""
    door.read()
    door._end = 9
    with pytest.raises(UnreadableRecordError, match="it was deleted or made anew since it was read"):
        door.tail()
