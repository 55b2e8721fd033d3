"""A history as an exporter tells it to Prometheus: samples in OpenMetrics' text, in the names of a metric profile."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from provisioner.profiles import Profile
from provisioner.profiles.metric import GROUP, PARTITION, SHAPES, TOPIC, Series
from tests.recorded.clock import STEP, is_scraped
from tests.recorded.history import NEVER, History

_ALWAYS = {"job": "kafka", "instance": "exporter:9308"}


@dataclass(frozen=True)
class Samples:
    """One series: `name{labels}`, and a value at each time."""

    series: str
    times: Sequence[int]
    values: Sequence[float]

    def lines(self) -> Iterator[tuple[int, str]]:
        """The time of each sample, and its line."""
        for when, value in zip(self.times, self.values, strict=True):
            yield when, f"{self.series} {value} {when}\n"


def series(name: str, labels: Mapping[str, str]) -> str:
    """`name{label="value",...}`. The values have nothing to escape."""
    return name + "{" + ",".join(f'{label}="{value}"' for label, value in sorted(labels.items())) + "}"


def exported(histories: Iterable[History], profile: Profile, matchers: Mapping[str, str]) -> Iterator[Samples]:
    """Everything that the exporter of a cluster tells. A group's members are told once, whatever it reads."""
    members: dict[str, Samples] = {}
    for history in histories:
        steps = [step for step in range(len(history.partitions[0].ends)) if is_scraped(history.begin + STEP * step)]
        times = [history.begin + STEP * step for step in steps]
        for meaning, labels, values in (*_of_partitions(history), *_of_groups(history, profile)):
            if text := _spelled(profile, meaning, {**labels, TOPIC: history.topic}, matchers):
                told = Samples(text, times, [values[step] for step in steps])
                if SHAPES[meaning] != (GROUP,):
                    yield told
                elif text not in members or len(members[text].times) < len(times):
                    members[text] = told
    yield from members.values()


def _spelled(profile: Profile, meaning: str, labels: Mapping[str, str], matchers: Mapping[str, str]) -> str | None:
    source = profile.metrics.get(meaning)
    if not isinstance(source, Series):  # the exporter has no such metric, or the profile computes it
        return None
    own = {label: labels[means] for label, means in zip(source.labels, source.shape, strict=True)}
    return series(source.name, {**_ALWAYS, **matchers, **own})


_Told = tuple[str, Mapping[str, str], Sequence[int]]


def _of_partitions(history: History) -> Iterator[_Told]:
    short = [int(count < history.replicas) for count in history.in_sync]
    for at, partition in enumerate(history.partitions):
        labels = {PARTITION: str(at)}
        yield "log_end", labels, partition.ends
        yield "log_start", labels, partition.starts
        yield "leader", labels, history.leaders[at]
        yield "in_sync", labels, history.in_sync
        yield "under_replicated", labels, short
        yield "replicas", labels, [history.replicas] * len(history.in_sync)


def _of_groups(history: History, profile: Profile) -> Iterator[_Told]:
    """kafka_exporter says -1 of a partition in which a group never committed; who knows the lag alone, nothing."""
    says_never = isinstance(profile.metrics.get("committed"), Series)
    for group in history.groups:
        yield "members", {GROUP: group}, history.members[group]
        for at, partition in enumerate(history.partitions):
            committed, labels = partition.committed[group], {GROUP: group, PARTITION: str(at)}
            if committed[0] != NEVER:
                yield "committed", labels, committed
                yield "lag", labels, [end - read for end, read in zip(partition.ends, committed, strict=True)]
            elif says_never:
                yield "committed", labels, committed
                yield "lag", labels, committed
