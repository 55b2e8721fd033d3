"""Thresholds of the lag alert: neither too short to be measured nor too long to be of use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from provisioner.catalog.model import Catalog, Cluster, Presence, Topic
from provisioner.catalog.quoting import quoted
from provisioner.catalog.topic_config import is_count
from provisioner.catalog.units import Duration, written
from provisioner.checks.context import each_cluster
from provisioner.problem import Problem, Span

SCRAPES = 4
"""Below so many scrapes a threshold measures the scraping, not the consumer."""


class _Threshold(NamedTuple):
    """A lag and where it stands, of a group or of the topic itself."""

    topic: Topic
    lag: Duration
    span: Span
    group: str | None = None

    @property
    def governs(self) -> tuple[Span, ...]:
        """The topic, whose own lag may be a default that others are fine with."""
        return (self.topic.span,) if self.group is None else ()

    @property
    def whose(self) -> str:
        """In words."""
        topic = f"topic {quoted(self.topic.name)}"
        return topic if self.group is None else f"group {quoted(self.group)} on {topic}"


def _thresholds(catalog: Catalog) -> Iterator[_Threshold]:
    for topic in catalog.topics.values():
        if topic.state is Presence.ABSENT:
            continue
        if topic.lag and topic.lag_span:
            yield _Threshold(topic, topic.lag, topic.lag_span)
        for consumer in topic.consumers:
            if consumer.lag and consumer.lag != topic.lag:
                yield _Threshold(topic, consumer.lag, consumer.span, consumer.group)


@each_cluster
def too_short(catalog: Catalog) -> Iterator[Problem]:
    """A threshold needs at least four scrapes."""
    interval, least = catalog.cluster.metrics.scrape_interval, shortest(catalog.cluster)
    for each in _thresholds(catalog):
        if each.lag < least:
            message = f"lag {each.lag} of {each.whose} is below {SCRAPES} scrapes of {interval}"
            hint = f"write lag: {least} or more"
            yield Problem("lag/too-short", message, each.span, hint, governs=each.governs)


def shortest(cluster: Cluster) -> Duration:
    """The least threshold that can be measured on a cluster."""
    return Duration(SCRAPES * cluster.metrics.scrape_interval.seconds)


@each_cluster
def too_long(catalog: Catalog) -> Iterator[Problem]:
    """At half of the retention there must be time left to act before records are lost."""
    for each in _thresholds(catalog):
        half = longest(each.topic)
        if half is not None and each.lag > half:
            kept = written(int(each.topic.config["retention.ms"].value))
            message = f"lag {each.lag} of {each.whose} is more than half of the retention of {kept}"
            hint = _shorter(half, shortest(catalog.cluster))
            yield Problem("lag/too-long", message, each.span, hint, governs=each.governs)


def longest(topic: Topic) -> Duration | None:
    """The greatest threshold that is of use, None where nothing bounds it: nothing is deleted, or not by us."""
    setting, policy = topic.config.get("retention.ms"), topic.config.get("cleanup.policy")
    deletes = policy is None or "delete" in policy.value
    if setting is None or not is_count(setting.value) or not deletes or topic.state is Presence.EXTERNAL:
        return None
    return Duration(int(setting.value) // 2000)


def _shorter(half: Duration, least: Duration) -> str:
    """Nothing that would be too short."""
    ways = "keep records longer, or write lag: none"
    return f"write lag: {half} or less, {ways}" if half >= least else ways
