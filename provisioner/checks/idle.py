"""Consents to problems of the files that are no more: harmless, and in the way of who reads the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from provisioner.catalog.model import Catalog, Consent, Presence, Topic
from provisioner.catalog.quoting import quoted
from provisioner.checks.context import Context
from provisioner.problem import Problem, Severity

CHECK = "consents/idle"

Need = Callable[[Topic, Catalog, str], bool]


def _in_sync(topic: Topic, _: Catalog, __: str) -> bool:
    asked = topic.config.get("min.insync.replicas")
    return asked is None or not asked.value.isdecimal() or int(asked.value) >= topic.replication_factor.value


_NEEDS: Mapping[str, Need] = {
    "low-replication": lambda topic, catalog, _: (
        topic.replication_factor.value < catalog.cluster.limits.min_replication_factor
    ),
    "min-insync-replicas": _in_sync,
    "too-many-partitions": lambda topic, catalog, _: topic.partitions.value > catalog.cluster.limits.max_partitions,
    "metric-collision": lambda _, catalog, other: other in catalog.topics,
}
"""Consent -> whether there still is what it accepts."""


def idle(context: Context) -> Iterator[Problem]:
    """Of the topics' own consents those that no cluster needs; what a plan needs is for the plan to say."""
    given = [(topic, catalog, consent) for catalog in context.catalogs for topic, consent in _given(catalog)]
    needed = {consent.span for topic, catalog, consent in given if _is_needed(topic, catalog, consent)}
    for topic, _, consent in given:
        if consent.span not in needed:
            message = f"consent {consent.slug} of topic {quoted(topic.name)} accepts what is no more"
            yield Problem(CHECK, message, consent.span, "remove it", Severity.ACCEPTED)


def _given(catalog: Catalog) -> Iterator[tuple[Topic, Consent]]:
    for topic in catalog.topics.values():
        for consent in topic.consents if topic.state is Presence.PRESENT else ():
            if consent.slug in _NEEDS and not consent.origin.is_default:
                yield topic, consent


def _is_needed(topic: Topic, catalog: Catalog, consent: Consent) -> bool:
    return _NEEDS[consent.slug](topic, catalog, consent.value)
