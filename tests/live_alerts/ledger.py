"""What happened, by the clock of who did it: deliveries, commits and deletions. The truth comes from this alone."""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass, field

Place = tuple[str, int, int]
"""A topic, which making of it, and a partition."""


@dataclass
class Written:
    """Messages of a partition, in the order of their offsets. What was aborted is none."""

    offsets: list[int] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    def first(self, offset: int) -> float | None:
        """When the first message at or behind that offset was written."""
        at = bisect_left(self.offsets, offset)
        return self.times[at] if at < len(self.times) else None

    def between(self, since: float, until: float) -> int:
        """How many were written after `since`, up to `until`."""
        return bisect_right(self.times, until) - bisect_right(self.times, since)

    def count(self, low: int, high: int) -> int:
        """How many have an offset from `low` on, below `high`."""
        return bisect_left(self.offsets, high) - bisect_left(self.offsets, low)


@dataclass
class Steps:
    """An offset that moves: its value from each time on."""

    times: list[float] = field(default_factory=list)
    values: list[int] = field(default_factory=list)

    def add(self, when: float, value: int) -> None:
        """From `when` on it is that."""
        self.times.append(when)
        self.values.append(value)

    def at(self, when: float) -> int | None:
        """What it was then; None: there was none yet."""
        index = bisect_right(self.times, when)
        return self.values[index - 1] if index else None

    def moved(self, when: float) -> float | None:
        """When it got the value that it had then."""
        index = bisect_right(self.times, when) - 1
        while index > 0 and self.values[index - 1] == self.values[index]:
            index -= 1
        return self.times[index] if index >= 0 else None


@dataclass
class Ledger:
    """Times are seconds since the epoch. Threads append; it is read when they have ended."""

    written: dict[Place, Written] = field(default_factory=lambda: defaultdict(Written))
    commits: dict[tuple[str, Place], Steps] = field(default_factory=lambda: defaultdict(Steps))
    starts: dict[Place, Steps] = field(default_factory=lambda: defaultdict(Steps))
    made: dict[str, Steps] = field(default_factory=lambda: defaultdict(Steps))
    partitions: dict[str, Steps] = field(default_factory=lambda: defaultdict(Steps))
    gone: dict[str, float] = field(default_factory=dict)
    began: float = 0.0
    _order: threading.Lock = field(default_factory=threading.Lock)

    def make(self, topic: str, partitions: int, when: float = 0) -> None:
        """A topic is there, or there again."""
        self.made[topic].add(when, len(self.made[topic].values))
        self.partitions[topic].add(when, partitions)

    def grow(self, topic: str, partitions: int, when: float) -> None:
        """It has more partitions."""
        self.partitions[topic].add(when, partitions)

    def deliver(self, topic: str, partition: int, offset: int, when: float) -> None:
        """A message was written; it can be read. Two threads may wait for one producer, and one overtake the other."""
        place = self.written[self._place(topic, partition)]
        with self._order:
            at = bisect_left(place.offsets, offset)
            place.offsets.insert(at, offset)
            place.times.insert(at, when)

    def commit(self, group: str, topic: str, partition: int, offset: int, when: float) -> None:
        """A group noted where it goes on."""
        self.commits[group, self._place(topic, partition)].add(when, offset)

    def start(self, topic: str, partition: int, offset: int, when: float) -> None:
        """What is before that offset is deleted."""
        self.starts[self._place(topic, partition)].add(when, offset)

    def places(self, topic: str, when: float) -> list[Place]:
        """The partitions that there are then."""
        generation, count = self.made[topic].at(when), self.partitions[topic].at(when)
        return [] if generation is None else [(topic, generation, number) for number in range(count or 0)]

    def _place(self, topic: str, partition: int) -> Place:
        return topic, self.made[topic].values[-1], partition
