"""Records put to one partition without waiting, and counted when they are acknowledged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Producer

from provisioner.stores.kafka import codes
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.record_reading import PARTITION

_WRITER: Mapping[str, Any] = {
    "acks": "all",
    # With it a fatal error comes as SystemError out of a callback (2.16), and the first record waits for half a second.
    "enable.idempotence": False,
    "max.in.flight.requests.per.connection": 1,
    "linger.ms": 5,
    # max.message.bytes is for all that is sent at once, and all of that is refused. Less costs: by 64 KiB 10,000
    # entries take 0.8 s instead of 0.4 s (measured on 4.4).
    "batch.size": 262_144,
    "allow.auto.create.topics": False,
}
NOT_WRITTEN = (
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    codes.UNKNOWN_TOPIC,
    KafkaError._UNKNOWN_PARTITION,
    codes.TOO_LARGE,
)
"""The record is surely not there. After any other error it may be, or may yet appear (5 of 9 did)."""
NO_ANSWER = KafkaError._MSG_TIMED_OUT
UNACKNOWLEDGED = NO_ANSWER, KafkaError._PURGE_INFLIGHT, KafkaError._PURGE_QUEUE
"""The last two: given up by `flush`. Also what waits in the queue may have been sent before."""


@dataclass(frozen=True, slots=True)
class Flushed:
    """How many keys were put, and those not known to be written, with the code of their error."""

    keys: int
    failed: Mapping[bytes, int]

    @property
    def is_lost(self) -> bool:
        """Something was put, and surely nothing of it was written."""
        return 0 < self.keys == len(self.failed) and all(code in NOT_WRITTEN for code in self.failed.values())


@dataclass
class RecordWriter:
    """Writes to one topic; its producer is made at the first record."""

    connection: Connection
    topic: str
    _producer: Any = None
    _unanswered: Counter[bytes] = field(default_factory=Counter)
    _failed: dict[bytes, int] = field(default_factory=dict)

    def put(self, key: bytes, value: bytes | None) -> None:
        """Hand over one record (None: the key is removed), and wait for nothing. Raises UnreachableError."""
        if self._producer is None:
            self._producer = self.connection.new_client(Producer, self._properties())
        self._unanswered[key] += 1
        try:
            self._produce(key, value)
        except BufferError:
            self._producer.flush(self._patience)
            self._produce(key, value)

    def flush(self) -> Flushed:
        """Wait for what was put since the last time. What has no answer in the end is sent no more."""
        if self._producer is not None and self._producer.flush(self._patience):
            self._producer.purge()
            self._producer.flush(self.connection.timeouts.grace)
        unanswered = {key: NO_ANSWER for key, count in self._unanswered.items() if count}
        flushed = Flushed(len(self._unanswered), {**unanswered, **self._failed})
        self._unanswered, self._failed = Counter(), {}
        if flushed.is_lost:
            self.close()
        return flushed

    def close(self) -> None:
        """Drop the producer: it goes on refusing by itself what the cluster has refused once."""
        if self._producer is not None:
            self._producer.close()
        self._producer = None

    def _properties(self) -> dict[str, Any]:
        timeouts = self.connection.timeouts
        waits = {
            "delivery.timeout.ms": timeouts.record_write,
            # Else a topic that is gone is waited for as long as an acknowledgement.
            "topic.metadata.propagation.max.ms": timeouts.record_topic,
        }
        return {**_WRITER, **{name: round(seconds * 1000) for name, seconds in waits.items()}}

    @property
    def _patience(self) -> float:
        return self.connection.timeouts.record_write + self.connection.timeouts.grace

    def _produce(self, key: bytes, value: bytes | None) -> None:
        try:
            self._producer.produce(self.topic, value, key, partition=PARTITION, on_delivery=self._note)
        except KafkaException as error:
            self._answered(key, codes.code_of(error)[0])
        self._producer.poll(0)

    def _note(self, error: KafkaError | None, message: Any) -> None:
        """What became of one record: called by poll() and flush()."""
        self._answered(message.key(), error.code() if error else codes.OK)

    def _answered(self, key: bytes, code: int) -> None:
        """A key with one failure stays in doubt, whatever was acknowledged later: the older record may come last."""
        self._unanswered[key] -= 1
        if code != codes.OK:
            self._failed[key] = code
