"""kafka_exporter's and KMinion's words for the same offsets, served to Prometheus; with faults that were measured."""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from tests.live_alerts.listening import Quiet, listening
from tests.live_alerts.offsets import Offsets, Reader
from tests.recorded.exporters import series

Fault = Literal["silent", "partial", "late ends"]
"""No answer; a broker's partitions and a third of the groups missing beside a 200; log ends of two scrapes ago."""
NAMES = ("kafka_exporter", "kminion")
Sample = tuple[str, Mapping[str, str], int]


@dataclass
class Exporter:
    """One exporter. `faults`: until when (seconds of the monotonic clock); `hidden`: topics that it leaves out."""

    name: str
    reader: Reader
    faults: dict[Fault, float] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    past: deque[Offsets] = field(default_factory=lambda: deque(maxlen=3))
    failures: list[str] = field(default_factory=list)

    def hurt(self, fault: Fault, seconds: float) -> None:
        """From now on, for so long."""
        self.faults[fault] = time.monotonic() + seconds

    def has(self, fault: Fault) -> bool:
        """Whether it has it now."""
        return time.monotonic() < self.faults.get(fault, 0)

    def text(self) -> str:
        """What a scrape gets. Raises ConnectionError while it is silent, and what the brokers' client raises."""
        if self.has("silent"):
            raise ConnectionError("silent on request")
        offsets = self.reader.read()
        self.past.append(offsets)
        return spoken(self.name, self._faulty(offsets))

    def _faulty(self, offsets: Offsets) -> Offsets:
        if self.has("late ends"):
            offsets = offsets.with_ends(self.past[0])
        if not self.has("partial"):
            return offsets.without(self.hidden, None, frozenset())
        leader = max(log.leader for log in offsets.logs.values())
        return offsets.without(self.hidden, leader, frozenset(sorted(offsets.committed)[::3]))


def spoken(name: str, offsets: Offsets) -> str:
    """In the exporter's own names, as a scrape reads them."""
    tell = {"kafka_exporter": _kafka_exporter, "kminion": _kminion}[name]
    return "".join(f"{series(metric, _escaped(labels))} {value}\n" for metric, labels, value in tell(offsets))


def _escaped(labels: Mapping[str, str]) -> dict[str, str]:
    return {label: value.replace("\\", "\\\\").replace('"', '\\"') for label, value in labels.items()}


def _kafka_exporter(offsets: Offsets) -> Iterator[Sample]:
    for (topic, partition), log in offsets.logs.items():
        where = {"topic": topic, "partition": str(partition)}
        yield "kafka_topic_partition_current_offset", where, log.end
        yield "kafka_topic_partition_oldest_offset", where, log.start
        yield "kafka_topic_partition_leader", where, log.leader
        yield "kafka_topic_partition_replicas", where, log.replicas
        yield "kafka_topic_partition_in_sync_replica", where, log.in_sync
        yield "kafka_topic_partition_under_replicated_partition", where, int(log.in_sync < log.replicas)
    for group, committed in offsets.committed.items():
        topics = {topic for topic, _ in committed}
        yield "kafka_consumergroup_members", {"consumergroup": group}, offsets.members.get(group) or 0
        for (topic, partition), log in offsets.logs.items():
            if topic in topics:  # of a partition that the group never committed it says -1
                at = committed.get((topic, partition), -1)
                where = {"topic": topic, "partition": str(partition), "consumergroup": group}
                yield "kafka_consumergroup_current_offset", where, at
                yield "kafka_consumergroup_lag", where, log.end - at if at >= 0 else -1


def _kminion(offsets: Offsets) -> Iterator[Sample]:
    for (topic, partition), log in offsets.logs.items():
        where = {"topic_name": topic, "partition_id": str(partition)}
        yield "kminion_kafka_topic_partition_high_water_mark", where, log.end
        yield "kminion_kafka_topic_partition_low_water_mark", where, log.start
    for group, committed in offsets.committed.items():
        if (members := offsets.members.get(group)) is not None:
            yield "kminion_kafka_consumer_group_members", {"group_id": group}, members
        for (topic, partition), at in committed.items():
            if (topic, partition) in offsets.logs:
                lag = max(0, offsets.logs[topic, partition].end - at)
                where = {"topic_name": topic, "partition_id": str(partition), "group_id": group}
                yield "kminion_kafka_consumer_group_topic_partition_lag", where, lag


@contextlib.contextmanager
def served(exporters: Mapping[str, Exporter]) -> Iterator[int]:
    """The port at which `/NAME` is each exporter's page, until the block ends."""

    class Page(Quiet):
        def do_GET(self) -> None:
            exporter = exporters[self.path.strip("/")]
            try:
                text = exporter.text()
            except Exception as error:  # an exporter answers with an error and lives on
                exporter.failures += [] if exporter.has("silent") else [f"{type(error).__name__}: {error}"]
                self.answer(503, str(error))
            else:
                self.answer(200, text)

    with listening(Page) as port:
        yield port
