"""How late groups are on three real brokers, beside the truth: the producers' own log of what was delivered when."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from typing import Any

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition, admin
from confluent_kafka.admin import AclBinding, AclOperation, AclPermissionType, AdminClient, NewTopic
from confluent_kafka.admin import ResourcePatternType as Pattern

from provisioner import cli
from provisioner.sandbox import USERS, Sandbox, rights
from tests.live.conftest import KAFKA, Fleet
from tests.live.test_rights import login
from tests.live.test_topics import made

PRECISION = 1.0
"""Seconds between what the command says and the truth."""

PAUSE = 1.8
"""Seconds between messages: more than PRECISION, so that the wrong one shows."""

ODD = "reg.*[ab]+(x)|^y$"
"""A group's name may be anything."""

NEW_PROTOCOL = int(KAFKA.split(".")[0]) >= 4
"""Groups by KIP-848 are there without being switched on."""


class Deliveries:
    """What was written, and when, by the clock of the writer."""

    def __init__(self, brokers: Sandbox) -> None:
        self.settings = {"bootstrap.servers": brokers.bootstrap, "log_level": 0}
        self.producer = Producer({**self.settings, "linger.ms": 0})
        self.times: dict[tuple[str, int], dict[int, float]] = {}

    def write(self, topic: str, partition: int = 0, key: str | None = None, by: Any = None, **more: Any) -> int:
        """One message; its offset. `by`: another producer; `timestamp`: milliseconds, the message's own."""
        told: list[Any] = []
        began, producer = more.get("timestamp", time.time() * 1000) / 1000, by or self.producer
        producer.produce(
            topic, more.pop("value", b"x"), key, partition, on_delivery=lambda *each: told.append(each), **more
        )
        producer.flush(30)
        ((error, message),) = told
        assert error is None
        self.times.setdefault((topic, partition), {})[message.offset()] = began
        return int(message.offset())

    def forget(self, topic: str, partition: int, *offsets: int) -> None:
        """They are no messages any more: aborted, deleted or compacted."""
        for offset in offsets:
            del self.times[topic, partition][offset]

    def age(self, topic: str, partition: int, committed: int, now: float) -> float | None:
        """Of the oldest message at or after that offset."""
        times = [at for offset, at in self.times.get((topic, partition), {}).items() if offset >= committed]
        return now - min(times) if times else None


@pytest.fixture
def deliveries(brokers: Sandbox) -> Deliveries:
    return Deliveries(brokers)


def commit(brokers: Sandbox, group: str, topic: str, **offsets: int) -> None:
    """As a group that has left does: `p0=3`."""
    places = [TopicPartition(topic, int(name[1:]), offset) for name, offset in offsets.items()]
    consumer = Consumer({"bootstrap.servers": brokers.bootstrap, "group.id": group, "log_level": 0})
    with closing(consumer):
        consumer.commit(offsets=places, asynchronous=False)


def told(fleet: Fleet, *arguments: str) -> tuple[int, dict[tuple[str, str], dict[str, Any]]]:
    """The exit code, and the rows by group and topic."""
    code = cli.main(["lag", "--folder", str(fleet.root), "--cluster", "prod", "--output", "json", *arguments])
    out, err = fleet.capfd.readouterr()
    assert out, err
    (cluster,) = json.loads(out)["clusters"]
    assert (cluster["gaps"], cluster["stopped"]) == ([], None), err
    return code, {(row["group"], row["topic"]): row for row in cluster["groups"]}


def assert_true(deliveries: Deliveries, rows: dict[tuple[str, str], dict[str, Any]]) -> None:
    """Every age of every partition is the truth of the moment when it was read."""
    compared = 0
    for (group, topic), row in rows.items():
        now = datetime.fromisoformat(row["read_at"]).timestamp() if row["read_at"] else 0.0
        for each in row["partitions"]:
            if each["committed"] is None:
                continue
            truth = deliveries.age(topic, each["partition"], each["committed"], now)
            said, where = each["age_seconds"], f"{group} {topic} {each}: true is {truth}"
            assert (said is None) == (truth is None), where
            assert truth is None or abs(said - truth) <= PRECISION, where
            compared += 1
    assert compared >= len(rows)


def test_ages_are_those_of_the_producers_own_log(fleet: Fleet, brokers: Sandbox, deliveries: Deliveries) -> None:
    """Plain, in the middle, at the end, in a large batch; deleted; compacted; a group connected, left, new, odd."""
    compacted = {
        "cleanup.policy": "compact",
        "segment.ms": "1000",
        "min.cleanable.dirty.ratio": "0.01",
        "max.compaction.lag.ms": "1000",
    }
    made(
        brokers,
        NewTopic("lag.plain", 3, 3),
        NewTopic("lag.late", 1, 3),
        NewTopic("lag.cut", 1, 3),
        NewTopic("lag.compact", 1, 3, config=compacted),
    )
    fleet.topics(
        "  - {name: lag.plain}\n  - {name: lag.late, lag: 5m}\n  - {name: lag.cut}\n"
        "  - {name: lag.compact, config: {cleanup.policy: compact}}\n  - {name: lag.unborn}\n"
        "consumers:\n"
        "  - {topic: lag.plain, group: left}\n  - {topic: lag.plain, group: unborn}\n"
        f"  - {{topic: lag.plain, group: '{ODD}'}}\n  - {{topic: lag.unborn, group: left}}\n"
    )
    backoff(brokers, "500")
    try:
        for value in (b"x", b"x", b"x" * 500_000):
            deliveries.write("lag.plain", 0, value=value)
            deliveries.write("lag.plain", 1)
            deliveries.write("lag.cut")
            deliveries.write("lag.compact", key="same")
            time.sleep(PAUSE)
        deliveries.write("lag.compact", key="same")
        deliveries.write("lag.late", timestamp=round(time.time() * 1000) - 400_000)
        time.sleep(PAUSE)
        deliveries.write("lag.compact", key="another")
        commit(brokers, "left", "lag.plain", p0=1, p1=3)
        commit(brokers, ODD, "lag.plain", p0=2, p1=0)
        commit(brokers, "stranger", "lag.plain", p2=0)
        commit(brokers, "late", "lag.late", p0=0)
        commit(brokers, "cut", "lag.cut", p0=1)
        commit(brokers, "holes", "lag.compact", p0=0)
        commit(brokers, "last", "lag.compact", p0=4)
        cut(brokers, "lag.cut", 2)
        deliveries.forget("lag.cut", 0, 0, 1)
        deliveries.forget("lag.compact", 0, *compaction(brokers, "lag.compact", 3))
        with connected(brokers, "lag.plain", "reader") as read:
            code, rows = told(fleet, "--detailed-exitcode")
    finally:
        backoff(brokers, None)
    assert_true(deliveries, rows)
    assert code == 2
    assert rows.keys() >= {
        (ODD, "lag.plain"),
        ("stranger", "lag.plain"),
        ("reader", "lag.plain"),
        ("holes", "lag.compact"),
    }
    assert {name: rows[name, "lag.plain"]["declared"] for name in ("left", ODD, "stranger")} == {
        "left": True,
        ODD: True,
        "stranger": False,
    }
    assert rows["late", "lag.late"]["state"] == "late"
    assert rows["unborn", "lag.plain"]["state"] == "never committed"
    assert "not there" in rows["left", "lag.unborn"]["words"]
    assert rows["stranger", "lag.plain"]["state"] == "nothing unread"
    assert rows["cut", "lag.cut"]["partitions"][0]["deleted"] == 1
    assert (rows["left", "lag.plain"]["connected"], rows["reader", "lag.plain"]["connected"]) == (False, True)
    assert read == {each["partition"]: each["committed"] for each in rows["reader", "lag.plain"]["partitions"]}
    code, alone = told(fleet, "lag.plain", "--group", ODD)
    assert (code, list(alone)) == (0, [(ODD, "lag.plain")])


def test_aborted_and_open_transactions_are_told_from_messages(
    fleet: Fleet, brokers: Sandbox, deliveries: Deliveries
) -> None:
    """Markers and aborted messages are nothing; an open transaction is, by its first message."""
    made(brokers, NewTopic("lag.tx", 3, 3))
    fleet.topics("  - {name: lag.tx}\n")
    writer = Producer({**deliveries.settings, "transactional.id": "lag-tx"})
    writer.init_transactions(30)
    for partition, ends in enumerate((("commit", "abort"), ("abort", "commit"), ("commit", "open"))):
        for end in ends:
            transaction(deliveries, writer, partition, end)
            time.sleep(PAUSE)
    commit(brokers, "done", "lag.tx", p0=2, p1=6)
    commit(brokers, "behind", "lag.tx", p0=1, p1=0, p2=0)
    commit(brokers, "held", "lag.tx", p0=3, p1=1, p2=2)
    commit(brokers, "dirty", "lag.tx", p2=4)
    code, rows = told(fleet)
    writer.abort_transaction(30)
    assert code == 0
    assert_true(deliveries, rows)
    assert {name: [each["open_transaction"] for each in row["partitions"]] for (name, _), row in rows.items()} == {
        "done": [False, False, False],
        "behind": [False, False, False],
        "held": [False, False, True],
        "dirty": [False, False, True],
    }
    assert rows["done", "lag.tx"]["unread"] == 0


def transaction(deliveries: Deliveries, writer: Any, partition: int, end: str) -> None:
    """Two messages and how they end; aborted ones are no messages."""
    writer.begin_transaction()
    offsets = [deliveries.write("lag.tx", partition, by=writer) for _ in range(2)]
    if end == "commit":
        writer.commit_transaction(30)
    if end == "abort":
        writer.abort_transaction(30)
        deliveries.forget("lag.tx", partition, *offsets)


class connected:  # noqa: N801 -- reads as what it is
    """A group that has a member, by the newest protocol there is: what it has committed, by partition."""

    def __init__(self, brokers: Sandbox, topic: str, group: str) -> None:
        protocol = {"group.protocol": "consumer"} if NEW_PROTOCOL else {}
        own = {"group.id": group, "enable.auto.commit": False, "auto.offset.reset": "earliest", "log_level": 0}
        self.consumer = Consumer({"bootstrap.servers": brokers.bootstrap, **own, **protocol})
        self.topic = topic

    def __enter__(self) -> dict[int, int]:
        self.consumer.subscribe([self.topic])
        deadline = time.monotonic() + 30
        while (message := self.consumer.poll(0.5)) is None or message.error():
            assert time.monotonic() < deadline
        places = [TopicPartition(self.topic, number, 0) for number in range(3)]
        places[int(message.partition() or 0)].offset = (message.offset() or 0) + 1
        self.consumer.commit(offsets=places, asynchronous=False)
        return {each.partition: each.offset for each in places}

    def __exit__(self, *_: object) -> None:
        self.consumer.close()


def backoff(brokers: Sandbox, value: str | None) -> None:
    """How long the cleaner of each broker rests: 15 s where nobody says otherwise."""
    operation = admin.AlterConfigOpType.DELETE if value is None else admin.AlterConfigOpType.SET
    entry = admin.ConfigEntry("log.cleaner.backoff.ms", value or "", incremental_operation=operation)
    client = AdminClient({"bootstrap.servers": brokers.bootstrap, "log_level": 0})
    for node in brokers.nodes:
        resource = admin.ConfigResource(admin.ResourceType.BROKER, str(node.number), incremental_configs=[entry])
        client.incremental_alter_configs([resource])[resource].result(30)


def cut(brokers: Sandbox, topic: str, start: int) -> None:
    client = AdminClient({"bootstrap.servers": brokers.bootstrap, "log_level": 0})
    for future in client.delete_records([TopicPartition(topic, 0, start)]).values():
        future.result(30)


def compaction(brokers: Sandbox, topic: str, first: int) -> list[int]:
    """Wait until that offset is the first one left; those that went."""
    deadline = time.monotonic() + 30
    while (left := next(records(brokers, topic))) < first:
        assert time.monotonic() < deadline, f"offset {left} is still there"
        time.sleep(0.3)
    return list(range(first))


def records(brokers: Sandbox, topic: str) -> Iterator[int]:
    consumer = Consumer({"bootstrap.servers": brokers.bootstrap, "group.id": "witness", "log_level": 0})
    with closing(consumer):
        consumer.assign([TopicPartition(topic, 0, 0)])
        while True:
            message = consumer.poll(10)
            assert message is not None
            if not message.error():
                yield int(message.offset() or 0)


def test_without_a_right_nothing_is_made_up(
    secure_brokers: Sandbox, fleet_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a group, or to read a topic: unknown, by the right's name, and exit 4; the others are judged."""
    made(secure_brokers, NewTopic("own.lag", 1, 3), NewTopic("own.lag-unread", 1, 3))
    deliveries = Deliveries(secure_brokers)
    for topic in ("own.lag", "own.lag-unread"):
        deliveries.write(topic)
        commit(secure_brokers, "lag-open", topic, p0=0)
        commit(secure_brokers, "lag-hidden", topic, p0=0)
    where = (Pattern.LITERAL, "User:reader", "*")
    rights.create(
        secure_brokers,
        [
            AclBinding(kind, name, *where, operation, AclPermissionType.DENY)
            for kind, name, operation in (
                (admin.ResourceType.GROUP, "lag-hidden", AclOperation.DESCRIBE),
                (admin.ResourceType.GROUP, "lag-hidden", AclOperation.READ),
                (admin.ResourceType.TOPIC, "own.lag-unread", AclOperation.READ),
            )
        ],
    )
    assert USERS["reader"]
    fleet = fleet_of(secure_brokers.secure_bootstrap, login(monkeypatch, "reader"))
    consumers = "".join(
        f"  - {{topic: {topic}, group: {group}}}\n"
        for topic in ("own.lag", "own.lag-unread")
        for group in ("lag-open", "lag-hidden")
    )
    fleet.topics(f"  - {{name: own.lag}}\n  - {{name: own.lag-unread}}\nconsumers:\n{consumers}")
    code, rows = told(fleet)
    assert code == 4
    assert rows["lag-open", "own.lag"]["state"] == "behind"
    assert "no right to describe group lag-hidden" in rows["lag-hidden", "own.lag"]["words"]
    assert "no right to read topic own.lag-unread" in rows["lag-open", "own.lag-unread"]["words"]
