"""Copies enough to lose a broker, and no more partitions than agreed."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.catalog.model import Catalog, Presence, Setting, Topic
from provisioner.catalog.quoting import quoted
from provisioner.catalog.topic_config import is_count
from provisioner.checks.consents import acceptable, is_accepted
from provisioner.checks.context import each_cluster
from provisioner.problem import Problem


def _managed(catalog: Catalog) -> list[Topic]:
    return [topic for topic in catalog.topics.values() if topic.state is Presence.PRESENT]


@each_cluster
def low_replication(catalog: Catalog) -> Iterator[Problem]:
    """Fewer copies than the cluster's minimum: two brokers down can mean lost records."""
    least = catalog.cluster.limits.min_replication_factor
    for topic in _managed(catalog):
        copies = topic.replication_factor
        if copies.value < least:
            asked = f"cluster {catalog.cluster.name} asks for {least}"
            message = f"topic {quoted(topic.name)} has replication factor {copies.value}, {asked}"
            hint = f"write replication_factor: {least}"
            problem = Problem("durability/low-replication", message, copies.span, hint, governs=(topic.span,))
            yield acceptable(problem, topic, "low-replication", str(copies.value))


@each_cluster
def min_insync_replicas(catalog: Catalog) -> Iterator[Problem]:
    """With as many in-sync replicas asked for as there are, one broker down stops all acknowledged writes.

    Of a topic whose replicas are too few already, that alone is said.
    """
    least = catalog.cluster.limits.min_replication_factor
    for topic in _managed(catalog):
        asked, copies = topic.config.get("min.insync.replicas"), topic.replication_factor
        low = copies.value < least and not is_accepted(topic, "low-replication", str(copies.value))
        if asked and is_count(asked.value) and int(asked.value) >= copies.value and not low:
            yield _in_sync(topic, asked, copies, least)


def _in_sync(topic: Topic, asked: Setting[str], copies: Setting[int], least: int) -> Problem:
    """At the more specific of the two values: what is written there changes no other topic."""
    nearer = copies if copies.origin > asked.origin else asked
    whose = "" if nearer.origin.is_default else f"topic {quoted(topic.name)}: "
    effect = "one broker down stops all writes" if int(asked.value) == copies.value else "writes with acks=all fail"
    message = f"{whose}min.insync.replicas is {asked.value} of {copies.value} replicas: {effect}"
    other = "" if nearer is asked else f" (asked for at {asked.span})"
    more = f"replication_factor: {max(int(asked.value) + 1, least)}"
    hint = _way_out(f"min.insync.replicas: {copies.value - 1}", more, copies.value == 1, nearer is asked)
    governs = () if nearer.origin.is_default else (topic.span,)
    problem = Problem("durability/min-insync-replicas", message + other, nearer.span, hint, governs=governs)
    return acceptable(problem, topic, "min-insync-replicas", asked.value)


def _way_out(fewer: str, more: str, is_only: bool, is_asked_here: bool) -> str:
    if is_only:
        return f"write {more}"
    return f"write {fewer}" if is_asked_here else f"write {more}, or config: {{{fewer}}} beside it"


@each_cluster
def too_many_partitions(catalog: Catalog) -> Iterator[Problem]:
    """Partitions cannot become fewer again; the platform team set a limit."""
    most = catalog.cluster.limits.max_partitions
    for topic in _managed(catalog):
        count = topic.partitions
        if count.value > most:
            message = (
                f"topic {quoted(topic.name)} has {count.value} partitions, cluster {catalog.cluster.name} allows {most}"
            )
            hint = "declare fewer, or ask the platform team"
            problem = Problem("durability/too-many-partitions", message, count.span, hint, governs=(topic.span,))
            yield acceptable(problem, topic, "too-many-partitions", str(count.value))
