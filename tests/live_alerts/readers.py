"""Consumers: one a group, in a thread of its own, as fast and as careful as it is told to be."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from tests.live_alerts.ledger import Ledger

FOREVER = float("inf")


@dataclass
class Pace:
    """How a group reads; it may change at any time. `leaves` are partitions that it reads and never commits."""

    rate: float = FOREVER
    commits_every: float = 1.0
    leaves: frozenset[int] = frozenset()


@dataclass
class Reader:
    """A group that reads a topic. `assigned`: those partitions by hand; none: it subscribes."""

    bootstrap: str
    ledger: Ledger
    group: str
    topic: str
    pace: Pace = field(default_factory=Pace)
    assigned: Sequence[int] = ()
    protocol: str = "classic"
    failures: list[str] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _rewinds: bool = False

    def start(self) -> None:
        """It runs, from where it was."""
        self._over.clear()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """It stops at once; what it has read and not committed it has not read."""
        self._over.set()

    def join(self) -> None:
        """Wait until it has stopped."""
        if self._thread is not None:
            self._thread.join(30)

    def rewind(self) -> None:
        """It goes back to the first message."""
        self._rewinds = True

    def _settings(self) -> dict[str, Any]:
        settings = {
            "bootstrap.servers": self.bootstrap,
            "group.id": self.group,
            "log_level": 0,
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "isolation.level": "read_committed",
            "topic.metadata.refresh.interval.ms": 1000,
        }
        return settings | ({} if self.protocol == "classic" else {"group.protocol": self.protocol})

    def _run(self) -> None:
        with contextlib.closing(Consumer(self._settings())) as consumer:
            if self.assigned:
                consumer.assign([TopicPartition(self.topic, number) for number in self.assigned])
            else:
                consumer.subscribe([self.topic])
            self._read(consumer)

    def _read(self, consumer: Consumer) -> None:
        pending: dict[int, int] = {}
        allowed, last, committed = 0.0, time.monotonic(), time.monotonic()
        while not self._over.is_set():
            now = time.monotonic()
            allowed, last = min(allowed + self.pace.rate * (now - last), max(1.0, self.pace.rate)), now
            for message in self._batch(consumer, allowed):
                pending[int(message.partition() or 0)] = int(message.offset() or 0) + 1
                allowed -= 1
            if self._rewinds:
                self._rewinds = False
                pending = self._rewound(consumer)
            if now - committed >= self.pace.commits_every:
                committed = now
                pending = self._committed(consumer, pending)

    def _batch(self, consumer: Consumer, allowed: float) -> Iterator[Message]:
        if allowed < 1:
            self._over.wait(0.05)
            return
        for message in consumer.consume(int(min(allowed, 500)), 0.2):
            if not message.error():
                yield message

    def _rewound(self, consumer: Consumer) -> dict[int, int]:
        for each in consumer.assignment():
            consumer.seek(TopicPartition(self.topic, each.partition, 0))
        return self._committed(consumer, {each.partition: 0 for each in consumer.assignment()})

    def _committed(self, consumer: Consumer, pending: dict[int, int]) -> dict[int, int]:
        """What is still to be committed. Offsets that have not moved are not committed again, as by real clients."""
        offsets = {number: at for number, at in pending.items() if number not in self.pace.leaves}
        if not offsets:
            return {}
        try:
            consumer.commit(
                offsets=[TopicPartition(self.topic, number, at) for number, at in offsets.items()], asynchronous=False
            )
        except KafkaException as error:  # again in a second
            self.failures.append(str(error))
            return pending
        now = time.time()
        for number, at in offsets.items():
            self.ledger.commit(self.group, self.topic, number, at, now)
        return {}
