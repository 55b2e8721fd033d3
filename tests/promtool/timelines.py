"""What an exporter would have told Prometheus: series in words of meaning, spelled for each profile.

A value is what one scrape found; None: the scrape found nothing, which Prometheus marks as the series' end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Values = Sequence[int | None]
NEVER = -1

_NAMES = {
    "kafka_exporter": {
        "log_end": 'kafka_topic_partition_current_offset{{topic="{topic}",partition="{partition}"{more}}}',
        "log_start": 'kafka_topic_partition_oldest_offset{{topic="{topic}",partition="{partition}"{more}}}',
        "committed": (
            "kafka_consumergroup_current_offset"
            '{{topic="{topic}",partition="{partition}",consumergroup="{group}"{more}}}'
        ),
        "lag": 'kafka_consumergroup_lag{{topic="{topic}",partition="{partition}",consumergroup="{group}"{more}}}',
        "members": 'kafka_consumergroup_members{{consumergroup="{group}"{more}}}',
    },
    "kminion": {
        "log_end": (
            'kminion_kafka_topic_partition_high_water_mark{{topic_name="{topic}",partition_id="{partition}"{more}}}'
        ),
        "log_start": (
            'kminion_kafka_topic_partition_low_water_mark{{topic_name="{topic}",partition_id="{partition}"{more}}}'
        ),
        "lag": (
            "kminion_kafka_consumer_group_topic_partition_lag"
            '{{topic_name="{topic}",partition_id="{partition}",group_id="{group}"{more}}}'
        ),
        "members": 'kminion_kafka_consumer_group_members{{group_id="{group}"{more}}}',
    },
    "redpanda": {
        "log_end": (
            'redpanda_kafka_max_offset{{redpanda_namespace="kafka",redpanda_topic="{topic}",'
            'redpanda_partition="{partition}"{more}}}'
        ),
        "committed": (
            'redpanda_kafka_consumer_group_committed_offset{{redpanda_topic="{topic}",'
            'redpanda_partition="{partition}",redpanda_group="{group}"{more}}}'
        ),
        "members": 'redpanda_kafka_consumer_group_consumers{{redpanda_group="{group}"{more}}}',
    },
    "otel_kafkametrics": {
        "log_end": 'kafka_partition_current_offset_ratio{{topic="{topic}",partition="{partition}"{more}}}',
        "log_start": 'kafka_partition_oldest_offset_ratio{{topic="{topic}",partition="{partition}"{more}}}',
        "committed": (
            'kafka_consumer_group_offset_ratio{{topic="{topic}",partition="{partition}",group="{group}"{more}}}'
        ),
        "lag": 'kafka_consumer_group_lag_ratio{{topic="{topic}",partition="{partition}",group="{group}"{more}}}',
        "members": 'kafka_consumer_group_members{{group="{group}"{more}}}',
    },
}
"""What the exporters call their metrics, written out a second time: the profiles are what is tested."""


@dataclass(frozen=True)
class Partition:
    """One partition: its log, and how far each group has read. `NEVER` is a group that never committed here."""

    log_end: Values
    committed: Mapping[str, Values] = field(default_factory=dict)
    log_start: Values | None = None


@dataclass(frozen=True)
class Exported:
    """What one exporter says of one topic; `more` are further labels of every series."""

    partitions: Sequence[Partition]
    topic: str = "orders.v1"
    more: str = ',cluster="prod"'
    members: Mapping[str, Values] = field(default_factory=dict)

    def series(self, profile: str) -> list[dict[str, str]]:
        """As promtool's `input_series`."""
        found = [line for at, partition in enumerate(self.partitions) for line in self._of(profile, at, partition)]
        return found + [self._line(profile, "members", values, group=group) for group, values in self.members.items()]

    def _of(self, profile: str, at: int, partition: Partition) -> list[dict[str, str]]:
        start = partition.log_start if partition.log_start is not None else without(0, partition.log_end)
        told = {"log_end": partition.log_end, "log_start": start}
        found = [self._line(profile, name, values, at) for name, values in told.items() if name in _NAMES[profile]]
        for group, committed in partition.committed.items():
            read = _reading(profile, partition.log_end, committed)
            found += [self._line(profile, metric, values, at, group) for metric, values in read.items()]
        return found

    def _line(self, profile: str, metric: str, values: Values, partition: int = 0, group: str = "") -> dict[str, str]:
        name = _NAMES[profile][metric].format(topic=self.topic, partition=partition, group=group, more=self.more)
        return {"series": name, "values": " ".join("stale" if value is None else str(value) for value in values)}


def _reading(profile: str, log_end: Values, committed: Values) -> dict[str, Values]:
    """KMinion tells the lag, Redpanda the offset, neither of a partition that a group never read; others tell -1."""
    if profile == "redpanda":
        return {"committed": [None if read == NEVER else read for read in committed]}
    never = None if profile == "kminion" else -1
    lag = [_lag(end, read, never) for end, read in zip(log_end, committed, strict=True)]
    return {"lag": lag} if profile == "kminion" else {"committed": committed, "lag": lag}


def _lag(end: int | None, read: int | None, never: int | None) -> int | None:
    if end is None or read is None:
        return None
    return never if read == NEVER else end - read


def grow(per_scrape: int, scrapes: int, start: int = 0) -> list[int]:
    """So many messages with each scrape."""
    return [start + per_scrape * at for at in range(scrapes)]


def stay(value: int | None, scrapes: int) -> list[int | None]:
    """The same each time."""
    return [value] * scrapes


def late(values: Values, scrapes: int) -> list[int | None]:
    """A consumer that is so many scrapes behind."""
    return [values[max(0, at - scrapes)] for at in range(len(values))]


def stopped(values: Values, begin: int, end: int | None = None) -> list[int | None]:
    """A consumer that keeps up but for this time."""
    until = len(values) if end is None else end
    return [values[begin] if begin <= at < until else value for at, value in enumerate(values)]


def hole(values: Values, begin: int, end: int) -> list[int | None]:
    """Nothing was scraped for this time."""
    return [None if begin <= at < end else value for at, value in enumerate(values)]


def without(value: int, like: Values) -> list[int | None]:
    """A constant wherever the other was scraped."""
    return [None if one is None else value for one in like]
