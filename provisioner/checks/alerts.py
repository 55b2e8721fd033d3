"""What is set of alerts, and what they are asked to watch: names that nobody has, and wishes that never come true."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePath
from typing import Any, NamedTuple

from provisioner.catalog.entries import Entry
from provisioner.catalog.folder import Declarations
from provisioner.catalog.model import Catalog, Presence, Topic
from provisioner.catalog.quoting import quoted
from provisioner.catalog.units import Duration
from provisioner.checks.context import Context, each_cluster
from provisioner.checks.lag import SCRAPES, shortest
from provisioner.kinds.alert_settings import ENABLED, SEVERITY
from provisioner.problem import Problem, Severity, Span
from provisioner.templates import Template, Templates

LONGEST_WORD = 250


class Written(NamedTuple):
    """The settings of one entry, and the way to them in it."""

    entry: Entry[Any]
    loc: tuple[str, ...]
    settings: Mapping[str, Mapping[str, Any]]

    def span(self, *loc: str) -> Span:
        """Where a value stands."""
        return self.entry.span(*self.loc, *loc)

    def key_span(self, *loc: str) -> Span:
        """Where a key stands."""
        return self.entry.key_span(*self.loc, *loc)


def written(declarations: Declarations) -> Iterator[Written]:
    """Every `alert_settings` of the files."""
    entries: Iterable[Entry[Any]] = (
        *declarations.clusters.values(),
        *declarations.teams.values(),
        *declarations.topics,
        *declarations.consumers,
    )
    for entry in entries:
        if entry.value.alert_settings:
            yield Written(entry, ("alert_settings",), entry.value.alert_settings)
    for topic in declarations.topics:
        for cluster, override in topic.value.overrides.items():
            if override.alert_settings:
                yield Written(topic, ("overrides", cluster, "alert_settings"), override.alert_settings)


def severities(declarations: Declarations) -> Iterator[tuple[str, Span]]:
    """Every severity that is set of an alert, and where."""
    for each in written(declarations):
        for template, parameters in each.settings.items():
            if isinstance(word := parameters.get(SEVERITY), str):
                yield word, each.span(template, SEVERITY)


def settings(context: Context) -> Iterator[Problem]:
    """A setting names a template and one of its parameters, and has a value of that parameter's type."""
    if not context.templates.alerts:
        return
    for each in written(context.declarations):
        for name, parameters in each.settings.items():
            template = context.templates.alerts.get(name)
            if template is not None:
                yield from _of_template(context, each, template, parameters)
            elif name not in _broken(context.templates):
                yield _unknown(context, each, name)


def _broken(templates: Templates) -> set[str]:
    """Files with faults of their own, which are told elsewhere."""
    return {PurePath(path).stem for path in templates.texts}


def _unknown(context: Context, each: Written, name: str) -> Problem:
    check, known = "alerts/setting", sorted(context.templates.alerts)
    hint = context.declarations.suggestions.near(check, name, known) or f"known: {', '.join(known)}"
    return Problem(check, f"there is no alert template {quoted(name)}", each.key_span(name), hint)


def _of_template(
    context: Context, each: Written, template: Template, parameters: Mapping[str, Any]
) -> Iterator[Problem]:
    check, known = "alerts/setting", [ENABLED, SEVERITY, *(one for one in template.parameters)]
    for name, value in parameters.items():
        if name in template.fields:
            field = template.fields[name]
            message = f"{quoted(name)} of {template.name} is the {field} that files declare, and no setting"
            yield Problem(check, message, each.key_span(template.name, name), _write_field(field))
        elif name not in known:
            near = context.declarations.suggestions.near(check, name, known) or f"known: {', '.join(known)}"
            message = f"the alert template {template.name} has no parameter {quoted(name)}"
            yield Problem(check, message, each.key_span(template.name, name), near)
        elif value is not None and (why := _misfit(template, name, value)):
            message = f"{name} of {template.name} must be {why}, is {quoted(_shown(value))}"
            yield Problem(check, message, each.span(template.name, name), f"write {name}: {_example(template, name)}")


def _write_field(field: str) -> str:
    if field == "retention":
        return "write config: {retention.ms: 7d} in the topic's entry"
    outer, _, inner = field.partition(".")
    return f"write {outer}: {{{inner}: ...}}" if inner else f"write {outer}: ... beside alert_settings:, not in it"


def _misfit(template: Template, name: str, value: Any) -> str:
    """What must stand there; empty where that is what does."""
    if name == ENABLED:
        return "" if isinstance(value, bool) else "true or false"
    if name == SEVERITY:
        return (
            ""
            if isinstance(value, str) and value.strip() and len(value) <= LONGEST_WORD
            else "a word of your Alertmanager"
        )
    taken = template.takes[name]
    return "" if taken.fitting(value) is not None else str(taken)


def _example(template: Template, name: str) -> str:
    return {ENABLED: "false", SEVERITY: "warning"}.get(name) or str(template.parameters[name])


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@each_cluster
def skew(catalog: Catalog) -> Iterator[Problem]:
    """With all messages in one of n partitions, that one has n times the average, and no more."""
    for topic in _there(catalog):
        count = topic.partitions.value
        if topic.skew is not None and topic.skew >= count and topic.state is not Presence.EXTERNAL:
            message = f"skew {topic.skew:g} of topic {quoted(topic.name)} is never reached with {count} partitions"
            hint = f"write a number below {count}" if count > 2 else "take skew: out"
            yield Problem("alerts/skew", message, topic.places.get("skew", topic.span), hint)


@each_cluster
def too_short(catalog: Catalog) -> Iterator[Problem]:
    """What is expected within less than four scrapes is not seen in time."""
    interval, least = catalog.cluster.metrics.scrape_interval, shortest(catalog.cluster)
    for topic in _there(catalog):
        for field, whose, within, span in _expected(topic):
            if within < least:
                message = f"{field} {within} of {whose} is below {SCRAPES} scrapes of {interval}"
                yield Problem("alerts/too-short", message, span, f"write {field}: {least} or more")


def _expected(topic: Topic) -> Iterator[tuple[str, str, Duration, Span]]:
    """Field, whose it is, the time, and where it stands."""
    if topic.expect_traffic_within:
        field, whose = "expect_traffic_within", f"topic {quoted(topic.name)}"
        yield field, whose, topic.expect_traffic_within, topic.places.get(field, topic.span)
    for one in topic.consumers:
        if one.expect_progress_within:
            field, whose = "expect_progress_within", f"group {quoted(one.group)} on topic {quoted(topic.name)}"
            yield field, whose, one.expect_progress_within, one.places.get(field, one.span)


@each_cluster
def team(catalog: Catalog) -> Iterator[Problem]:
    """A cluster that has alerts has somebody who is told when the cluster itself is what is wrong."""
    cluster = catalog.cluster
    if cluster.alerts and cluster.team is None and not cluster.is_retired:
        why = "nobody is told of a dead exporter, or of a broken cluster"
        message = f"cluster {quoted(cluster.name)} has alerts and no team: {why}"
        hint = "write team: and the folder of the team that runs it"
        yield Problem("alerts/no-team", message, cluster.places.get("alerts", cluster.span), hint, Severity.WARNING)


def _there(catalog: Catalog) -> Iterator[Topic]:
    return (topic for topic in catalog.topics.values() if topic.state is not Presence.ABSENT)
