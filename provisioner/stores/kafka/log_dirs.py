"""What topics take on the brokers' disks, replica by replica, and what is free there.

Each broker is asked for its own part (DescribeLogDirs, with DESCRIBE on the cluster). One that does not answer is a gap
and no failure: the others' parts are known all the same.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from provisioner import trace
from provisioner.stores.kafka import kafka_python
from provisioner.stores.kafka.connection import Connection

BATCH_TOPICS = 500
"""How many topics one question names."""

AT_ONCE = 8
"""Brokers that are asked at a time."""

NO_RIGHT = "no right"
LATE = "no answer"
OFFLINE = "a log dir is offline"
DOWN = "broker offline"
NOT_SAID = "no broker has it"
UNITS = ("B", "kB", "MB", "GB", "TB", "PB")

Partition = tuple[str, int]
Asked = Mapping[str, Sequence[int]]
"""Topic -> its partitions."""


@dataclass(frozen=True, slots=True)
class LogDir:
    """A folder of one broker, and its volume in bytes; None where the broker is older than 3.3 and does not say."""

    broker: int
    path: str
    total: int | None
    usable: int | None


@dataclass(frozen=True, slots=True)
class LogDirs:
    """What the brokers said. `replicas`: partition -> the brokers that have it, by the cluster's metadata; `sizes`:
    partition -> broker -> bytes of its replica there; `gaps`: broker -> why its part is not known, or not all of it.
    """

    replicas: Mapping[Partition, Sequence[int]] = field(default_factory=dict)
    sizes: Mapping[Partition, Mapping[int, int]] = field(default_factory=dict)
    dirs: Sequence[LogDir] = ()
    gaps: Mapping[int, str] = field(default_factory=dict)

    def words(self, name: str) -> str:
        """`3.1 GB on disk, 3 replicas`: a topic's sum over all replicas; where one is not known, at least that."""
        parts = {at: brokers for at, brokers in self.replicas.items() if at[0] == name}
        known = [size for at in parts for size in self.sizes.get(at, {}).values()]
        pairs = [(at, broker) for at, brokers in parts.items() for broker in brokers]
        unknown = [broker for at, broker in pairs if broker not in self.sizes.get(at, {})]
        why = next((self.gaps[broker] for broker in unknown if broker in self.gaps), NOT_SAID)
        if not known:
            return f"size not known: {why}"
        if unknown:
            return f"at least {rounded(sum(known))} on disk, {_replicas(len(unknown))} not known: {why}"
        return f"{rounded(sum(known))} on disk, {_replicas(max(map(len, parts.values())))}"


def _replicas(count: int) -> str:
    return "1 replica" if count == 1 else f"{count} replicas"


@dataclass(slots=True)
class _Part:
    """One broker's answers so far."""

    broker: int
    sizes: dict[Partition, int] = field(default_factory=dict)
    dirs: dict[str, LogDir] = field(default_factory=dict)
    gap: str = ""


def log_dirs(connection: Connection, names: Sequence[str]) -> LogDirs:
    """The replicas of these topics, and every log dir; with no names the log dirs alone.

    Bounded: each answer by `timeouts.read`, all of them by `timeouts.usage`. Raises UnreachableError only where the
    cluster's metadata cannot be had.
    """
    metadata = connection.listing()
    topics = {name: metadata.topics[name].partitions for name in names if name in metadata.topics}
    replicas = {(name, at): list(one.replicas) for name, those in topics.items() for at, one in those.items()}
    live = sorted(metadata.brokers)
    down = {broker: DOWN for brokers in replicas.values() for broker in brokers if broker not in live}
    asked = {name: sorted(those) for name, those in topics.items()}
    try:
        with kafka_python.admin(connection) as admin, ThreadPoolExecutor(AT_ONCE) as pool:
            deadline = time.monotonic() + connection.timeouts.usage
            parts = list(pool.map(lambda broker: _part(connection, admin, broker, asked, deadline), live))
    except kafka_python.NoClientError as error:
        return LogDirs(replicas, gaps={**down, **dict.fromkeys(live, str(error))})
    return _together(replicas, parts, down)


def _part(connection: Connection, admin: Any, broker: int, asked: Asked, deadline: float) -> _Part:
    """What one broker says; with the first answer that is missing it is asked no more."""
    from kafka.errors import KafkaError

    part = _Part(broker)
    for batch in _batches(asked):
        if time.monotonic() > deadline:
            part.gap = LATE
            break
        try:
            with trace.asked(connection.bootstrap, f"describe_log_dirs of broker {broker}"):
                (answer,) = admin.describe_log_dirs(batch, brokers=[broker])
            _take(part, answer["log_dirs"])
        except (KafkaError, OSError, ValueError, AttributeError, TypeError, KeyError):
            part.gap = LATE
        if part.gap:
            break
    return part


def _batches(asked: Asked) -> Iterator[dict[str, Sequence[int]]]:
    """At least one, which tells of the log dirs."""
    rows = list(asked.items())
    for at in range(0, max(1, len(rows)), BATCH_TOPICS):
        yield dict(rows[at : at + BATCH_TOPICS])


def _take(part: _Part, answered: Sequence[Mapping[str, Any]]) -> None:
    # A broker has one log dir at least: to whoever may not ask, Kafka answers with none.
    part.gap = "" if answered else NO_RIGHT
    for each in answered:
        if each["error_code"]:
            part.gap = OFFLINE
            continue
        volume = (each.get(word) for word in ("total_bytes", "usable_bytes"))
        total, usable = (size if size is not None and size >= 0 else None for size in volume)
        part.dirs[each["log_dir"]] = LogDir(part.broker, each["log_dir"], total, usable)
        for topic in each["topics"]:
            for partition in topic["partitions"]:
                # A replica on its way to another log dir is there twice for as long; it counts once.
                if not partition["is_future_key"]:
                    part.sizes[topic["name"], partition["partition_index"]] = partition["partition_size"]


def _together(replicas: Mapping[Partition, Sequence[int]], parts: Sequence[_Part], down: Mapping[int, str]) -> LogDirs:
    sizes: dict[Partition, dict[int, int]] = {}
    for part in parts:
        for partition, size in part.sizes.items():
            sizes.setdefault(partition, {})[part.broker] = size
    dirs = [each for part in parts for each in part.dirs.values()]
    return LogDirs(replicas, sizes, dirs, {**down, **{part.broker: part.gap for part in parts if part.gap}})


def rounded(size: int) -> str:
    """`3.1 GB`, `512 B`: for the eye."""
    value, unit = float(size), UNITS[0]
    for unit in UNITS:
        if value < 999.5 or unit == UNITS[-1]:
            break
        value /= 1000
    return f"{size} B" if unit == UNITS[0] else f"{value:.1f} {unit}" if value < 99.95 else f"{value:.0f} {unit}"
