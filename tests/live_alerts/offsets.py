"""What an exporter reads of three brokers at a scrape, by a client that shares no code with ours."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from kafka import TopicPartition
from kafka.admin import KafkaAdminClient, OffsetSpec
from kafka.errors import KafkaError, UnknownTopicOrPartitionError

Partition = tuple[str, int]


@dataclass(frozen=True)
class Log:
    """One partition: its offsets and its replicas."""

    start: int
    end: int
    leader: int
    in_sync: int
    replicas: int


@dataclass(frozen=True)
class Offsets:
    """One look at the brokers. `members` is None for a group of the new protocol (KIP-848)."""

    logs: Mapping[Partition, Log]
    committed: Mapping[str, Mapping[Partition, int]]
    members: Mapping[str, int | None] = field(default_factory=dict)

    def without(self, topics: frozenset[str], leader: int | None, groups: frozenset[str]) -> Offsets:
        """As an exporter tells it that leaves out topics, the partitions of a broker, and groups."""
        kept = {place: log for place, log in self.logs.items() if place[0] not in topics and log.leader != leader}
        read = {
            group: {place: at for place, at in each.items() if place in kept}
            for group, each in self.committed.items()
            if group not in groups
        }
        return Offsets(kept, read, self.members)

    def with_ends(self, before: Offsets) -> Offsets:
        """Log ends of an earlier look: an exporter that caches them."""
        old = before.logs
        return replace(
            self, logs={place: replace(log, end=old.get(place, log).end) for place, log in self.logs.items()}
        )


class Reader:
    """Reads as exporters do: where each log ends, then what the groups committed."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        self._lock = threading.Lock()
        self._admin: Any = None

    def read(self) -> Offsets:
        """Raises KafkaError where the brokers do not answer in five seconds."""
        with self._lock:
            try:
                return self._read(self._connected())
            except UnknownTopicOrPartitionError:  # a topic went while it was read
                return self._read(self._connected())
            except Exception:
                self.close()
                raise

    def close(self) -> None:
        """Its connections."""
        admin, self._admin = self._admin, None
        if admin is not None:
            admin.close()

    def _connected(self) -> Any:
        if self._admin is None:
            self._admin = KafkaAdminClient(
                bootstrap_servers=self.bootstrap.split(","), request_timeout_ms=5000, metadata_max_age_ms=5000
            )
        return self._admin

    def _read(self, admin: Any) -> Offsets:
        logs = _logs(admin)
        groups = [each["group_id"] for each in admin.list_groups() if not each["group_id"].startswith("_")]
        committed = admin.list_group_offsets(groups) if groups else {}
        read = {
            group: {(place.topic, place.partition): each.offset for place, each in of_group.items() if each.offset >= 0}
            for group, of_group in committed.items()
        }
        return Offsets(logs, read, {group: self._members(admin, group) for group in read})

    def _members(self, admin: Any, group: str) -> int | None:
        try:
            return len(admin.describe_groups([group])[group]["members"])
        except KafkaError:  # of the new protocol they answer that there is no such group
            return None


def _logs(admin: Any) -> dict[Partition, Log]:
    partitions = {
        (topic["name"], each["partition_index"]): each
        for topic in admin.describe_topics()
        if not topic["name"].startswith("_")
        for each in topic["partitions"]
        if each["leader_id"] >= 0
    }
    ask: Callable[[int], Any] = lambda spec: admin.list_partition_offsets(  # noqa: E731
        {TopicPartition(*place): spec for place in partitions}, timeout_ms=5000
    )
    starts, ends = (_by_place(ask(spec)) for spec in (OffsetSpec.EARLIEST, OffsetSpec.LATEST))
    return {
        place: Log(starts[place], ends[place], each["leader_id"], len(each["isr_nodes"]), len(each["replica_nodes"]))
        for place, each in partitions.items()
        if place in starts and place in ends
    }


def _by_place(answer: Mapping[Any, Any]) -> dict[Partition, int]:
    return {(place.topic, place.partition): each.offset for place, each in answer.items()}
