"""What is not watched, said beside a plan: alerts that metrics cannot give, and those that somebody switched off."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from provisioner.catalog.model import DEFAULT_SEVERITY, AlertSettings, Catalog, Cluster, Presence, Topic
from provisioner.kinds import alert_settings
from provisioner.kinds.rendering import faults_of, profile_of
from provisioner.profiles import Profile
from provisioner.templates import Scope, Template, Templates

MANY = 2_000
"""Topics up to which a Prometheus loads readable rules in seconds."""

NAMED = 3
"""Topics, or groups, that a remark names; the others are counted."""


def not_watched(catalog: Catalog, templates: Templates) -> Iterator[str]:
    """A sentence each."""
    if not faults_of(catalog, templates.profiles):
        yield from _of_profile(profile_of(catalog, templates.profiles), templates)
    watched = [topic for topic in catalog.topics.values() if topic.state is not Presence.ABSENT]
    if off := [topic.name for topic in watched if topic.lag is None]:
        yield f"{len(off)} topic{'s have' if len(off) > 1 else ' has'} no lag alert (lag: none): {_named(off)}"
    if _has_settings(catalog, watched):
        yield from _switched_off(catalog, watched, templates)


def _of_profile(profile: Profile, templates: Templates) -> Iterator[str]:
    for template in templates.alerts.values():
        if lacking := profile.lacks(template.needs):
            yield f"profile {profile.name} cannot give the alert {template.name}: it has no {', '.join(lacking)}"
    if not profile.is_run:
        most = f"its alerts have severity {DEFAULT_SEVERITY} at most"
        yield f"profile {profile.name} is known from documents alone: {most}"


def of_layout(catalog: Catalog, templates: Templates, has_rule: Callable[[Template], bool]) -> Iterator[str]:
    """That a fleet is large for rules of each topic's own; which of those there are in the compact layout, too.

    `has_rule`: whether a template gives any topic of the catalog a rule.
    """
    place, count = catalog.cluster.alerts, len(catalog.topics)
    if place is None or faults_of(catalog, templates.profiles):
        return
    if not place.layout.compact:
        if count > MANY:
            remedy = "write `layout: compact` into the cluster's `alerts:`"
            yield f"{count} topics have rules of their own, which are slow to load: {remedy}"
        return
    others = [each for each in templates.alerts.values() if each.compact is None and each.scope is not Scope.CLUSTER]
    if own := [each.name for each in others if has_rule(each)]:
        yield f"layout compact: {len(own)} alert{'s have' if len(own) > 1 else ' has'} a rule a topic: {', '.join(own)}"


def _has_settings(catalog: Catalog, topics: Sequence[Topic]) -> bool:
    return bool(catalog.cluster.alert_settings) or any(
        topic.alert_settings
        or topic.team.alert_settings
        or any(one.alert_settings or one.team.alert_settings for one in topic.consumers)
        for topic in topics
    )


def _switched_off(catalog: Catalog, topics: Sequence[Topic], templates: Templates) -> Iterator[str]:
    for template in templates.alerts.values():
        if off := list(_whose(catalog, topics, template)):
            noun = {Scope.CONSUMER: "consumer", Scope.CLUSTER: "cluster"}.get(template.scope, "topic")
            counted = f"{len(off)} {noun}{'s' if len(off) > 1 else ''}"
            yield f"the alert {template.name} is switched off (alert_settings) for {counted}: {_named(off)}"


def _whose(catalog: Catalog, topics: Sequence[Topic], template: Template) -> Iterator[str]:
    for whose, settings in _subjects(catalog.cluster, topics, template.scope):
        if not alert_settings.is_on(template, settings):
            yield whose


def _subjects(cluster: Cluster, topics: Sequence[Topic], scope: Scope) -> Iterator[tuple[str, AlertSettings]]:
    """What alerts of a scope are about, each with the settings for it."""
    if scope is Scope.CLUSTER:
        yield cluster.name, alert_settings.of_cluster(cluster)
    elif scope is Scope.CONSUMER:
        for topic in topics:
            for one in topic.consumers:
                yield f"{one.group} on {topic.name}", alert_settings.of_consumer(cluster, topic, one)
    else:
        for topic in topics:
            if scope is not Scope.DEAD_LETTER or topic.dead_letter_of is not None:
                yield topic.name, alert_settings.of_topic(cluster, topic)


def _named(names: Sequence[str]) -> str:
    return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
