"""Somebody else who moves replicas: a topic of his own, slowly, by a throttle of his own."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic
from kafka.structs import TopicPartition

from tests.faults import moves_hands, moves_witness
from tests.faults.moves_case import MESSAGE, MovesCase

EACH = 150


@dataclass
class Other:
    """`rate`: bytes a second, on broker 1 and 4."""

    case: MovesCase
    rate: int
    _theirs: dict[moves_witness.Setting, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.case.prefix}.other"

    def made(self) -> None:
        """A topic on broker 1."""
        client = AdminClient({"bootstrap.servers": self.case.brokers.bootstrap, "log_level": 0})
        topic = NewTopic(self.name, 1, replica_assignment=[[1]], config={"min.insync.replicas": "1"})
        client.create_topics([topic])[self.name].result(30)
        time.sleep(1)
        producer = Producer({"bootstrap.servers": self.case.brokers.bootstrap, "acks": "all", "log_level": 0})
        for _ in range(EACH):
            producer.produce(self.name, os.urandom(MESSAGE))
            producer.poll(0)
        if producer.flush(60):
            raise RuntimeError("the other topic could not be filled")

    def begun(self) -> None:
        """It is to be on broker 4 as well."""
        keys = moves_witness.THROTTLES
        self._theirs = {("broker", each, key): str(self.rate) for each in "14" for key in keys["broker"]}
        self._theirs |= {("topic", self.name, key): "*" for key in keys["topic"]}
        moves_hands.throttled(self.case.brokers, self._theirs)
        place = TopicPartition(self.name, 0)
        moves_witness.ask(self.case.brokers, lambda client: client.alter_partition_reassignments({place: [1, 4]}))

    def has_ended(self) -> bool:
        """It is on both."""
        look = moves_witness.ask(self.case.brokers, lambda client: moves_witness.sample(client, [self.name]))
        return not look.moving.get((self.name, 0)) and look.rows[self.name, 0].isr == {1, 4}

    def judged(self) -> Iterator[str]:
        """Nothing of ours began while it ran, and his throttle is as he left it."""
        before: set[moves_witness.Key] = set()
        for look in self.case.witness.samples:
            ours = look.moving.keys() & self.case.before.keys()
            if (self.name, 0) in look.moving and self._ran(look) and ours - before:
                yield f"M5 {sorted(ours - before)} began while another tool was moving"
            before = ours if (self.name, 0) not in look.moving else before | ours
        there = moves_witness.throttles(self.case.brokers, [self.name])
        gone = {setting for setting, value in self._theirs.items() if there.get(setting) != value}
        if gone:
            yield f"M6 somebody else's throttle is gone: {sorted(gone)}"

    def _ran(self, look: moves_witness.Sample) -> bool:
        """Already at the look before: the two were no guests at once."""
        earlier = [each for each in self.case.witness.samples if each.at < look.at]
        return bool(earlier) and (self.name, 0) in earlier[-1].moving

    def tidied(self) -> None:
        """He removes his throttle."""
        moves_hands.throttled(self.case.brokers, dict.fromkeys(self._theirs))
