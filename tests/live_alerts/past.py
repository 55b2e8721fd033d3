"""A week and an hour before the beginning, for the alerts that look back: in Prometheus, in Kafka, in the ledger."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from provisioner.profiles import named
from provisioner.profiles.metric import GROUP, PARTITION, TOPIC, Series
from tests.live_alerts.truths import HOUR, WEEK
from tests.recorded.exporters import Samples, series

EVERY = 15
A_WEEK_BEFORE = 1200
"""Messages an hour."""
TRAFFIC: Mapping[str, tuple[int, int]] = {
    "skewed.v1": (0, 1500),
    "fallen.v1": (A_WEEK_BEFORE, A_WEEK_BEFORE // 2 + 12),
    "risen.v1": (A_WEEK_BEFORE, 4 * A_WEEK_BEFORE - 100),
}
"""Messages an hour of a week before, and of the last hour."""
PARTITIONS = 3


@dataclass(frozen=True)
class Past:
    """`began`: when the rest begins; `length`: seconds that it goes on."""

    began: float
    length: float

    def times(self, topic: str) -> list[float]:
        """When each message was written, the first one first; in the partitions one after the other."""
        before, last = TRAFFIC[topic]
        weekly = _even(self.began - WEEK - 1.2 * HOUR, self.began - WEEK + self.length + 600, before)
        return [*weekly, *_even(self.began - HOUR - 600, self.began - 1, last)]

    def samples(self, profile: str, labels: Mapping[str, str], gone: str | None) -> Iterator[Samples]:
        """As the exporter would have told it. `gone`: a group and topic of one name that was there an hour before."""
        for topic in TRAFFIC:
            written = self.times(topic)
            for partition in range(PARTITIONS):
                times = written[partition::PARTITIONS]
                values = [float(bisect_right(times, when)) for when in self._scrapes()]
                yield from self._series(profile, labels, "log_end", {TOPIC: topic, PARTITION: str(partition)}, values)
        for meaning in ("log_end", "committed", "lag") if gone else ():
            for partition in range(PARTITIONS):
                where = {TOPIC: f"{gone}.v1", PARTITION: str(partition), GROUP: str(gone)}
                yield from self._series(profile, labels, meaning, where, [0.0] * len(self._scrapes()))

    def _scrapes(self) -> Sequence[int]:
        began = int(self.began)
        week = began - int(WEEK)
        long_ago = range(week - int(1.2 * HOUR), week + int(self.length) + 600, EVERY)
        return [*long_ago, *range(began - int(HOUR) - 600, began - 30, EVERY)]

    def _series(
        self, profile: str, labels: Mapping[str, str], meaning: str, where: Mapping[str, str], values: Sequence[float]
    ) -> Iterator[Samples]:
        source = named(profile).metrics.get(meaning)
        if isinstance(source, Series):
            own = {label: where[means] for label, means in zip(source.labels, source.shape, strict=True)}
            yield Samples(series(source.name, {**labels, **own}), self._scrapes(), values)


def _even(begin: float, end: float, an_hour: int) -> list[float]:
    count = int((end - begin) / HOUR * an_hour)
    return [begin + (at + 1) * (end - begin) / count for at in range(count)]
