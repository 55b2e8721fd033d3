"""An entry that is not written yet, as the catalog will have it: what the checks look at."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from provisioner import checks
from provisioner.catalog.durations import OFF
from provisioner.catalog.model import Catalog, Consent, Origin, Setting, Topic
from provisioner.catalog.units import Duration
from provisioner.importing.context import ImportContext
from provisioner.importing.entry import TopicEntry
from provisioner.problem import Problem, Severity, Span

_BEGIN, _END = "(topic ", ")"


def place(name: str) -> Span:
    """Where everything of a candidate stands, the values of defaults too: no file ends so."""
    return Span(f"{_BEGIN}{name}{_END}")


def topic_at(span: Span, names: Collection[str]) -> str | None:
    """The candidate of these names that a place belongs to, if any does."""
    name = span.path.removeprefix(_BEGIN).removesuffix(_END)
    return name if name in names and place(name) == span else None


def candidate(entry: TopicEntry, context: ImportContext) -> Topic:
    """The entry merged with the cluster's and the team's defaults."""
    span, defaults = place(entry.name), context.defaults
    config = {key: Setting(each.value, span, each.origin) for key, each in defaults.config.items()}
    return replace(
        defaults,
        name=entry.name,
        state=entry.state,
        span=span,
        partitions=_number(entry.partitions, defaults.partitions, span),
        replication_factor=_number(entry.replication_factor, defaults.replication_factor, span),
        config=config | {key: Setting(value, span, Origin.TOPIC) for key, value in entry.config.items()},
        lag=_lag(entry, defaults.lag),
        lag_span=span,
        consents=(*defaults.consents, *(Consent(slug, value, span) for slug, value in entry.allow.items())),
    )


def _number(value: int | None, default: Setting[int], span: Span) -> Setting[int]:
    return replace(default, span=span) if value is None else Setting(value, span, Origin.TOPIC)


def _lag(entry: TopicEntry, default: Duration | None) -> Duration | None:
    return None if entry.lag == OFF else entry.lag or default


def errors(candidates: Iterable[Topic], context: ImportContext) -> Mapping[str, list[Problem]]:
    """What the checks refuse in them, by topic, beside all that is declared on the cluster."""
    topics = {topic.name: topic for topic in candidates}
    catalog = Catalog(context.cluster, {**context.declared, **topics})
    refused: dict[str, list[Problem]] = {}
    for problem in checks.run(checks.Context((catalog,))):
        if problem.severity is Severity.ERROR and (name := topic_at(problem.span, topics)):
            refused.setdefault(name, []).append(problem)
    return refused
