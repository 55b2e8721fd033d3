"""Consents: which may be given, and which problems they turn from errors into accepted ones."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.catalog.model import Catalog, Topic
from provisioner.catalog.quoting import quoted
from provisioner.catalog.suggesting import Suggestions
from provisioner.kinds.topic_hazards import SLUGS
from provisioner.problem import Problem, Severity

CHECK_SLUGS = ("low-replication", "metric-collision", "min-insync-replicas", "too-many-partitions")
"""Checks whose problem can be accepted, for what exists already and cannot be changed today."""


def severity(topic: Topic, slug: str, value: str) -> Severity:
    """Accepted where the topic's file accepts this very value, else an error."""
    accepted = any(consent.slug == slug and consent.value == value for consent in topic.consents)
    return Severity.ACCEPTED if accepted else Severity.ERROR


def unknown(catalog: Catalog) -> Iterator[Problem]:
    """A consent must be for something that exists, or it would only look like one."""
    known, check, suggestions = (*SLUGS, *CHECK_SLUGS), "consents/unknown", Suggestions()
    given = ((consent.slug, consent.span) for topic in catalog.topics.values() for consent in topic.consents)
    for slug, span in dict.fromkeys(pair for pair in given if pair[0] not in known):
        hint = suggestions.near(check, slug, known) or f"known: {', '.join(known)}"
        yield Problem(check, f"nothing is called {quoted(slug)}", span, hint)
