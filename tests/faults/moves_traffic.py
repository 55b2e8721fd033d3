"""A producer and a consumer that go on all the time: what was written is there once, and only once."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition

from tests.faults.moves_witness import Key

PAUSE = 0.03
SECONDS = 120.0
"""For the last records to be written, and read."""


@dataclass
class Traffic:
    """Numbered records for each partition in turn, by an idempotent producer; `old`: how many records are there."""

    bootstrap: str
    partitions: Collection[Key]
    old: int
    written: set[str] = field(default_factory=set)
    failed: list[str] = field(default_factory=list)
    read: Counter[str] = field(default_factory=Counter)
    _written_over: threading.Event = field(default_factory=threading.Event)
    _read_over: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        self._threads = [threading.Thread(target=each, daemon=True) for each in (self._write, self._read)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> Iterator[str]:
        """I2: what was lost, and what is there twice."""
        self._written_over.set()
        self._threads[0].join(SECONDS)
        deadline = time.monotonic() + SECONDS
        while len(self.read) < self.expected and time.monotonic() < deadline:
            time.sleep(0.1)
        time.sleep(0.3)
        self._read_over.set()
        self._threads[1].join(SECONDS)
        yield from self._judged()

    def abandon(self) -> None:
        """End, whatever was written."""
        self._written_over.set()
        self._read_over.set()

    @property
    def expected(self) -> int:
        return len(self.written) + self.old

    def _judged(self) -> Iterator[str]:
        if self.failed:
            yield f"I2 {len(self.failed)} records were not written: {self.failed[0]}"
        if lost := self.written - self.read.keys():
            yield f"I2 {len(lost)} of {len(self.written)} new records are lost: {min(lost)}"
        old = sum(key.startswith("old ") for key in self.read)
        if old != self.old:
            yield f"I2 of {self.old} old records {old} are there"
        if twice := [key for key, count in self.read.items() if count > 1]:
            yield f"I2 {len(twice)} records are there twice: {min(twice)}"
        if not self.written:
            yield "nothing was written while the replicas came"

    def _write(self) -> None:
        properties = {"enable.idempotence": True, "acks": "all", "linger.ms": 0, "log_level": 0}
        producer = Producer({"bootstrap.servers": self.bootstrap, **properties})
        number = 0
        while not self._written_over.wait(PAUSE):
            for topic, at in self.partitions:
                producer.produce(topic, b"new", f"new {topic} {at} {number}", partition=at, on_delivery=self._delivered)
            number += 1
            producer.poll(0)
        if left := producer.flush(SECONDS):
            self.failed.append(f"{left} of them have no answer")

    def _delivered(self, error: Any, message: Any) -> None:
        if error is None:
            self.written.add(message.key().decode())
        else:
            self.failed.append(str(error))

    def _read(self) -> None:
        properties = {"group.id": "witness", "enable.auto.commit": False, "log_level": 0}
        consumer = Consumer({"bootstrap.servers": self.bootstrap, **properties})
        consumer.assign([TopicPartition(topic, at, OFFSET_BEGINNING) for topic, at in self.partitions])
        while not self._read_over.is_set():
            message = consumer.poll(0.2)
            if message is not None and (key := message.key()) is not None and message.error() is None:
                self.read[key.decode()] += 1
        consumer.close()
