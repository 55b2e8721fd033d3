"""Topic configs: names that exist, and values that go together."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.catalog.model import Catalog
from provisioner.catalog.schema import did_you_mean
from provisioner.catalog.topic_config import CONFIG_KEYS, THROTTLES
from provisioner.problem import Problem


def unknown(catalog: Catalog) -> Iterator[Problem]:
    """A config that Kafka 4.4 does not have would make the broker refuse the topic."""
    for topic in catalog.topics.values():
        for key, setting in topic.config.items():
            if key not in CONFIG_KEYS:
                hint = did_you_mean(key, CONFIG_KEYS) or "docs/configs.md lists them all"
                yield Problem("configs/unknown", f"there is no topic config {key!r}", setting.span, hint)


def replica_throttles(catalog: Catalog) -> Iterator[Problem]:
    """Throttles live as long as a move of replicas; whoever moves sets them."""
    for topic in catalog.topics.values():
        for key in THROTTLES & topic.config.keys():
            message = f"{key} belongs to whoever moves replicas"
            yield Problem("configs/replica-throttles", message, topic.config[key].span, "remove the line")


def compaction_lag(catalog: Catalog) -> Iterator[Problem]:
    """The broker refuses a shortest compaction lag above the longest."""
    for topic in catalog.topics.values():
        low, high = topic.config.get("min.compaction.lag.ms"), topic.config.get("max.compaction.lag.ms")
        if low and high and low.value.isdigit() and high.value.isdigit() and int(low.value) > int(high.value):
            message = f"min.compaction.lag.ms is {low.value}, more than max.compaction.lag.ms {high.value}"
            yield Problem("configs/compaction-lag", message, low.span, "lower it, or raise the other")
