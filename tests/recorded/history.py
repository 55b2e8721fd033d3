"""What is true of one topic at each instant: simulated, not measured, so that a panel can be held against it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from tests.recorded.clock import STEP, last_scrape

NEVER = -1
"""A group that never committed in this partition."""


class State(StrEnum):
    """How a group does, in the words of a dashboard."""

    STOPPED = "stopped"
    STUCK = "partitions stuck"
    CATCHING_UP = "catching up"
    TOO_SLOW = "too slow"
    IN_TIME = "in time"


@dataclass(frozen=True)
class Band:
    """What may be shown: from the one to the other."""

    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    def widened(self, share: float = 0, by: float = 0) -> Band:
        """With a tolerance: a share of each end, and an amount."""
        return Band(self.low * (1 - share) - by, self.high * (1 + share) + by)


@dataclass(frozen=True)
class Partition:
    """Offsets at each step: the log's end and start, and how far each group has committed."""

    ends: Sequence[int]
    starts: Sequence[int]
    committed: Mapping[str, Sequence[int]]


@dataclass(frozen=True)
class History:
    """One topic from `begin` on, a state every STEP seconds; `born` is the step at which it was made (again)."""

    cluster: str
    topic: str
    begin: int
    partitions: Sequence[Partition]
    members: Mapping[str, Sequence[int]] = field(default_factory=dict)
    leaders: Sequence[Sequence[int]] = ()
    in_sync: Sequence[int] = ()
    replicas: int = 3
    born: int = 0

    @property
    def end(self) -> int:
        """The last instant."""
        return self.begin + STEP * (len(self.partitions[0].ends) - 1)

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that have read it."""
        return tuple(sorted(self.members))

    def covers(self, since: float, until: float) -> bool:
        """Whether this time lies in it, and the topic is the same one throughout."""
        born = self.begin + STEP * self.born
        return self.begin <= since and until <= self.end and not since <= born <= until

    def at(self, when: float) -> int:
        """The step that a query at this time sees: that of the last scrape."""
        return (last_scrape(when) - self.begin) // STEP

    def of(self, partition: str | None) -> Sequence[Partition]:
        """One partition, or all."""
        return self.partitions if partition is None else [self.partitions[int(partition)]]

    def unread(self, group: str, when: float, partition: str | None = None) -> int:
        """Lag in messages; what is deleted is not unread."""
        return sum(one.ends[self.at(when)] - read for one, read in self._read(group, when, partition))

    def late(self, group: str, limit: float, when: float, partition: str | None = None) -> int:
        """Messages that were there so many seconds ago, still are, and are unread."""
        then, now = self.at(when - limit), self.at(when)
        if then < self.born:
            return 0
        found = [(one, read) for one, read in self._read(group, when, partition) if one.ends[then] > one.starts[now]]
        return sum(max(0, one.ends[then] - read) for one, read in found)

    def late_partitions(self, group: str, limit: float, when: float) -> int:
        """How many partitions have late messages."""
        return sum(self.late(group, limit, when, str(at)) > 0 for at in range(len(self.partitions)))

    def age(self, group: str, when: float) -> float:
        """Seconds since the oldest unread message was written; 0 if all is read."""
        now = self.at(when)
        ages = [when - self._written(one, read) for one, read in self._read(group, when) if one.ends[now] > read]
        return max(ages, default=0)

    def produced(self, since: float, until: float, partition: str | None = None) -> Band:
        """Messages a second: the least and the most between two scrapes of this time."""
        return self._rates([one.ends for one in self.of(partition)], since, until)

    def consumed(self, groups: Sequence[str], since: float, until: float, partition: str | None = None) -> Band:
        """Messages a second that these groups commit: the least and the most between two scrapes of this time."""
        offsets = [one.committed[group] for one in self.of(partition) for group in groups]
        return self._rates(offsets, since, until)

    def state(self, group: str, limit: float, when: float, window: float) -> State:
        """How the group does, by its rates in the window before."""
        late = self.late_partitions(group, limit, when)
        read, written = self.consumed([group], when - window, when), self.produced(when - window, when)
        if not late:
            return State.IN_TIME
        if read.high == 0:
            return State.STOPPED
        if late * 2 <= len(self.partitions):
            return State.STUCK
        return State.CATCHING_UP if read.low > 1.05 * written.high else State.TOO_SLOW

    def _read(self, group: str, when: float, partition: str | None = None) -> Iterator[tuple[Partition, int]]:
        """Each partition in which the group has committed, and the first offset of what it keeps that is unread."""
        now = self.at(when)
        for one in self.of(partition):
            if one.committed[group][now] != NEVER:
                yield one, max(one.committed[group][now], one.starts[now])

    def _written(self, partition: Partition, offset: int) -> float:
        step = bisect_left(partition.ends, offset + 1, lo=self.born)
        if step == self.born:
            return self.begin + STEP * step
        before, after = partition.ends[step - 1], partition.ends[step]
        return self.begin + STEP * (step - 1 + (offset + 1 - before) / (after - before))

    def _rates(self, offsets: Sequence[Sequence[int]], since: float, until: float) -> Band:
        since = min(since, last_scrape(last_scrape(until) - 1))  # where nothing was scraped in between
        steps = sorted({self.at(when) for when in range(int(since), int(until) + 1, STEP) if when >= self.begin})
        totals = [sum(one[step] for one in offsets) for step in steps]
        pairs = zip(zip(steps, totals, strict=True), zip(steps[1:], totals[1:], strict=True), strict=False)
        rates = [(after - before) / (STEP * (later - step)) for (step, before), (later, after) in pairs]
        return Band(max(0, min(rates)), max(0, max(rates)))
