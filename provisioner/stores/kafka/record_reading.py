"""A topic of one partition read whole, or from an offset on: its end is asked first, then everything up to it is read.

Not by the end of a partition alone: the events that say so come half a second late. They are needed all the same, as
no record has the last offset where a transaction's marker is last.
"""

from __future__ import annotations

import time
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition

from provisioner.stores.kafka import codes
from provisioner.stores.kafka.connection import Connection

PARTITION = 0
_READER: Mapping[str, Any] = {
    # No group is ever made, but librdkafka wants a name: "" ends the whole process (2.16).
    "group.id": "provisioner",
    "enable.auto.commit": False,
    # The topic was made anew: the default would go on in the middle of the new one.
    "auto.offset.reset": "error",
    "fetch.wait.max.ms": 20,
    # read_committed stops before the open transaction of anybody.
    "isolation.level": "read_uncommitted",
    "enable.partition.eof": True,
    "allow.auto.create.topics": False,
}
MADE_ANEW = KafkaError._AUTO_OFFSET_RESET
"""The topic has no such offset (any more)."""
FINAL = KafkaError.TOPIC_AUTHORIZATION_FAILED, codes.UNKNOWN_TOPIC, MADE_ANEW
"""Reading again would not help."""


@dataclass(frozen=True, slots=True)
class Portion:
    """Each key's last value (None: removed), and the offset up to which that is complete."""

    values: Mapping[bytes, bytes | None]
    end: int


@dataclass
class RecordReader:
    """Reads one topic. A consumer that has read well is kept, asking for nothing, until the next read or our end."""

    connection: Connection
    topic: str
    _consumer: Any = None
    _closing: weakref.finalize[..., Any] | None = None

    def read(self, start: int | None = None) -> Portion:
        """What is there from the offset `start` on (None: everything).

        Raises KafkaException: a code of FINAL, or the last of many where no try came to its end in time.
        """
        timeouts = self.connection.timeouts
        deadline = time.monotonic() + timeouts.record
        while True:
            try:
                return self._read(start)
            except KafkaException as error:
                self.close()
                if _is_final(error, start) or time.monotonic() > deadline:
                    raise
            self.connection.progress(f"{self.topic}: no clear answer; reading it again")
            time.sleep(timeouts.again_pause)

    def close(self) -> None:
        """Drop the consumer, if there is one."""
        if self._closing is not None:
            self._closing()
        self._consumer = self._closing = None

    def _read(self, start: int | None) -> Portion:
        consumer = self._consumer or self._new_consumer()
        end = self._end(consumer)
        if start is None:
            return Portion(self._records(consumer, OFFSET_BEGINNING, end), end)
        if end < start:
            raise KafkaException(KafkaError(MADE_ANEW, f"its end is {end}, it was {start}"))
        return Portion(self._records(consumer, start, end) if end > start else {}, end)

    def _new_consumer(self) -> Any:
        consumer = self.connection.new_client(Consumer, _READER)
        self._consumer, self._closing = consumer, weakref.finalize(self, consumer.close)
        # The next question has one answer for missing and for hidden.
        metadata = consumer.list_topics(self.topic, timeout=self.connection.timeouts.record_step)
        if error := metadata.topics[self.topic].error:
            raise KafkaException(error)
        return consumer

    def _end(self, consumer: Any) -> int:
        place = TopicPartition(self.topic, PARTITION)
        _, end = consumer.get_watermark_offsets(place, timeout=self.connection.timeouts.record_step)
        return int(end)

    def _records(self, consumer: Any, start: int, end: int) -> dict[bytes, bytes | None]:
        consumer.assign([TopicPartition(self.topic, PARTITION, start)])
        values: dict[bytes, bytes | None] = {}
        reached, poll, step = max(start, 0), consumer.poll, self.connection.timeouts.record_step
        while reached < end:
            if (message := poll(step)) is None:
                raise KafkaException(KafkaError(codes.TIMED_OUT, f"{reached} of {end} read"))
            if (error := message.error()) is None:
                values[message.key()], reached = message.value(), message.offset() + 1
            elif error.code() == KafkaError._PARTITION_EOF:
                reached = message.offset()
            elif _matters(error):
                raise KafkaException(error)
        consumer.unassign()
        values.pop(None, None)  # type: ignore[call-overload] # a stranger's record can be without a key
        return values


def _is_final(error: KafkaException, start: int | None) -> bool:
    code, _ = codes.code_of(error)
    return code in FINAL and not (code == MADE_ANEW and start is None)


def _matters(error: KafkaError) -> bool:
    """No right to the group costs nothing: only its coordinator is looked for."""
    return error.code() != KafkaError.GROUP_AUTHORIZATION_FAILED and not error.retriable()
