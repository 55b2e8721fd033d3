"""What becomes of replicas, second by second: by kafka-python's word, and by the files in the brokers' folders."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from kafka.errors import KafkaError

from provisioner.sandbox import Sandbox

Key = tuple[str, int]
"""Topic and number of a partition."""
Copy = tuple[str, int, int]
"""Topic, number, broker."""

Setting = tuple[str, str, str]
"""`broker` or `topic`, its name, the key of a config."""

PAUSE = 0.7
ERRORS = (KafkaError, OSError, ValueError, AttributeError, TypeError, KeyError, RuntimeError)
THROTTLES = {
    "broker": ("leader.replication.throttled.rate", "follower.replication.throttled.rate"),
    "topic": ("leader.replication.throttled.replicas", "follower.replication.throttled.replicas"),
}


@dataclass(frozen=True)
class Row:
    """A partition; `adding`: on their way in."""

    replicas: tuple[int, ...]
    isr: frozenset[int]
    leader: int
    adding: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Sample:
    """One look; `moving`: every reassignment that runs, of these topics and others, with what it adds."""

    at: float
    rows: Mapping[Key, Row]
    moving: Mapping[Key, frozenset[int]]


def ask(brokers: Sandbox, question: Callable[[KafkaAdminClient], Any], seconds: float = 60) -> Any:
    """By a new client, and by another one after an error: it never forgets a controller that died."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            live = [f"127.0.0.1:{each.ports.client}" for each in brokers.nodes if brokers.alive(each.number)]
            with contextlib.closing(KafkaAdminClient(bootstrap_servers=live, bootstrap_timeout_ms=5000)) as client:
                return question(client)
        except ERRORS:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def sample(client: KafkaAdminClient, names: list[str]) -> Sample:
    """Raises KafkaError and others of its kind."""
    moving = {
        (at.topic, at.partition): frozenset(each["adding_replicas"])
        for at, each in client.list_partition_reassignments(None).items()
    }
    rows = {
        (topic["name"], each["partition_index"]): Row(
            tuple(each["replica_nodes"]),
            frozenset(each["isr_nodes"]),
            each["leader_id"],
            moving.get((topic["name"], each["partition_index"]), frozenset()),
        )
        for topic in client.describe_topics(names)
        for each in topic["partitions"]
    }
    return Sample(time.monotonic(), rows, moving)


def throttles(brokers: Sandbox, names: list[str]) -> dict[Setting, str]:
    """What is set on brokers that live and on these topics: kind, name and key -> value."""
    live = [str(node.number) for node in brokers.nodes if brokers.alive(node.number)]
    kinds = {"broker": (ConfigResourceType.BROKER, live), "topic": (ConfigResourceType.TOPIC, names)}

    def question(client: KafkaAdminClient) -> dict[Setting, str]:
        found = dict[Setting, str]()
        for word, (kind, each) in kinds.items():
            answer = client.describe_configs([ConfigResource(kind, name) for name in each]).get(word, {})
            for name, configs in answer.items():
                keys = [key for key in THROTTLES[word] if key in configs and configs[key]["value"]]
                found |= {(word, str(name), key): configs[key]["value"] for key in keys}
        return found

    return dict(ask(brokers, question))


def gone(brokers: Sandbox, number: int, seconds: float = 60) -> None:
    """Wait until a broker that was killed is one no more for the others."""
    deadline = time.monotonic() + seconds
    while number in ask(
        brokers,
        lambda client: {each["broker_id"] for each in client.describe_cluster()["brokers"] if not each["is_fenced"]},
    ):
        if time.monotonic() > deadline:
            raise AssertionError(f"broker {number} is still there after {seconds:.0f} s")
        time.sleep(0.5)


def sizes(brokers: Sandbox, names: list[str]) -> dict[Copy, int]:
    """The bytes of the log of each replica that has a folder, whether its broker lives or not."""
    found = {}
    for node in brokers.nodes:
        for folder in (brokers.home(node.number) / "data").glob(f"{names[0].split('.')[0]}*"):
            topic, _, number = folder.name.rpartition("-")
            # One that goes is renamed first, with an ending of its own.
            if topic in names and number.isdecimal():
                with contextlib.suppress(FileNotFoundError):
                    found[topic, int(number), node.number] = sum(each.stat().st_size for each in folder.glob("*.log"))
    return found


@dataclass
class Witness:
    """Looks on until it is stopped. `grown`: bytes that came to each replica's log; `resets`: that lost some."""

    brokers: Sandbox
    names: list[str]
    samples: list[Sample] = field(default_factory=list)
    grown: Counter[Copy] = field(default_factory=Counter)
    resets: Counter[Copy] = field(default_factory=Counter)
    last: dict[Copy, int] = field(default_factory=dict)
    seen: set[Copy] = field(default_factory=set)
    _over: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Sizes that are there now count for nothing."""
        self.last = sizes(self.brokers, self.names)
        self.seen = set(self.last)
        for watch in (self._disks, self._placements):
            self._threads.append(threading.Thread(target=watch, daemon=True))
            self._threads[-1].start()

    def stop(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(60)
        self._measure()

    def _disks(self) -> None:
        while not self._over.wait(PAUSE):
            self._measure()

    def _measure(self) -> None:
        now = sizes(self.brokers, self.names)
        for copy, size in now.items():
            self.grown[copy] += max(0, size - self.last.get(copy, 0))
            self.resets[copy] += size < self.last.get(copy, 0)
        self.resets.update(copy for copy in self.last if copy not in now and self.last[copy])
        self.seen |= set(now)
        self.last = now

    def _placements(self) -> None:
        while not self._over.is_set():
            with contextlib.suppress(*ERRORS):
                ask(self.brokers, self._look_on, 0)

    def _look_on(self, client: KafkaAdminClient) -> None:
        while not self._over.wait(PAUSE):
            self.samples.append(sample(client, self.names))

    def copied(self) -> Iterator[tuple[Copy, int]]:
        """Bytes that came so far."""
        yield from list(self.grown.items())
