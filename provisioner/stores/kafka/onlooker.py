"""`python -P onlooker.py`: who reads and writes some topics. It joins no group, and imports nothing of ours.

In: {"settings": librdkafka's, "topics": [names]}. Out: {"unread_groups": groups that there was no time to ask about,
"silent_brokers": brokers that did not list their groups, "topics": {name: {"per_second": messages,
"newest_seconds": age of the newest record or null,
"silent_partitions": those of which no age is known, "groups": [{"group", "connected": a member is, "unread": messages,
"behind_seconds": age of the oldest unread message or null}]}}}.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from confluent_kafka import OFFSET_INVALID, Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

SECONDS = 5
"""For one answer of the cluster."""
LOOK_SECONDS = 20
"""For all groups together; what is not asked by then is counted."""
AT_ONCE = 8
MEASURED_SECONDS = 1.0
EMPTY = -1
ONLOOKER = "provisioner-onlooker"
WITHOUT_MEMBERS = frozenset({"EMPTY", "DEAD", "UNKNOWN"})

Settings = Mapping[str, Any]
Offsets = dict[tuple[str, int], int]


@dataclass(frozen=True)
class Reader:
    """A group, whether it has members, and what it has committed."""

    group: str
    connected: bool
    committed: Offsets


def main() -> None:
    """Read the question, answer it."""
    question = json.load(sys.stdin)
    json.dump(answer(question["settings"], question["topics"]), sys.stdout)


def answer(settings: Settings, names: Sequence[str]) -> dict[str, Any]:
    """The answer, for the topics that exist."""
    deadline = time.monotonic() + LOOK_SECONDS
    # The client must outlive its futures, or a listing is empty without a word.
    admin = AdminClient({**settings, "log_level": 0})
    partitions = list(_partitions(admin, names))
    newest, began, first = _newest(admin, partitions), time.monotonic(), _ends(admin, partitions)
    groups, silent = _groups(admin)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        asked = list(pool.map(lambda group: _reader(settings, group, first, deadline), groups))
        readers = [reader for reader in asked if reader is not None]
        described = list(pool.map(lambda one: _group(settings, one, first, deadline), _by_topic(readers)))
    time.sleep(max(0.0, began + MEASURED_SECONDS - time.monotonic()))
    seconds, last = time.monotonic() - began, _ends(admin, partitions)
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


def _partitions(admin: AdminClient, names: Sequence[str]) -> Iterator[tuple[str, int]]:
    topics = admin.list_topics(timeout=SECONDS).topics
    return ((name, number) for name in names if name in topics for number in topics[name].partitions)


def _ends(admin: AdminClient, partitions: Sequence[tuple[str, int]]) -> Offsets:
    latest = OffsetSpec.latest()  # type: ignore[no-untyped-call]
    return {at: there.offset for at, there in _listed(admin, partitions, latest)}


def _newest(admin: AdminClient, partitions: Sequence[tuple[str, int]]) -> Offsets:
    """The age of each partition's newest record, in seconds (ListOffsets by the largest timestamp: Kafka 3.0)."""
    now = time.time()
    listed = _listed(admin, partitions, OffsetSpec.max_timestamp())  # type: ignore[no-untyped-call]
    return {at: EMPTY if there.timestamp < 0 else max(0, int(now - there.timestamp / 1000)) for at, there in listed}


def _listed(
    admin: AdminClient, partitions: Sequence[tuple[str, int]], spec: OffsetSpec
) -> Iterator[tuple[tuple[str, int], Any]]:
    """One call for all partitions; one without a leader has no answer."""
    asked = {TopicPartition(*at): spec for at in partitions}
    for partition, future in admin.list_offsets(asked, request_timeout=SECONDS).items() if asked else ():
        try:
            yield (partition.topic, partition.partition), future.result(SECONDS)
        except (KafkaException, TimeoutError):
            continue


def _groups(admin: AdminClient) -> tuple[list[Any], int]:
    """The groups, those with members first, and how many brokers did not list theirs."""
    listed: Any = admin.list_consumer_groups(request_timeout=SECONDS).result(SECONDS + 5)
    others = [group for group in listed.valid if group.group_id != ONLOOKER]
    return sorted(others, key=lambda group: not _has_members(group)), len(listed.errors)


def _has_members(group: Any) -> bool:
    return group.state is not None and group.state.name not in WITHOUT_MEMBERS


def _reader(settings: Settings, group: Any, ends: Offsets, deadline: float) -> Reader | None:
    """The group's offsets; None: no time or no answer. `Consumer.committed`: the admin's call can abort the process."""
    if time.monotonic() > deadline:
        return None
    consumer = _consumer(settings, group.group_id)
    try:
        answers = consumer.committed([TopicPartition(*at) for at in ends], timeout=SECONDS)
    except KafkaException:
        return None
    finally:
        consumer.close()
    known = (each for each in answers if each.offset >= 0 and each.offset != OFFSET_INVALID)
    return Reader(group.group_id, _has_members(group), {(each.topic, each.partition): each.offset for each in known})


def _by_topic(readers: Sequence[Reader]) -> list[tuple[str, Reader]]:
    """Each group once for every topic that it reads."""
    pairs = [(name, reader) for reader in readers for name in {name for name, _ in reader.committed}]
    return [(name, replace(reader, committed=_of(reader.committed, name))) for name, reader in pairs]


def _consumer(settings: Settings, group: str) -> Consumer:
    return Consumer({**settings, "group.id": group, "enable.auto.commit": False, "log_level": 0})


def _of(offsets: Offsets, name: str) -> Offsets:
    return {at: offset for at, offset in offsets.items() if at[0] == name}


def _group(settings: Settings, one: tuple[str, Reader], ends: Offsets, deadline: float) -> tuple[str, dict[str, Any]]:
    topic, reader = one
    unread = {at: offset for at, offset in reader.committed.items() if offset < ends[at]}
    return topic, {
        "group": reader.group,
        "connected": reader.connected,
        "unread": sum(ends[at] - offset for at, offset in unread.items()),
        "behind_seconds": _age(settings, unread, deadline) if unread else 0,
    }


def _age(settings: Settings, unread: Offsets, deadline: float) -> int | None:
    """The age of the oldest unread message, by its timestamp; None where no message came in time."""
    if time.monotonic() > deadline:
        return None
    consumer = _consumer(settings, ONLOOKER)
    try:
        consumer.assign([TopicPartition(*at, offset) for at, offset in unread.items()])
        oldest = min(_timestamps(consumer, len(unread)), default=None)
    finally:
        consumer.close()
    return None if oldest is None else max(0, int(time.time() - oldest / 1000))


def _timestamps(consumer: Consumer, partitions: int) -> Iterator[int]:
    """The first message of each partition, as far as they come in time; milliseconds."""
    deadline, seen = time.monotonic() + SECONDS, set[int | None]()
    while len(seen) < partitions and time.monotonic() < deadline:
        message = consumer.poll(0.2)
        if message is None or message.error() or message.partition() in seen:
            continue
        seen.add(message.partition())
        yield message.timestamp()[1]


if __name__ == "__main__":
    main()
