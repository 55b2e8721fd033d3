"""Thresholds of the lag alert: neither too short to be measured nor too long to be of use."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.catalog.model import Catalog, State, Topic
from provisioner.catalog.quoting import quoted
from provisioner.catalog.topic_config import is_count
from provisioner.catalog.units import Duration, written
from provisioner.problem import Problem, Span

SCRAPES = 4
"""Below so many scrapes a threshold measures the scraping, not the consumer."""

Threshold = tuple[Topic, Duration, Span]


def _thresholds(catalog: Catalog) -> Iterator[Threshold]:
    for topic in catalog.topics.values():
        if topic.state is State.ABSENT:
            continue
        if topic.lag and topic.lag_span:
            yield topic, topic.lag, topic.lag_span
        for consumer in topic.consumers:
            if consumer.lag and consumer.lag != topic.lag:
                yield topic, consumer.lag, consumer.span


def too_short(catalog: Catalog) -> Iterator[Problem]:
    """A threshold needs at least four scrapes."""
    interval = catalog.cluster.metrics.scrape_interval
    least = Duration(SCRAPES * interval.seconds)
    for topic, lag, span in _thresholds(catalog):
        if lag < least:
            message = f"lag {lag} of topic {quoted(topic.name)} is below {SCRAPES} scrapes of {interval}"
            yield Problem("lag/too-short", message, span, f"write lag: {least} or more")


def too_long(catalog: Catalog) -> Iterator[Problem]:
    """At half of the retention there must be time left to act before records are lost."""
    for topic, lag, span in _thresholds(catalog):
        setting = topic.config.get("retention.ms")
        kept = int(setting.value) if setting and is_count(setting.value) else None
        deletes = "delete" in topic.config["cleanup.policy"].value if "cleanup.policy" in topic.config else True
        ours = topic.state is not State.EXTERNAL
        if kept is not None and ours and deletes and lag.seconds * 2000 > kept:
            message = f"lag {lag} of topic {quoted(topic.name)} is more than half of its retention of {written(kept)}"
            yield Problem("lag/too-long", message, span, f"write lag: {written(kept // 2000 * 1000)} or less")
