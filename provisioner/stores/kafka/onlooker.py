"""`python -P onlooker.py`: who reads and writes some topics. It joins no group, and imports nothing of ours.

In: {"settings": librdkafka's, "topics": [names]}. Out: {name: {"per_second": messages, "groups": [{"group", "state",
"unread": messages, "behind_seconds": age of the oldest unread message or null}]}}.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from confluent_kafka import OFFSET_INVALID, Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient

SECONDS = 5
MEASURED_SECONDS = 1.0
MOST_GROUPS = 100
ONLOOKER = "provisioner-onlooker"

Settings = Mapping[str, Any]
Ends = dict[tuple[str, int], int]


def main() -> None:
    """Read the question, answer it."""
    question = json.load(sys.stdin)
    json.dump(told(question["settings"], question["topics"]), sys.stdout)


def told(settings: Settings, names: Sequence[str]) -> dict[str, Any]:
    """The answer, for the topics that exist."""
    consumer = _consumer(settings, ONLOOKER)
    partitions = list(_partitions(consumer, names))
    began, first = time.monotonic(), _ends(consumer, partitions)
    groups = [(group, _read(settings, group.group_id, first)) for group in _groups(settings)]
    time.sleep(max(0.0, began + MEASURED_SECONDS - time.monotonic()))
    seconds, last = time.monotonic() - began, _ends(consumer, partitions)
    return {
        name: {
            "per_second": round(sum(last[at] - first[at] for at in first if at[0] == name) / seconds, 1),
            "groups": [_group(settings, group, _of(read, name), first) for group, read in groups if _of(read, name)],
        }
        for name in {name for name, _ in partitions}
    }


def _consumer(settings: Settings, group: str) -> Consumer:
    return Consumer({**settings, "group.id": group, "enable.auto.commit": False, "log_level": 0})


def _partitions(consumer: Consumer, names: Sequence[str]) -> Iterator[tuple[str, int]]:
    topics = consumer.list_topics(timeout=SECONDS).topics
    return ((name, number) for name in names if name in topics for number in topics[name].partitions)


def _ends(consumer: Consumer, partitions: Sequence[tuple[str, int]]) -> Ends:
    return {at: consumer.get_watermark_offsets(TopicPartition(*at), timeout=SECONDS)[1] for at in partitions}


def _groups(settings: Settings) -> list[Any]:
    # The client must outlive its future, or the list is empty without a word.
    admin = AdminClient({**settings, "log_level": 0})
    listed: Any = admin.list_consumer_groups(request_timeout=SECONDS)
    return [group for group in listed.result(SECONDS + 5).valid if group.group_id != ONLOOKER][:MOST_GROUPS]


def _read(settings: Settings, group: str, ends: Ends) -> Ends:
    """What the group has committed. `Consumer.committed` and not the admin's call, which can abort the process."""
    consumer = _consumer(settings, group)
    try:
        answers = consumer.committed([TopicPartition(*at) for at in ends], timeout=SECONDS)
    except KafkaException:
        return {}
    finally:
        consumer.close()
    return {(a.topic, a.partition): a.offset for a in answers if a.offset >= 0 and a.offset != OFFSET_INVALID}


def _of(read: Ends, name: str) -> Ends:
    return {at: offset for at, offset in read.items() if at[0] == name}


def _group(settings: Settings, group: Any, read: Ends, ends: Ends) -> dict[str, Any]:
    unread = {at: offset for at, offset in read.items() if offset < ends[at]}
    return {
        "group": group.group_id,
        "state": group.state.name.lower() if group.state else "unknown",
        "unread": sum(ends[at] - offset for at, offset in unread.items()),
        "behind_seconds": _age(settings, unread) if unread else 0,
    }


def _age(settings: Settings, unread: Ends) -> int | None:
    """The age of the oldest unread message, by its timestamp; None where no message came in time."""
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
