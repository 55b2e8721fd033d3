"""Names of topics, and the messages in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fnmatch import translate

from provisioner.catalog.model import Catalog, Presence, Topic
from provisioner.catalog.quoting import quoted
from provisioner.catalog.reserved_names import RECORD_PREFIX, reserved_name, reserved_names
from provisioner.checks.consents import acceptable
from provisioner.checks.context import each_cluster
from provisioner.problem import Problem, Severity

LONGEST = 249
"""Kafka's own limit: a folder is named after each partition."""

_ILLEGAL = re.compile(r"[^A-Za-z0-9._-]")


@each_cluster
def legal(catalog: Catalog) -> Iterator[Problem]:
    """Kafka takes letters, digits, dot, underscore and hyphen, 249 at most, and neither . nor .. alone."""
    for topic in catalog.topics.values():
        if why := _illegal(topic.name):
            yield Problem("names/legal", f"topic name {quoted(topic.name, 60)} {why[0]}", topic.span, why[1])


def _illegal(name: str) -> tuple[str, str] | None:
    """What is wrong with it, and what to do."""
    if name in ("", ".", ".."):
        return "is no name", "write a name with a letter or a digit in it, such as orders.v1"
    if len(name) > LONGEST:
        return f"has {len(name)} characters, more than {LONGEST}", "shorten it"
    wrong = _ILLEGAL.search(name)
    better = _ILLEGAL.sub("-", name)[:60]
    return (f"has a {quoted(wrong[0])} in it", f"use letters, digits, '.', '_' and '-': {better}") if wrong else None


@each_cluster
def reserved(catalog: Catalog) -> Iterator[Problem]:
    """Internal and protected topics belong to others: they can be watched, never kept."""
    rows = [row for row in reserved_names(catalog.cluster.protected) if row.binding]
    any_of_them = re.compile("|".join(translate(row.pattern) for row in rows))
    for topic in catalog.topics.values():
        ours = topic.name.startswith(RECORD_PREFIX)
        if (topic.state is Presence.EXTERNAL and not ours) or not any_of_them.match(topic.name):
            continue
        if row := reserved_name(topic.name, rows):
            by = quoted(row.pattern)
            message = f"topic {quoted(topic.name)} is reserved on cluster {catalog.cluster.name} (by {by})"
            hint = "use another name" if ours else "use another name, or `state: external` to watch it"
            yield Problem("names/reserved", message, topic.span, hint)


@each_cluster
def metric_collision(catalog: Catalog) -> Iterator[Problem]:
    """Kafka's metrics turn '.' into '_': a.b and a_b would share their figures, and Kafka refuses the second.

    One of the names may stand as it is; each other must accept one of those it collides with.
    """
    same: dict[str, list[Topic]] = {}
    for topic in catalog.topics.values():
        if topic.state is not Presence.EXTERNAL:
            same.setdefault(topic.name.replace(".", "_"), []).append(topic)
    return (problem for topics in same.values() if len(topics) > 1 for problem in _collisions(topics))


def _collisions(topics: list[Topic]) -> Iterator[Problem]:
    by_name = {topic.name: topic for topic in topics}
    accepted = {topic.name: other for topic in topics if (other := _accepted(topic, by_name))}
    first = next((topic for topic in topics if topic.name not in accepted), topics[0])
    for topic in topics:
        if topic is not first:
            other = accepted.get(topic.name, first)
            message = f"topic {quoted(topic.name)} collides with {quoted(other.name)} in metrics ('.' and '_' are one)"
            check, message = "names/metric-collision", f"{message}, at {other.span}"
            both = (topic.span, other.span)
            problem = Problem(check, message, topic.span, "rename one of them", governs=both)
            yield acceptable(problem, topic, "metric-collision", other.name)


def _accepted(topic: Topic, by_name: Mapping[str, Topic]) -> Topic | None:
    values = (consent.value for consent in topic.consents if consent.slug == "metric-collision")
    return next((by_name[name] for name in values if name in by_name and name != topic.name), None)


@each_cluster
def near_twin(catalog: Catalog) -> Iterator[Problem]:
    """Names that differ only in case are mixed up sooner or later."""
    seen: dict[str, Topic] = {}
    for topic in catalog.topics.values():
        first = seen.setdefault(topic.name.lower(), topic)
        if first is not topic:
            message = f"topic {quoted(topic.name)} differs from {quoted(first.name)} only in case, at {first.span}"
            yield Problem("names/near-twin", message, topic.span, "rename one of them", Severity.WARNING)


@each_cluster
def shared_message(catalog: Catalog) -> Iterator[Problem]:
    """One protobuf message goes into one topic, so that a reader knows what it gets."""
    seen: dict[str, Topic] = {}
    for topic in catalog.topics.values():
        if not topic.message or topic.state is not Presence.PRESENT:
            continue
        first = seen.setdefault(topic.message, topic)
        if first is not topic:
            message = f"message {topic.message} is already that of topic {quoted(first.name)}, at {first.span}"
            hint = "give each topic a message of its own"
            yield Problem("names/shared-message", message, topic.span, hint, Severity.WARNING)
