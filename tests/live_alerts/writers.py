"""Producers: a steady flow into each topic, batches, transactions that end in every way."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any, Literal

from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME, KafkaError, Message, Producer

from tests.live_alerts.ledger import Ledger

TURN = 0.2
"""Seconds between two turns of the flows."""


@dataclass
class Flow:
    """Messages a second into these partitions of a topic, one after the other."""

    rate: float
    partitions: int
    due: float = 0.0
    next: int = 0


@dataclass
class Writer:
    """One producer for all topics, in a thread of its own."""

    bootstrap: str
    ledger: Ledger
    flows: dict[str, Flow] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.producer = Producer(
            {
                "bootstrap.servers": self.bootstrap,
                "log_level": 0,
                "linger.ms": 5,
                "topic.metadata.refresh.interval.ms": 1000,
            }
        )
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def flow(self, topic: str, rate: float, partitions: int = 3) -> None:
        """From now on so many messages a second; 0: none."""
        self.flows[topic] = Flow(rate, partitions)

    def batch(self, topic: str, count: int, partitions: int = 3, times: list[float] | None = None) -> None:
        """Now, one partition after the other. `times`: when they are to count as written; for what came before."""
        for number in range(count):
            self._write(topic, number % partitions, times[number] if times else None)

    def flush(self) -> None:
        """Wait until all is delivered."""
        assert not self.producer.flush(60), "messages are not delivered after a minute"

    def close(self) -> None:
        """No more messages."""
        self._over.set()
        self._thread.join(10)
        self.flush()

    def _run(self) -> None:
        while not self._over.wait(TURN):
            for topic, flow in list(self.flows.items()):
                flow.due += flow.rate * TURN
                while flow.due >= 1:
                    flow.due, flow.next = flow.due - 1, flow.next + 1
                    self._write(topic, flow.next % flow.partitions, None)
            self.producer.poll(0)

    def _write(self, topic: str, partition: int, counted: float | None) -> None:

        def delivered(error: KafkaError | None, message: Message) -> None:
            if error:
                self.lost.append(f"{topic}-{partition}: {error}")
            else:
                self.ledger.deliver(topic, partition, int(message.offset() or 0), counted or _appended(message))

        while True:
            try:
                return self.producer.produce(topic, b"x" * 20, partition=partition, on_delivery=delivered)
            except BufferError:
                self.producer.poll(0.1)


def _appended(message: Message) -> float:
    """When the leader wrote it down, by its own clock (LogAppendTime). A busy producer is late itself."""
    kind, milliseconds = message.timestamp()
    assert kind == TIMESTAMP_LOG_APPEND_TIME
    return milliseconds / 1000


@dataclass
class Transactions:
    """A transaction a second, of four messages in each partition."""

    bootstrap: str
    ledger: Ledger
    topic: str
    timeout: int = 60
    partitions: int = 3
    _over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.producer: Any = Producer(
            {
                "bootstrap.servers": self.bootstrap,
                "log_level": 0,
                "transactional.id": self.topic,
                "transaction.timeout.ms": self.timeout * 1000,
            }
        )
        self.producer.init_transactions(60)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self, end: Literal["commit", "abort", "die"] = "commit") -> None:
        """The last one ends so; `die` leaves it open, until the broker aborts it."""
        if self._over.is_set():
            return
        self._over.set()
        self._thread.join(30)
        self._transact(end)

    def _run(self) -> None:
        while not self._over.wait(1):
            self._transact("commit")

    def _transact(self, end: str) -> None:
        written: list[tuple[int, int, float]] = []

        def delivered(error: KafkaError | None, message: Message) -> None:
            assert error is None, error
            written.append((int(message.partition() or 0), int(message.offset() or 0), _appended(message)))

        self.producer.begin_transaction()
        for number in range(4 * self.partitions):
            self.producer.produce(self.topic, b"x", partition=number % self.partitions, on_delivery=delivered)
        self.producer.flush(30)
        if end == "abort":
            self.producer.abort_transaction(30)
        if end == "commit":
            self.producer.commit_transaction(30)
            for partition, offset, when in written:
                self.ledger.deliver(self.topic, partition, offset, when)
