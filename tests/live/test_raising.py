"""A replication factor raised on four brokers while a producer writes and a consumer reads."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import NewTopic
from kafka.admin import ConfigResource, ConfigResourceType

from provisioner.sandbox import Sandbox
from tests.live.conftest import Fleet, Witness, everywhere, running
from tests.live.copying import Sampler
from tests.live.test_rights import root

ONE, TWO = "raised.from.one", "raised.from.two"
SIX = [[1], [2], [3], [4], [1], [2]]
FOUR = [[1, 2], [2, 3], [3, 4], [4, 2]]
MESSAGE = 100_000
RATE = 5_000_000
LIMITS = "    limits: {moves: {rate: 5MB, wave_partitions: 8}}\n"
THROTTLES = ("leader.replication.throttled", "follower.replication.throttled")


@pytest.fixture
def four(tmp_path: Path) -> Iterator[Sandbox]:
    """Racks r1, r2, r3, and r1 once more."""
    yield from running(tmp_path / "four", nodes=4)


def filled(brokers: Sandbox, name: str, placed: list[list[int]], megabytes: int) -> None:
    topic = NewTopic(name, len(placed), replica_assignment=placed, config={"min.insync.replicas": "1"})
    admin = root(brokers)
    for future in admin.create_topics([topic]).values():
        future.result(30)
    everywhere(brokers, lambda told: name in told.names())
    producer = Producer({"bootstrap.servers": brokers.bootstrap, "acks": "all", "log_level": 0})
    for number in range(megabytes * 1_000_000 // MESSAGE):
        producer.produce(name, os.urandom(MESSAGE), partition=number % len(placed))
        while len(producer) > 200:
            producer.poll(0.05)
    assert producer.flush(60) == 0


class Traffic:
    """A producer that numbers its messages, and a consumer of a group that reads them."""

    def __init__(self, bootstrap: str, topic: str, partitions: int) -> None:
        self.bootstrap, self.topic, self.partitions = bootstrap, topic, partitions
        self.written: list[int] = []
        self.read: list[int] = []
        self.over = threading.Event()
        self.threads = [threading.Thread(target=work, daemon=True) for work in (self._write, self._read)]

    def __enter__(self) -> Self:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join(60)

    def _write(self) -> None:
        settings = {"bootstrap.servers": self.bootstrap, "enable.idempotence": True, "linger.ms": 5, "log_level": 0}
        producer, number = Producer(settings), 0

        def noted(error: Any, message: Any) -> None:
            if error is None:
                self.written.append(int(message.key()))

        while not self.over.is_set():
            producer.produce(self.topic, b"x" * 500, str(number), number % self.partitions, on_delivery=noted)
            number += 1
            producer.poll(0)
            time.sleep(0.01)
        assert producer.flush(60) == 0

    def _read(self) -> None:
        settings = {"group.id": "reader", "auto.offset.reset": "earliest", "log_level": 0}
        consumer = Consumer({"bootstrap.servers": self.bootstrap, **settings})
        consumer.subscribe([self.topic])
        deadline = time.monotonic() + 240
        while time.monotonic() < deadline:
            message = consumer.poll(0.2)
            if message is not None and message.error() is None and message.key() is not None:
                self.read.append(int(message.key()))
            if self.over.is_set() and not self.threads[0].is_alive() and len(self.read) >= len(self.written):
                break
        consumer.close()


def left_behind(witness: Witness, brokers: Sandbox) -> dict[str, str]:
    """Throttles that are set anywhere, by place and key."""
    kinds = ConfigResourceType
    places = [ConfigResource(kinds.BROKER, str(node.number)) for node in brokers.nodes]
    places += [ConfigResource(kinds.TOPIC, name) for name in (ONE, TWO)]
    found = {}
    for place in places:
        for rows in witness.admin.describe_configs([place]).values():
            for name, entries in rows.items():
                set_here = {key: each["value"] for key, each in entries.items() if each["value"]}
                found |= {f"{name} {key}": text for key, text in set_here.items() if key.startswith(THROTTLES)}
    return found


def test_two_topics_get_three_replicas_under_traffic(
    four: Sandbox, fleet_of: Callable[..., Fleet], capfd: pytest.CaptureFixture[str]
) -> None:
    """No record lost or doubled, no leader changed, nothing copied twice, never faster than allowed, nothing left."""
    filled(four, ONE, SIX, 84)
    filled(four, TWO, FOUR, 120)
    fleet = fleet_of(four.bootstrap, LIMITS)
    fleet.topics(
        f"  - {{name: {ONE}, partitions: 6, config: {{min.insync.replicas: 2}}}}\n  - {{name: {TWO}, partitions: 4}}\n"
    )
    before = {(ONE, at): row for at, row in enumerate(SIX)} | {(TWO, at): row for at, row in enumerate(FOUR)}
    with Traffic(four.bootstrap, ONE, 6) as traffic, Sampler(four.bootstrap, (ONE, TWO)).looking() as sampler:
        code, out = fleet.run("apply", "--yes", "--wait", "10m", "--lane", "topics")
    assert code == 0, out
    assert "2 topics updated" in out

    witness = Witness(four.bootstrap)
    after = {(name, at): row for name in (ONE, TWO) for at, row in enumerate(witness.partitions(name))}
    assert {key: row[: len(before[key])] for key, row in after.items()} == before
    assert all(len(set(row)) == 3 for row in after.values())
    assert all({(broker - 1) % 3 for broker in row} == {0, 1, 2} for row in after.values())

    assert len(traffic.written) > 500
    assert sorted(traffic.read) == sorted(traffic.written)

    leaders = {(key, leader) for sample in sampler.samples for key, leader in sample.leaders.items()}
    assert leaders == {(key, row[0]) for key, row in before.items()}

    new = {(*key, broker): row[0] for key, row in after.items() for broker in row if broker not in before[key]}
    assert {replica[:2] for sample in sampler.samples for replica in sample.sizes} == before.keys()
    places = {(*key, broker) for key, row in after.items() for broker in row}
    assert {replica for sample in sampler.samples for replica in sample.sizes} <= places

    copied = sum(more for _, replica, more in sampler.grown() if replica in new)
    least = sum(sampler.samples[-1].sizes[(*replica[:2], leader)] for replica, leader in new.items())
    flows = {replica: (f"into {replica[2]}", f"out of {leader}") for replica, leader in new.items()}
    fastest = sampler.fastest(flows, 10)
    with capfd.disabled():
        megabytes = {flow: round(rate / 1e6, 2) for flow, rate in sorted(fastest.items())}
        print(f"\n  {copied / 1e6:.0f} MB copied, {copied / least:.3f} x the least; MB/s over any 10 s: {megabytes}")
    assert copied <= 1.05 * least
    assert fastest
    assert max(fastest.values()) <= 1.25 * RATE

    assert left_behind(witness, four) == {}
    assert witness.admin.list_partition_reassignments() == {}
    assert witness.overrides(ONE)["min.insync.replicas"] == "2"
    code, out = fleet.run("plan", "--lane", "topics")
    assert (code, "2 unchanged" in out) == (0, True)
    witness.admin.close()
