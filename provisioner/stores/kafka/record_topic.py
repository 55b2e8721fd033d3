"""The record as a compacted topic of one partition, beside the topics that it tells of."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from confluent_kafka import KafkaException

from provisioner.errors import UnreachableError
from provisioner.reconcile.record_log import Log, UnreadableRecordError, UnwritableRecordError
from provisioner.stores.kafka import codes, existence, reading, record_creation, record_words
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.reading import Described, Listing
from provisioner.stores.kafka.record_reading import Portion, RecordReader
from provisioner.stores.kafka.record_writing import RecordWriter


@dataclass
class RecordTopic:
    """Reads and writes the topic `name`, over the connection of the cluster's topics.

    `cluster_id`: the declared one; None: any. No request of its own ever makes the topic but `create`.
    """

    connection: Connection
    name: str
    cluster_id: str | None = None
    _reader: RecordReader = field(init=False, repr=False)
    _writer: RecordWriter = field(init=False, repr=False)
    _end: int = 0
    _topic_id: str | None = None

    def __post_init__(self) -> None:
        self._reader = RecordReader(self.connection, self.name)
        self._writer = RecordWriter(self.connection, self.name)

    def read(self) -> Log:
        """Every key's last value; removed keys are left out.

        Raises RefusedError for another cluster, UnreachableError where no broker answers, UnreadableRecordError.
        """
        view = self._listing()
        self._end, self._topic_id = 0, self._existing()
        if self._topic_id is None:
            return Log(exists=False, cluster_id=view.cluster_id)
        portion = self._portion(None)
        self._end = portion.end
        values = {key: value for key, value in portion.values.items() if value is not None}
        return Log(values, cluster_id=view.cluster_id)

    def tail(self) -> Mapping[bytes, bytes | None]:
        """What anybody wrote since the last look; one request where that is nothing.

        That the topic was made anew is seen by its end, or by its id once the end has moved. Raises
        UnreadableRecordError.
        """
        if self._topic_id is None:
            self._topic_id = self._described().topic_id
        if self._topic_id is None:
            return {}
        portion = self._portion(self._end)
        if portion.end != self._end and self._existing() != self._topic_id:
            raise UnreadableRecordError(*record_words.anew(self.connection, self.name))
        self._end = portion.end
        return portion.values

    def create(self) -> None:
        """Make the topic, and wait until it can be read. Raises UnwritableRecordError, UnreachableError."""
        record_creation.create(self.connection, self.name, len(self._listing().brokers))
        if self._topic_id is None:
            self._topic_id = self._shown()
        self._portion(self._end)

    def put(self, key: bytes, value: bytes | None) -> None:
        """Write one record, and wait for nothing."""
        self._writer.put(key, value)

    def flush(self) -> Mapping[bytes, str]:
        """Wait for what was put: the keys that are not known to be written. Raises UnwritableRecordError."""
        flushed = self._writer.flush()
        if flushed.is_lost:
            code = next(iter(flushed.failed.values()))
            raise UnwritableRecordError(*record_words.unwritten(self.connection, self.name, code))
        return {key: record_words.doubt(code) for key, code in flushed.failed.items()}

    def _listing(self) -> Listing:
        return reading.listing_of(self.connection, self.cluster_id, self.name)

    def _portion(self, start: int | None) -> Portion:
        """Read from there on; a broker that does not know the topic is late as long as the topic is the same one."""
        deadline = time.monotonic() + self.connection.timeouts.late
        while True:
            try:
                return self._reader.read(start)
            except KafkaException as error:
                code, _ = codes.code_of(error)
            is_late = code == codes.UNKNOWN_TOPIC and time.monotonic() < deadline
            if not is_late or self._existing() != self._topic_id:
                raise UnreadableRecordError(*record_words.unread(self.connection, self.name, code))
            time.sleep(self.connection.timeouts.late_pause)

    def _described(self) -> Described:
        """What some broker says of it. Raises UnreadableRecordError where that says nothing of its being there."""
        answer = reading.by_name(self.connection, [self.name])[self.name]
        if answer.hidden:
            raise UnreadableRecordError(*record_words.hidden(self.connection, self.name, answer.hidden))
        return answer

    def _existing(self) -> str | None:
        """The topic's id; None: surely there is none. A broker's word is not enough for that: it may be late."""
        if (answer := self._described()).shape:
            return answer.topic_id
        resolved = existence.resolve_missing(self.connection, [self.name])
        if why := resolved.unsure.get(self.name):
            raise UnreadableRecordError(*record_words.hidden(self.connection, self.name, why))
        if self.name in resolved.late:
            return self._existing()
        if self.name not in resolved.free:
            time.sleep(self.connection.timeouts.record_again)
        return self._described().topic_id

    def _shown(self) -> str:
        """The id of the topic that was just made."""
        deadline = time.monotonic() + self.connection.timeouts.late
        while time.monotonic() < deadline:
            if topic_id := self._existing():
                return topic_id
            time.sleep(self.connection.timeouts.late_pause)
        raise UnreachableError(*record_words.unanswered(self.connection, self.name, codes.UNKNOWN_TOPIC))
