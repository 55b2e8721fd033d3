"""The record's topic on real brokers: it keeps the contract, and falls into none of the traps that were measured."""

from __future__ import annotations

import gc
import itertools
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    NewTopic,
    ResourcePatternType,
    ResourceType,
)

from provisioner import sandbox
from provisioner.catalog.model import Secret
from provisioner.errors import RefusedError, UnreachableError
from provisioner.reconcile.record_log import RecordLog, UnreadableRecordError, UnwritableRecordError
from provisioner.sandbox import USERS, Sandbox, rights
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.record_topic import RecordTopic
from provisioner.stores.kafka.timeouts import Timeouts
from tests.contracts.record_contract import RecordLogContract
from tests.live.conftest import Witness, everywhere, running

COUNT = itertools.count()


def fresh() -> str:
    return f"_record{next(COUNT)}"


def root(brokers: Sandbox) -> AdminClient:
    return AdminClient({"bootstrap.servers": brokers.bootstrap, "log_level": 0})


def opened(brokers: Sandbox, name: str, timeouts: Timeouts | None = None) -> RecordTopic:
    return RecordTopic(Connection(brokers.bootstrap, {}, {}, print, timeouts=timeouts or Timeouts()), name)


def entered(brokers: Sandbox, user: str, name: str, password: str | None = None) -> RecordTopic:
    """As that user, over SASL."""
    login = {"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN", "sasl.username": user}
    client: dict[str, str | Secret] = {**login, "sasl.password": Secret(env="SECRET")}
    environment = {"SECRET": password or USERS[user]}
    return RecordTopic(Connection(str(brokers.secure_bootstrap), client, environment, print), name)


def made(brokers: Sandbox, name: str, **config: str) -> None:
    topic = NewTopic(name, 1, len(brokers.nodes), config={"cleanup.policy": "compact", **config})
    client = root(brokers)
    client.create_topics([topic])[name].result(30)
    everywhere(brokers, lambda witness: name in witness.names())


def deleted(brokers: Sandbox, name: str) -> None:
    client = root(brokers)
    client.delete_topics([name])[name].result(30)
    everywhere(brokers, lambda witness: name not in witness.names())


def written(door: RecordLog, *keys: bytes, value: bytes | None = b"1") -> None:
    for key in keys:
        door.put(key, value)
    assert door.flush() == {}


class TestRecordTopic(RecordLogContract):
    @pytest.fixture(autouse=True)
    def _fresh(self, brokers: Sandbox) -> None:
        self.brokers, self.topic = brokers, fresh()

    def door(self) -> RecordLog:
        return opened(self.brokers, self.topic)

    def anew(self) -> None:
        deleted(self.brokers, self.topic)
        made(self.brokers, self.topic)


def test_the_topic_is_compacted_replicated_and_small(brokers: Sandbox, witness: Witness) -> None:
    """As docs/record-topic.md has it."""
    name = fresh()
    opened(brokers, name).create()
    assert [len(replicas) for replicas in witness.partitions(name)] == [3]
    assert witness.overrides(name) == {
        "cleanup.policy": "compact",
        "min.insync.replicas": "2",
        "segment.bytes": "1048576",
        "max.compaction.lag.ms": "604800000",
    }


def test_another_cluster_is_neither_read_nor_written(brokers: Sandbox) -> None:
    """Its id is asked for first."""
    door = replace(opened(brokers, fresh()), cluster_id="4L6g3nShT-eMCtK--X86sw")
    for act in (door.read, door.create):
        with pytest.raises(RefusedError, match="declared is 4L6g3nShT"):
            act()
    assert replace(door, cluster_id=brokers.cluster_id).read().cluster_id == brokers.cluster_id


def test_where_no_broker_answers_that_is_said() -> None:
    """In the connection's own words."""
    quick = Timeouts.of({"connect": 2})
    door = RecordTopic(Connection("127.0.0.1:1", {}, {}, print, timeouts=quick), fresh())
    with pytest.raises(UnreachableError, match="nothing answers at the address"):
        door.read()


@pytest.mark.parametrize("is_made", [False, True])
def test_a_record_deleted_meanwhile_is_not_taken_for_unchanged(brokers: Sandbox, is_made: bool) -> None:
    """Whether something was in it or not; read again, there is none."""
    name = fresh()
    door = opened(brokers, name)
    door.create()
    door.read()
    if is_made:
        written(door, b"a")
    deleted(brokers, name)
    with pytest.raises(UnreadableRecordError, match="deleted or made anew"):
        door.tail()
    assert not door.read().exists


@pytest.fixture(scope="module")
def making_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One that makes whatever topic is asked for by its name, as Kafka's default is."""
    settings = {"auto.create.topics.enable": "true"}
    yield from running(tmp_path_factory.mktemp("brokers") / "making", nodes=1, settings=settings)


def test_neither_reading_nor_writing_makes_the_topic(making_broker: Sandbox) -> None:
    """Though the broker would. What was put is surely not written."""
    name = fresh()
    door = opened(making_broker, name)
    assert not door.read().exists
    assert door.tail() == {}
    door.put(b"a", b"1")
    with pytest.raises(UnwritableRecordError, match="the topic is gone"):
        door.flush()
    assert not door.read().exists
    assert name not in root(making_broker).list_topics(timeout=10).topics


def test_a_deleted_topic_is_not_made_again_by_who_has_known_it(making_broker: Sandbox) -> None:
    """Neither by reading its tail nor by writing to it; on one broker it has one copy."""
    name = fresh()
    door = opened(making_broker, name)
    door.create()
    written(door, b"a")
    assert door.tail() == {b"a": b"1"}
    deleted(making_broker, name)
    with pytest.raises(UnreadableRecordError, match="deleted or made anew"):
        door.tail()
    door.put(b"b", b"1")
    assert is_missed(door)
    time.sleep(1)
    assert name not in root(making_broker).list_topics(timeout=10).topics


def is_missed(door: RecordLog) -> bool:
    """Whether nothing is called written; 1 time of 6 the client says (-197) only that it does not know (2.16)."""
    try:
        return door.flush() != {}
    except UnwritableRecordError as error:
        return "the topic is gone" in error.message


def transaction(brokers: Sandbox, name: str) -> Producer:
    producer = Producer({"bootstrap.servers": brokers.bootstrap, "transactional.id": name, "log_level": 0})
    producer.init_transactions(30)
    producer.begin_transaction()
    return producer


def test_the_marker_of_a_transaction_may_be_last(brokers: Sandbox) -> None:
    """No record has the last offset; an aborted one counts like any other, since nobody should write in one."""
    name = fresh()
    made(brokers, name)
    door = opened(brokers, name)
    door.read()
    for key, ends in ((b"a", "commit_transaction"), (b"b", "abort_transaction")):
        producer = transaction(brokers, name)
        producer.produce(name, b"1", key, partition=0)
        producer.flush(30)
        getattr(producer, ends)(30)
        assert door.tail() == {key: b"1"}
        assert door.tail() == {}
        assert key in opened(brokers, name).read().values


def test_an_open_transaction_hides_nothing(brokers: Sandbox) -> None:
    """What others write after it is read at once."""
    name = fresh()
    made(brokers, name)
    producer = transaction(brokers, name)
    producer.produce(name, b"1", b"open", partition=0)
    producer.flush(30)
    door = opened(brokers, name)
    written(door, b"a")
    assert set(door.read().values) == {b"open", b"a"}
    producer.abort_transaction(30)


def test_a_stranger_s_record_without_a_key_is_passed_over(brokers: Sandbox) -> None:
    """A topic that somebody made without compaction may hold one."""
    name = fresh()
    made(brokers, name, **{"cleanup.policy": "delete"})
    producer = Producer({"bootstrap.servers": brokers.bootstrap, "log_level": 0})
    producer.produce(name, b"noise", partition=0)
    producer.flush(30)
    door = opened(brokers, name)
    assert door.read().values == {}
    written(door, b"a")
    assert door.tail() == {b"a": b"1"}


def test_a_record_whose_beginning_was_cut_off_since_has_no_tail(brokers: Sandbox) -> None:
    """By retention, say: what was removed there would be missed."""
    name = fresh()
    made(brokers, name, **{"cleanup.policy": "delete"})
    door = opened(brokers, name)
    door.read()
    written(opened(brokers, name), b"a", b"b")
    delete_records(brokers, name, 1)
    with pytest.raises(UnreadableRecordError, match="deleted or made anew"):
        door.tail()
    assert door.read().values == {b"b": b"1"}


def delete_records(brokers: Sandbox, name: str, before: int) -> None:
    client = root(brokers)
    for future in client.delete_records([TopicPartition(name, 0, before)]).values():
        future.result(30)


def test_an_entry_too_large_for_the_topic_keeps_no_other_back(brokers: Sandbox) -> None:
    """Alone it is surely not written; the client's own limit and the topic's are alike.

    The topic's is one of what is sent at once: many small entries must not come to more.
    """
    name = fresh()
    made(brokers, name, **{"max.message.bytes": "300000"})
    door = opened(brokers, name)
    door.read()
    sizes = {b"broker": 400_000, b"client": 2_000_000}
    for key, size in sizes.items():
        door.put(key, b"x" * size)
    with pytest.raises(UnwritableRecordError, match=r"too large.*, 10"):
        door.flush()
    for key, size in sizes.items():
        door.put(key, b"x" * size)
    small = {b"%d" % index: b"x" * 500 for index in range(1000)}
    for key, value in small.items():
        door.put(key, value)
    assert set(door.flush()) == set(sizes)
    assert door.tail() == small


def test_a_tail_costs_little_where_nothing_was_written(brokers: Sandbox) -> None:
    """One question, on a connection that is there: far less than a second for a hundred."""
    door = opened(brokers, fresh())
    door.create()
    door.read()
    begun = time.monotonic()
    for _ in range(100):
        assert door.tail() == {}
    assert time.monotonic() - begun < 2


def test_a_consumer_is_closed_with_its_door(brokers: Sandbox) -> None:
    """No thread of librdkafka's is left; an error of the admin client's holds its callers until they are collected."""
    door = opened(brokers, fresh())
    door.create()
    door.read()
    consumer = door._reader._consumer
    del door
    gc.collect()
    with pytest.raises(RuntimeError, match="closed"):
        consumer.poll(0)


def allow(brokers: Sandbox, name: str, operation: AclOperation, user: str = "writer") -> None:
    right(brokers, name, operation, AclPermissionType.ALLOW, user)


def deny(brokers: Sandbox, name: str, operation: AclOperation, user: str = "writer") -> None:
    right(brokers, name, operation, AclPermissionType.DENY, user)


def right(brokers: Sandbox, name: str, operation: AclOperation, permission: AclPermissionType, user: str) -> None:
    where = (ResourceType.TOPIC, name, ResourcePatternType.LITERAL, f"User:{user}", "*")
    rights.create(brokers, [AclBinding(*where, operation, permission)])


@pytest.mark.parametrize("operations", [("READ",), ("DESCRIBE",), ("READ", "DESCRIBE")])
def test_without_the_right_to_read_a_record_is_unreadable_not_empty(
    secure_brokers: Sandbox, operations: tuple[str, ...]
) -> None:
    """Hidden or shown, with entries or without: it says which right is missing."""
    name = fresh()
    made(secure_brokers, name)
    written(opened(secure_brokers, name), b"a")
    for operation in operations:
        deny(secure_brokers, name, AclOperation[operation], "reader")
    with pytest.raises(UnreadableRecordError, match="our user lacks") as caught:
        entered(secure_brokers, "reader", name).read()
    assert f"kafka-acls --add --allow-principal User:... --operation Read --topic {name}" in caught.value.hint


def test_a_right_that_is_taken_away_later_stops_the_tail(secure_brokers: Sandbox) -> None:
    """It is asked for each time that something was written."""
    name = fresh()
    made(secure_brokers, name)
    door = entered(secure_brokers, "reader", name)
    door.read()
    deny(secure_brokers, name, AclOperation.READ, "reader")
    written(opened(secure_brokers, name), b"a")
    with pytest.raises(UnreadableRecordError, match="our user lacks READ"):
        door.tail()


def test_with_the_right_to_read_alone_a_missing_record_is_surely_missing(secure_brokers: Sandbox) -> None:
    """The controller cannot be asked; two looks of brokers, with a pause between them, are."""
    assert not entered(secure_brokers, "reader", fresh()).read().exists


def test_no_right_to_any_group_is_needed(secure_brokers: Sandbox) -> None:
    """Nothing is committed, and no group appears."""
    name = fresh()
    made(secure_brokers, name)
    written(opened(secure_brokers, name), b"a")
    where = (ResourceType.GROUP, "provisioner", ResourcePatternType.LITERAL, "User:reader", "*")
    rights.create(secure_brokers, [AclBinding(*where, AclOperation.ALL, AclPermissionType.DENY)])
    door = entered(secure_brokers, "reader", name)
    assert door.read().values == {b"a": b"1"}
    written(opened(secure_brokers, name), b"b")
    assert door.tail() == {b"b": b"1"}


def test_without_the_right_to_create_the_record_is_surely_not_made(secure_brokers: Sandbox) -> None:
    """And the right is named."""
    name = fresh()
    with pytest.raises(UnwritableRecordError, match="our user lacks CREATE") as caught:
        entered(secure_brokers, "reader", name).create()
    assert f"--operation Create --topic {name}" in caught.value.hint


def test_without_the_right_to_write_nothing_is_in_doubt(secure_brokers: Sandbox) -> None:
    """The right is named; once it is there, the same door writes."""
    name = fresh()
    door = entered(secure_brokers, "writer", name)
    door.create()
    door.read()
    door.put(b"a", b"1")
    with pytest.raises(UnwritableRecordError, match="our user lacks WRITE") as caught:
        door.flush()
    assert f"--operation Write --topic {name}" in caught.value.hint
    allow(secure_brokers, name, AclOperation.WRITE)
    written(door, b"b")
    assert door.tail() == {b"b": b"1"}


def test_a_wrong_password_is_named_as_such(secure_brokers: Sandbox) -> None:
    """Before anything else is asked, and without showing it."""
    with pytest.raises(UnreachableError, match="refuse the credentials") as caught:
        entered(secure_brokers, "reader", fresh(), "wrong-hunter2").read()
    assert "hunter2" not in caught.value.message + caught.value.hint


@pytest.fixture
def filled(mortal_brokers: Sandbox) -> str:
    name = fresh()
    door = opened(mortal_brokers, name)
    door.create()
    written(door, *(b"%d" % index for index in range(5000)), value=b"x" * 500)
    return name


def leader(brokers: Sandbox, name: str) -> int:
    metadata: Any = root(brokers).list_topics(name, timeout=10)
    return int(metadata.topics[name].partitions[0].leader)


def test_a_broker_killed_while_the_record_is_read_costs_time_only(mortal_brokers: Sandbox, filled: str) -> None:
    """Every reading is whole; a write is acknowledged by the two others, and one that one alone took is in doubt."""
    door = opened(mortal_brokers, filled, replace(Timeouts(), record_write=3))
    assert len(door.read().values) == 5000
    first = leader(mortal_brokers, filled)
    killer = threading.Timer(0.3, lambda: sandbox.kill(mortal_brokers, first))
    killer.start()
    deadline, counts = time.monotonic() + 8, set()
    while time.monotonic() < deadline:
        counts.add(len(opened(mortal_brokers, filled).read().values))
    killer.join()
    assert counts == {5000}
    assert door.tail() == {}
    writer = opened(mortal_brokers, filled)
    written(writer, b"two of three")
    assert door.tail() == {b"two of three": b"1"}
    written(door, b"warm")
    sandbox.kill(mortal_brokers, leader(mortal_brokers, filled))
    door.put(b"alone", b"1")
    begun = time.monotonic()
    assert "no acknowledgement in time" in door.flush()[b"alone"]
    assert time.monotonic() - begun < 10
