"""Consents: which may be given, and which problems they turn from errors into accepted ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from provisioner.catalog.model import Catalog, Topic
from provisioner.catalog.quoting import quoted
from provisioner.catalog.suggesting import Suggestions
from provisioner.kinds import extra_configs
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


def one_value(catalog: Catalog) -> Iterator[Problem]:
    """A consent is for one value; only extra configs, of which there may be several, are a list."""
    counted = (Counter((given.slug, given.span) for given in topic.consents) for topic in catalog.topics.values())
    several = (pair for topic in counted for pair, count in topic.items() if count > 1)
    for slug, span in dict.fromkeys(pair for pair in several if pair[0] != extra_configs.SLUG):
        yield Problem("consents/value", f"{quoted(slug)} takes one value, is a list", span, f"write {slug}: VALUE")


def extra_config(catalog: Catalog) -> Iterator[Problem]:
    """Without key and value it would be a consent to nothing."""
    consents = (given for topic in catalog.topics.values() for given in topic.consents)
    for given in dict.fromkeys(given for given in consents if given.slug == extra_configs.SLUG):
        if not extra_configs.key_of(given.value):
            message = f"{extra_configs.SLUG} takes KEY=VALUE, is {quoted(given.value)}"
            hint = f'write {extra_configs.SLUG}: ["KEY=VALUE"], or "KEY={extra_configs.INHERITED}" to remove it'
            yield Problem("consents/value", message, given.span, hint)
