"""Topics that others keep: what an entry asks of them would never be done."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.catalog.model import Presence, Setting, Topic
from provisioner.catalog.quoting import quoted
from provisioner.checks.context import Context
from provisioner.problem import Problem, Span


def without_effect(context: Context) -> Iterator[Problem]:
    """Fields of the topic itself in the entry of an external one, unless it is ours on another cluster."""
    topics = [topic for catalog in context.catalogs for topic in catalog.topics.values()]
    written = [(topic, *own) for topic in topics if topic.state is Presence.EXTERNAL for own in _own(topic)]
    ours = (topic for topic in topics if topic.state is not Presence.EXTERNAL) if written else ()
    used = {span for topic in ours for _, span in _own(topic)}
    for topic, name, span in written:
        if span not in used:
            yield _problem(topic, name, span)


def _problem(topic: Topic, name: str, span: Span) -> Problem:
    message = f"{name} has no effect: topic {quoted(topic.name)} is external, others keep it"
    return Problem("topics/no-effect", message, span, "remove it, or `state: external` if the topic is yours")


def _own(topic: Topic) -> Iterator[tuple[str, Span]]:
    """What the topic's own entry says, field by field."""
    counts = {"partitions": topic.partitions, "replication_factor": topic.replication_factor}
    settings: dict[str, Setting[int] | Setting[str]] = {**counts, **topic.config}
    for name, setting in settings.items():
        if not setting.origin.is_default:
            yield name, setting.span
    for consent in topic.consents:
        if not consent.origin.is_default:
            yield f"allow: {consent.slug}", consent.span
