"""The brokers, clients and exporters of one run, and what can happen to them; each method is an event of the story."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient, NewPartitions, NewTopic
from kafka import TopicPartition as Place
from kafka.admin import KafkaAdminClient, OffsetSpec

from provisioner import sandbox
from provisioner.sandbox import Sandbox
from tests.live_alerts import readers
from tests.live_alerts.exporter import Exporter, Fault
from tests.live_alerts.ledger import Ledger
from tests.live_alerts.model import Story
from tests.live_alerts.past import TRAFFIC, Past
from tests.live_alerts.repositories import Repositories
from tests.live_alerts.writers import Transactions, Writer

EXPIRES = "kept.v1"
"""The topic whose retention is short enough to be seen."""


@dataclass
class World:
    """All of them are a process or a connection, but for the ledger."""

    brokers: Sandbox
    story: Story
    exporters: dict[str, Exporter]
    repositories: Repositories
    ledger: Ledger = field(default_factory=Ledger)
    failures: list[str] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        bootstrap = self.brokers.bootstrap
        self.admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
        self.writer = Writer(bootstrap, self.ledger)
        for topic in self.story.topics:
            self.ledger.make(topic.name, topic.partitions)
            if letters := topic.fields.get("dead_letter"):
                self.ledger.make(str(letters), topic.partitions)
        self.transactions: dict[str, Transactions] = {}
        self.readers = {
            each.name: readers.Reader(
                bootstrap,
                self.ledger,
                each.name,
                each.topic,
                readers.Pace(commits_every=each.reads.get("commits_every", 1.0)),
                each.reads.get("assigned", ()),
                each.reads.get("protocol", "classic"),
            )
            for each in self.story.groups
        }

    def remember(self, past: Past) -> None:
        """What was written before the beginning is in the topics."""
        for topic in TRAFFIC:
            times = past.times(topic)
            self.writer.batch(topic, len(times), times=times)
        self.writer.flush()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Everybody writes and reads, until the block ends."""
        self.ledger.began = time.time()
        for topic in self.story.topics:
            if topic.rate:
                self.writer.flow(topic.name, topic.rate, topic.partitions)
        for topic in self.story.topics:
            if topic.name.startswith("tx"):
                timeout = 30 if "hung" in topic.name else 60
                self.transactions[topic.name] = Transactions(self.brokers.bootstrap, self.ledger, topic.name, timeout)
        for reader in self.readers.values():
            reader.start()
        watch = threading.Thread(target=self._watch, daemon=True)
        watch.start()
        try:
            yield
        finally:
            self._end(watch)

    def _end(self, watch: threading.Thread) -> None:
        self._over.set()
        for reader in self.readers.values():
            reader.stop()
        for reader in self.readers.values():
            reader.join()
        for each in self.transactions.values():
            each.close()
        self.writer.close()
        watch.join(10)

    def play(self, length: float, progress: Callable[[str], None]) -> None:
        """The events, each in a thread of its own, and the rest of the time."""
        threads = []
        for event in self.story.events:
            self._wait(event.at)
            progress(f"{event.at:6.0f} s  {event.what} {' '.join(map(str, event.arguments))}")
            threads.append(threading.Thread(target=self._happen, args=(event.what, event.arguments), daemon=True))
            threads[-1].start()
        self._wait(length)
        for thread in threads:
            thread.join(30)

    def _wait(self, seconds: float) -> None:
        time.sleep(max(0.0, self.ledger.began + seconds - time.time()))

    def _happen(self, what: str, arguments: tuple[Any, ...]) -> None:
        try:
            getattr(self, what)(*arguments)
        except Exception as error:  # the others go on; it is told at the end
            self.failures.append(f"{what} {arguments}: {type(error).__name__}: {error}")

    def _watch(self) -> None:
        """Where the log of the topic begins whose messages expire."""
        admin: Any = KafkaAdminClient(bootstrap_servers=self.brokers.bootstrap.split(","))
        asked = {Place(EXPIRES, number): OffsetSpec.EARLIEST for number in range(3)}
        while not self._over.wait(1):
            try:
                for place, found in admin.list_partition_offsets(asked).items():
                    self.ledger.start(place.topic, place.partition, found.offset, time.time())
            except Exception:  # a broker is down; the next look is in a second
                continue
        admin.close()

    def stop(self, group: str) -> None:
        """A group ends."""
        self.readers[group].stop()

    def start(self, group: str) -> None:
        """It runs again."""
        self.readers[group].join()
        self.readers[group].start()

    def pace(self, group: str, rate: float) -> None:
        """It reads so many messages a second."""
        self.readers[group].pace.rate = rate

    def leave(self, group: str, partition: int) -> None:
        """It commits that partition no more."""
        self.readers[group].pace.leaves = frozenset({partition})

    def rewind(self, group: str) -> None:
        """It is set back to the first message."""
        self.readers[group].rewind()

    def flow(self, topic: str, rate: float) -> None:
        """So many messages a second."""
        self.writer.flow(topic, rate)

    def batch(self, topic: str, count: int, partitions: int = 3) -> None:
        """So many at once."""
        self.writer.batch(topic, count, partitions)

    def end(self, topic: str, how: Any) -> None:
        """The last transaction."""
        self.transactions[topic].close(how)

    def purge(self, topic: str) -> None:
        """Everything in it is deleted, and nothing more is written."""
        self.writer.flow(topic, 0)
        self.writer.flush()
        places = [TopicPartition(topic, number, -1) for number in range(3)]
        for place, future in self.admin.delete_records(places).items():
            self.ledger.start(topic, place.partition, future.result(30).low_watermark, time.time())

    def recreate(self, topic: str) -> None:
        """It is deleted, and made again."""
        rate = self.writer.flows[topic].rate
        self.writer.flow(topic, 0)
        self.writer.flush()
        self.admin.delete_topics([topic])[topic].result(30)
        time.sleep(2)
        self.ledger.make(topic, 3, time.time())
        made = NewTopic(topic, 3, 3, config={"message.timestamp.type": "LogAppendTime"})
        self.admin.create_topics([made])[topic].result(30)
        time.sleep(1)
        self.writer.flow(topic, rate)

    def grow(self, topic: str, partitions: int) -> None:
        """It gets partitions, and messages in them."""
        self.admin.create_partitions([NewPartitions(topic, partitions)])[topic].result(30)
        self.ledger.grow(topic, partitions, time.time())
        time.sleep(2)
        self.writer.flow(topic, self.writer.flows[topic].rate, partitions)

    def delete_group(self, group: str) -> None:
        """It ends, and its offsets are deleted."""
        self.readers[group].stop()
        self.readers[group].join()
        admin: Any = KafkaAdminClient(bootstrap_servers=self.brokers.bootstrap.split(","))
        asked = time.time()  # a scrape may find it gone before the answer is here
        admin.delete_groups([group])
        self.ledger.gone[group] = asked
        admin.close()

    def hurt(self, exporter: str, fault: Fault, seconds: float) -> None:
        """A fault of an exporter, for so long."""
        self.exporters[exporter].hurt(fault, seconds)

    def hide(self, topic: str) -> None:
        """All exporters leave a topic out from now on."""
        for exporter in self.exporters.values():
            exporter.hidden = exporter.hidden | {topic}

    def apply(self, group: str, lag: str) -> None:
        """The files say another lag for a group."""
        self.repositories.set_lag(group, lag)

    def switch(self) -> None:
        """One of the clusters gets the other layout."""
        self.repositories.switch()

    def kill(self, broker: int) -> None:
        """SIGKILL."""
        sandbox.kill(self.brokers, broker)

    def revive(self, broker: int) -> None:
        """It starts again."""
        sandbox.start(self.brokers, broker)
