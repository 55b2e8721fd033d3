"""Entries that are right by themselves, and concern nothing: what they say would never be seen."""

from __future__ import annotations

import re
from collections.abc import Iterator

from provisioner.catalog.model import Presence, Topic
from provisioner.catalog.placing import homes
from provisioner.catalog.quoting import quoted
from provisioner.checks.context import Context
from provisioner.problem import Problem, Severity, Span

_PATTERN = re.compile(r"\.[*+]|\*|^\^|.\$$|\[[^\]]*.-.[^\]]*\]|\||\\")
"""What group names have not, and regular expressions and globs have; `$Default` is a name."""


def group_pattern(context: Context) -> Iterator[Problem]:
    """A consumer's group is one name, compared as it stands."""
    for consumer in context.declarations.consumers:
        group = consumer.value.group
        if _PATTERN.search(group):
            message = f"group {quoted(group, 60)} looks like a pattern; it stands for the one group of that very name"
            hint = "declare each group by its name; the topic's lag holds for all others"
            yield Problem("consumers/pattern", message, consumer.span("group"), hint, Severity.WARNING)


def idle_override(context: Context) -> Iterator[Problem]:
    """An override for a cluster that the topic is not on."""
    declarations = context.declarations
    home = homes(declarations)
    for topic in declarations.topics:
        there = home if topic.value.clusters is None else topic.value.clusters
        for name in topic.value.overrides:
            if name in declarations.clusters and there and name not in there:
                message = f"topic {quoted(topic.value.name)} is not on cluster {name}: this override has no effect"
                hint = f"write clusters: [{', '.join([*there, name])[:200]}], or remove the override"
                yield Problem(
                    "topics/idle-override", message, topic.key_span("overrides", name), hint, Severity.WARNING
                )


def absent_topic(context: Context) -> Iterator[Problem]:
    """A consumer of a topic that is to be deleted, wherever the consumer is declared."""
    live = {span for topic in _topics(context) if topic.state is not Presence.ABSENT for span in _consumers(topic)}
    for topic in _topics(context):
        for span in _consumers(topic) if topic.state is Presence.ABSENT else ():
            if span not in live:
                message = f"topic {quoted(topic.name)} is to be deleted, and this consumer reads it"
                hint = "remove the consumer first; its alerts go with the topic"
                yield Problem("consumers/absent-topic", message, span, hint, Severity.WARNING)


def _topics(context: Context) -> Iterator[Topic]:
    return (topic for catalog in context.catalogs for topic in catalog.topics.values())


def _consumers(topic: Topic) -> Iterator[Span]:
    return (consumer.span for consumer in topic.consumers)
