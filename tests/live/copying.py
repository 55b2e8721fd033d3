"""What a copy of replicas does to a cluster, seen by a client that shares no code with ours: bytes, leaders, places."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kafka.admin import KafkaAdminClient

Replica = tuple[str, int, int]
"""Topic, partition, broker."""

Partition = tuple[str, int]


@dataclass(frozen=True)
class Sample:
    """One look. `at`: seconds of the monotonic clock; `sizes` of every replica in a log dir; `leaders`."""

    at: float
    sizes: Mapping[Replica, int]
    leaders: Mapping[Partition, int]


@dataclass
class Sampler:
    """Looks about each second while it is entered."""

    bootstrap: str
    topics: Sequence[str]
    samples: list[Sample] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    @contextlib.contextmanager
    def looking(self) -> Iterator[Sampler]:
        admin = KafkaAdminClient(bootstrap_servers=self.bootstrap.split(","))
        thread = threading.Thread(target=self._look, args=(admin,), daemon=True)
        self.samples.append(self._sample(admin))
        thread.start()
        try:
            yield self
        finally:
            self._over.set()
            thread.join(30)
            self.samples.append(self._sample(admin))
            admin.close()

    def _look(self, admin: Any) -> None:
        while not self._over.wait(0.8):
            self.samples.append(self._sample(admin))

    def _sample(self, admin: Any) -> Sample:
        leaders = {
            (topic["name"], each["partition_index"]): each["leader_id"]
            for topic in admin.describe_topics(list(self.topics))
            for each in topic["partitions"]
        }
        sizes: dict[Replica, int] = {}
        asked = {name: [number for topic, number in leaders if topic == name] for name in self.topics}
        for answer in admin.describe_log_dirs(asked):
            for place in answer["log_dirs"]:
                for topic in place["topics"]:
                    for each in topic["partitions"]:
                        key = (topic["name"], each["partition_index"], answer["broker"])
                        sizes[key] = each["partition_size"]
        return Sample(time.monotonic(), sizes, leaders)

    def grown(self) -> Iterator[tuple[float, Replica, int]]:
        """When, of which replica, by how many bytes; what shrank and grew again counts again."""
        for before, after in zip(self.samples, self.samples[1:], strict=False):
            for replica, size in after.sizes.items():
                if (more := size - before.sizes.get(replica, 0)) > 0:
                    yield after.at, replica, more

    def fastest(self, flows: Mapping[Replica, Sequence[str]], seconds: float) -> dict[str, float]:
        """By flow (a broker's way in, or out): the most bytes a second over any so many seconds."""
        rows: dict[str, list[tuple[float, int]]] = defaultdict(list)
        for at, replica, more in self.grown():
            for flow in flows.get(replica, ()):
                rows[flow].append((at, more))
        ends = [sample.at for sample in self.samples]
        found: dict[str, float] = {}
        for flow, each in rows.items():
            windows = ((end - seconds, end) for end in ends if end - ends[0] >= seconds)
            found[flow] = max(
                (sum(more for at, more in each if since < at <= end) / seconds for since, end in windows), default=0
            )
        return found
