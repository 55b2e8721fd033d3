"""From a plot (what happens to a topic and its readers) to its history. Only `random()` is drawn, which is stable."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from tests.recorded.clock import STEP, ago
from tests.recorded.history import NEVER, History, Partition

DAY = 86_400


@dataclass(frozen=True)
class Change:
    """From minutes ago to minutes ago, the topic's rate is another."""

    since: float
    until: float
    rate: float


@dataclass(frozen=True)
class Episode:
    """From minutes ago to minutes ago (0: still), how fast a group reads at most, in one partition or in all."""

    since: float
    until: float
    speed: float
    members: int | None = None
    partition: int | None = None


@dataclass(frozen=True)
class Reader:
    """A group: messages a second at most, instances, seconds between two commits, partitions that it leaves out."""

    group: str
    speed: float = math.inf
    members: int = 3
    every: int = 0
    episodes: Sequence[Episode] = ()
    never: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Plot:
    """Messages a second at noon; `weights`: partitions that get more than 1; `pulse`: one minute of so many has any.

    `first`: messages at the beginning, where it is not those of five days; `recreated`: minutes ago.
    """

    rate: float
    readers: Sequence[Reader] = ()
    weights: Mapping[int, float] | None = None
    changes: Sequence[Change] = ()
    pulse: int = 1
    flat: bool = False
    first: int | None = None
    recreated: float | None = None


@dataclass(frozen=True)
class Setting:
    """Where the plot is played: `scale` for all speeds, `retention` in seconds, `quiet`: an ordinary day."""

    cluster: str
    topic: str
    partitions: int
    begin: int
    end: int
    scale: float = 1
    retention: float = math.inf
    replicas: int = 3
    away: tuple[float, float, int] | None = None
    quiet: bool = False

    @property
    def steps(self) -> int:
        """How many states there are."""
        return (self.end - self.begin) // STEP + 1

    def time(self, step: int) -> int:
        """The instant of a step."""
        return self.begin + STEP * step

    def holds(self, step: int, since: float, until: float) -> bool:
        """Whether an incident lasts at this step."""
        return not self.quiet and ago(since) <= self.time(step) and (not until or self.time(step) < ago(until))


def simulated(plot: Plot, setting: Setting) -> History:
    """The history of one topic: the same for the same plot and setting."""
    random = Random(f"{setting.cluster}/{setting.topic}/{setting.begin}")
    shares = _shares(plot, setting, random)
    born = _born(plot, setting)
    ends = _ends(plot, setting, shares, born, random)
    partitions = [
        Partition(
            log,
            _starts(log, share * plot.rate * setting.scale, setting, born),
            {one.group: _committed(one, log, at, share, setting, born) for one in plot.readers},
        )
        for at, (log, share) in enumerate(zip(ends, shares, strict=True))
    ]
    members = {one.group: _members(one, setting) for one in plot.readers}
    leaders, in_sync = _replication(setting)
    return History(
        setting.cluster, setting.topic, setting.begin, partitions, members, leaders, in_sync, setting.replicas, born
    )


def _shares(plot: Plot, setting: Setting, random: Random) -> list[float]:
    weights = [(plot.weights or {}).get(at, 1) * (0.95 + 0.1 * random.random()) for at in range(setting.partitions)]
    return [weight / sum(weights) for weight in weights]


def _born(plot: Plot, setting: Setting) -> int:
    again = plot.recreated is not None and not setting.quiet
    return (ago(plot.recreated or 0) - setting.begin) // STEP if again else 0


def _rates(plot: Plot, setting: Setting, random: Random) -> list[float]:
    rates, noise = [], 0.0
    for step in range(setting.steps):
        noise = 0.98 * noise + 0.03 * (random.random() - 0.5)
        lasting = [one.rate for one in plot.changes if setting.holds(step, one.since, one.until)]
        on = setting.time(step) // 60 % plot.pulse == 0
        shape = 1 if plot.flat else _hour(setting.time(step)) + noise
        rates.append((lasting or [plot.rate])[0] * setting.scale * on * shape)
    return rates


def _hour(when: int) -> float:
    """0.35 at night, 1 in the early afternoon."""
    return 0.35 + 0.65 * math.exp(-(((when % DAY / 3600 - 13.5) / 4.2) ** 2))


def _ends(plot: Plot, setting: Setting, shares: Sequence[float], born: int, random: Random) -> list[list[int]]:
    rates = _rates(plot, setting, random)
    found = []
    for share in shares:
        first = 5 * DAY * plot.rate * setting.scale if plot.first is None else plot.first
        at = 0.0 if setting.quiet else first * share
        log = []
        for step, rate in enumerate(rates):
            if step == born and born:
                at = 0.0
            at += max(0.0, rate * share * STEP * (0.98 + 0.04 * random.random()))
            log.append(int(at))
        found.append(log)
    return found


def _starts(log: Sequence[int], rate: float, setting: Setting, born: int) -> list[int]:
    if math.isinf(setting.retention):
        return [0] * len(log)
    back = int(setting.retention) // STEP
    return [
        0 if born and step >= born and step - back < born
        else log[step - back] if step >= back
        else max(0, int(log[0] - (back - step) * STEP * rate))
        for step in range(len(log))
    ]  # fmt: skip


def _committed(
    reader: Reader, log: Sequence[int], partition: int, share: float, setting: Setting, born: int
) -> list[int]:
    if partition in reader.never:
        return [NEVER] * len(log)
    read, found = float(log[0]), []
    for step, end in enumerate(log):
        read = min(read, end)
        if not reader.every or setting.time(step) % reader.every == 0:
            most = _speed(reader, partition, step, setting) * setting.scale * share * (reader.every or STEP)
            read = float(end) if end - read <= most else read + most
        found.append(int(read))
    return found


def _speed(reader: Reader, partition: int, step: int, setting: Setting) -> float:
    for one in reader.episodes:
        if setting.holds(step, one.since, one.until) and one.partition in (None, partition):
            return one.speed
    return reader.speed


def _members(reader: Reader, setting: Setting) -> list[int]:
    found = []
    for step in range(setting.steps):
        lasting = [one.members for one in reader.episodes if setting.holds(step, one.since, one.until)]
        found.append(next((count for count in lasting if count is not None), reader.members))
    return found


def _replication(setting: Setting) -> tuple[list[list[int]], list[int]]:
    """Three brokers, a replica on each: while one is away the next one leads its partitions."""
    gone = [
        setting.away[2] if setting.away and setting.holds(step, *setting.away[:2]) else 0
        for step in range(setting.steps)
    ]
    leaders = [
        [1 + at % 3 if 1 + at % 3 != away else 1 + away % 3 for away in gone] for at in range(setting.partitions)
    ]
    return leaders, [setting.replicas - bool(away) for away in gone]
