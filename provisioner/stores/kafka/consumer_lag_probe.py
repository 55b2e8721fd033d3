"""`python -P consumer_lag_probe.py`: who reads and writes some topics. It joins no group, and imports nothing of ours.

In: {"settings": librdkafka's, "topics": [names], "seconds": {"answer": for one answer of the cluster, "grace": more
of them for the answers of all brokers, "groups": for all groups together, "rate": how long messages are counted}}.
Out: {"unread_groups": groups that it had no time to ask about, "silent_brokers": brokers that did not list their
groups, "topics": {name: {"per_second": messages, "newest_seconds": age of the newest record or null,
"silent_partitions": those of which no age is known, "groups": [{"group", "connected": a member is, "unread": messages,
"behind_seconds": age of the oldest unread message or null}]}}}.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from confluent_kafka import OFFSET_INVALID, Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

NAME = "provisioner-consumer-lag-probe"
"""Its client id, and the group in whose name it reads messages: what operators see in their logs."""

AT_ONCE = 8
EMPTY = -1
WITHOUT_MEMBERS = frozenset({"EMPTY", "DEAD", "UNKNOWN"})

Partition = tuple[str, int]
Offsets = dict[Partition, int]


@dataclass(frozen=True)
class Reader:
    """A group, whether it has members, and what it has committed."""

    group: str
    connected: bool
    committed: Offsets


@dataclass
class Probe:
    """One look at a cluster. `answer`, `grace`, `groups`, `rate`: its seconds, as in the question."""

    settings: Mapping[str, Any]
    answer: float
    grace: float
    groups: float
    rate: float
    admin: AdminClient = field(init=False)
    deadline: float = field(init=False)

    def __post_init__(self) -> None:
        # The client must outlive its futures, or a listing is empty without a word.
        self.admin = AdminClient({**self.settings, "client.id": NAME, "log_level": 0})
        self.deadline = time.monotonic() + self.groups

    def look(self, names: Sequence[str]) -> dict[str, Any]:
        """The answer, for those of the topics that exist."""
        partitions = list(self._partitions(names))
        newest, began, first = self._newest(partitions), time.monotonic(), self._ends(partitions)
        groups, silent = self._groups()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            asked = list(pool.map(lambda group: self._reader(group, first), groups))
            readers = [reader for reader in asked if reader is not None]
            described = list(pool.map(lambda one: (one[0], self._group(one[1], first)), _by_topic(readers)))
        time.sleep(max(0.0, began + self.rate - time.monotonic()))
        seconds, last = time.monotonic() - began, self._ends(partitions)
        topics = {
            name: {
                "per_second": round(sum(last.get(at, end) - end for at, end in _of(first, name).items()) / seconds, 1),
                "newest_seconds": min((age for age in _of(newest, name).values() if age != EMPTY), default=None),
                "silent_partitions": sum(at[0] == name and at not in newest for at in partitions),
                "groups": [group for topic, group in described if topic == name],
            }
            for name in {name for name, _ in partitions}
        }
        return {"unread_groups": len(asked) - len(readers), "silent_brokers": silent, "topics": topics}

    def _partitions(self, names: Sequence[str]) -> Iterator[Partition]:
        topics = self.admin.list_topics(timeout=self.answer).topics
        return ((name, number) for name in names if name in topics for number in topics[name].partitions)

    def _ends(self, partitions: Sequence[Partition]) -> Offsets:
        latest = OffsetSpec.latest()  # type: ignore[no-untyped-call]
        return {at: listed.offset for at, listed in self._listed(partitions, latest)}

    def _newest(self, partitions: Sequence[Partition]) -> Offsets:
        """The age of each partition's newest record, in seconds (ListOffsets by the largest timestamp: Kafka 3.0)."""
        now = time.time()
        offsets = self._listed(partitions, OffsetSpec.max_timestamp())  # type: ignore[no-untyped-call]
        return {at: EMPTY if each.timestamp < 0 else max(0, int(now - each.timestamp / 1000)) for at, each in offsets}

    def _listed(self, partitions: Sequence[Partition], spec: OffsetSpec) -> Iterator[tuple[Partition, Any]]:
        """One call for all partitions; one without a leader has no answer."""
        asked = {TopicPartition(*at): spec for at in partitions}
        for partition, future in self.admin.list_offsets(asked, request_timeout=self.answer).items() if asked else ():
            try:
                yield (partition.topic, partition.partition), future.result(self.answer)
            except (KafkaException, TimeoutError):
                continue

    def _groups(self) -> tuple[list[Any], int]:
        """The groups, those with members first, and how many brokers did not list theirs."""
        future = self.admin.list_consumer_groups(request_timeout=self.answer)
        listed: Any = future.result(self.answer + self.grace)
        others = [group for group in listed.valid if group.group_id != NAME]
        return sorted(others, key=lambda group: not _has_members(group)), len(listed.errors)

    def _reader(self, group: Any, ends: Offsets) -> Reader | None:
        """The group's offsets; None: no time or no answer.

        By `Consumer.committed`, as the admin client's call can abort the process.
        """
        if time.monotonic() > self.deadline:
            return None
        consumer = self._consumer(group.group_id)
        try:
            answers = consumer.committed([TopicPartition(*at) for at in ends], timeout=self.answer)
        except KafkaException:
            return None
        finally:
            consumer.close()
        known = [each for each in answers if each.offset >= 0 and each.offset != OFFSET_INVALID]
        committed = {(each.topic, each.partition): each.offset for each in known}
        return Reader(group.group_id, _has_members(group), committed)

    def _consumer(self, group: str) -> Consumer:
        own = {"client.id": NAME, "group.id": group, "enable.auto.commit": False, "log_level": 0}
        return Consumer({**self.settings, **own})

    def _group(self, reader: Reader, ends: Offsets) -> dict[str, Any]:
        unread = {at: offset for at, offset in reader.committed.items() if offset < ends[at]}
        return {
            "group": reader.group,
            "connected": reader.connected,
            "unread": sum(ends[at] - offset for at, offset in unread.items()),
            "behind_seconds": self._age(unread) if unread else 0,
        }

    def _age(self, unread: Offsets) -> int | None:
        """The age of the oldest unread message, by its timestamp; None where no message came in time."""
        if time.monotonic() > self.deadline:
            return None
        consumer = self._consumer(NAME)
        try:
            consumer.assign([TopicPartition(*at, offset) for at, offset in unread.items()])
            oldest = min(self._timestamps(consumer, len(unread)), default=None)
        finally:
            consumer.close()
        return None if oldest is None else max(0, int(time.time() - oldest / 1000))

    def _timestamps(self, consumer: Consumer, partitions: int) -> Iterator[int]:
        """The first message of each partition, as far as they come in time; milliseconds."""
        deadline, read = time.monotonic() + self.answer, set[int | None]()
        while len(read) < partitions and time.monotonic() < deadline:
            message = consumer.poll(0.2)
            if message is None or message.error() or message.partition() in read:
                continue
            read.add(message.partition())
            yield message.timestamp()[1]


def _has_members(group: Any) -> bool:
    return group.state is not None and group.state.name not in WITHOUT_MEMBERS


def _by_topic(readers: Sequence[Reader]) -> list[tuple[str, Reader]]:
    """Each group once for every topic that it reads."""
    pairs = [(name, reader) for reader in readers for name in {name for name, _ in reader.committed}]
    return [(name, replace(reader, committed=_of(reader.committed, name))) for name, reader in pairs]


def _of(offsets: Offsets, name: str) -> Offsets:
    return {at: offset for at, offset in offsets.items() if at[0] == name}


def main() -> None:
    """Read the question, answer it."""
    question = json.load(sys.stdin)
    json.dump(Probe(question["settings"], **question["seconds"]).look(question["topics"]), sys.stdout)


if __name__ == "__main__":
    main()
