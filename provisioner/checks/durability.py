"""Copies enough to lose a broker, and no more partitions than agreed."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.catalog.model import Catalog, State, Topic
from provisioner.catalog.quoting import quoted
from provisioner.catalog.topic_config import is_count
from provisioner.checks.consents import severity
from provisioner.problem import Problem


def _kept(catalog: Catalog) -> list[Topic]:
    return [topic for topic in catalog.topics.values() if topic.state is State.PRESENT]


def low_replication(catalog: Catalog) -> Iterator[Problem]:
    """Fewer copies than the cluster's minimum: two brokers down can mean lost records."""
    least = catalog.cluster.limits.min_replication_factor
    for topic in _kept(catalog):
        copies = topic.replication_factor
        if int(copies.value) < least:
            asked = f"cluster {catalog.cluster.name} asks for {least}"
            message = f"topic {quoted(topic.name)} has replication factor {copies.value}, {asked}"
            level = severity(topic, "low-replication", copies.value)
            yield Problem(
                "durability/low-replication", message, copies.span, f"write replication_factor: {least}", level
            )


def min_insync_replicas(catalog: Catalog) -> Iterator[Problem]:
    """With as many in-sync replicas asked for as there are, one broker down stops all acknowledged writes."""
    for topic in _kept(catalog):
        setting = topic.config.get("min.insync.replicas")
        copies = int(topic.replication_factor.value)
        if setting and is_count(setting.value) and int(setting.value) >= copies:
            message = f"min.insync.replicas is {setting.value} of {copies} replicas: one broker down stops all writes"
            hint = f"write min.insync.replicas: {copies - 1}" if copies > 1 else "raise the replication factor"
            level = severity(topic, "min-insync-replicas", setting.value)
            yield Problem("durability/min-insync-replicas", message, setting.span, hint, level)


def too_many_partitions(catalog: Catalog) -> Iterator[Problem]:
    """Partitions cannot become fewer again; the platform team set a limit."""
    most = catalog.cluster.limits.max_partitions
    for topic in _kept(catalog):
        count = topic.partitions
        if int(count.value) > most:
            message = (
                f"topic {quoted(topic.name)} has {count.value} partitions, cluster {catalog.cluster.name} allows {most}"
            )
            hint, level = "declare fewer, or ask the platform team", severity(topic, "too-many-partitions", count.value)
            yield Problem("durability/too-many-partitions", message, count.span, hint, level)
