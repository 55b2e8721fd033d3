"""The alerts of one topic: one resource, whatever templates and teams they come from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from provisioner.catalog import model
from provisioner.catalog.destinations import Destination
from provisioner.kinds import alert_classes, alert_remarks, alert_settings, alert_words, compact_rules, thresholds
from provisioner.kinds.alert_rules import Told, finished
from provisioner.kinds.alert_set import LOADED, AlertSet, Rule
from provisioner.kinds.dashboard import TOPIC, lacking
from provisioner.kinds.kind import Context, Kind
from provisioner.kinds.rendering import Rendering, faults_of, profile_of
from provisioner.kinds.spellings import spellings
from provisioner.kinds.template_context import TemplateContext, of_cluster, topic_context
from provisioner.kinds.template_values import Consumer, Topic
from provisioner.kinds.topic import TOPICS
from provisioner.line import Line
from provisioner.problem import Problem
from provisioner.profiles import Profile
from provisioner.reconcile.change import Change
from provisioner.reconcile.kind import Pruning
from provisioner.reconcile.model import Key, Wanted
from provisioner.reconcile.on_demand import Deferred, Each
from provisioner.templates import Scope, Template, Templates

C = TypeVar("C", model.Consumer, Consumer)


class _Alerts(Kind[AlertSet]):
    """An alert that goes while its topic lives is listed first, but needs no consent."""

    name = "alerts"
    lane = "alerts"
    nouns = ("alert set", "alert sets")
    pruning = Pruning.MARKED
    derived = True
    of_topics = True
    worded = True

    def destinations(self, cluster: model.Cluster) -> Iterable[Destination]:
        """What the cluster declares under `alerts:`."""
        return (cluster.alerts,) if cluster.alerts else ()

    def said(self, resource: AlertSet) -> dict[str, str]:
        """Not whether Prometheus has taken it."""
        return {name: text for name, text in resource.exact().items() if name != LOADED}

    def wanted(self, catalog: model.Catalog, context: Context) -> Mapping[str, Wanted[AlertSet]]:
        """The alerts of every declared topic by its name; one to which no template applies has no entry."""
        return _rendered(catalog, context.templates)

    def wrong(self, context: Context, catalog: model.Catalog | None = None) -> tuple[Problem, ...]:
        return (*context.templates.wrong_alerts, *faults_of(catalog, context.templates.profiles))

    def remarks(self, catalog: model.Catalog, context: Context) -> Iterator[str]:
        """What is not watched: alerts that the profile's metrics cannot give, and those that files switch off."""
        yield from alert_remarks.not_watched(catalog, context.templates)
        yield from alert_remarks.of_layout(
            catalog, context.templates, lambda template: _has_rule(catalog, template, context.templates)
        )

    def words(self, change: Change[AlertSet], whole: bool) -> Iterator[Line]:
        return alert_words.words(change, whole)

    def losses(self, change: Change[AlertSet]) -> str:
        return alert_words.losses(change)

    def sentences(self, change: Change[AlertSet]) -> list[str]:
        return alert_words.sentences(change)

    def called(self, change: Change[AlertSet]) -> list[frozenset[str]]:
        return alert_words.called(change)

    def diff(self, change: Change[AlertSet], whole: bool) -> Iterator[tuple[str, list[str]]]:
        return alert_words.diff(change, whole)

    def spellings(self, name: str, cluster: str) -> tuple[str, ...]:
        return spellings(name, cluster)


ALERTS = _Alerts()


def _rendered(catalog: model.Catalog, templates: Templates) -> Mapping[str, Wanted[AlertSet]]:
    profile = profile_of(catalog, templates.profiles)
    if TOPIC in lacking(templates, profile):
        catalog = _without_links(catalog)
    usable = [template for template in templates.alerts.values() if not profile.lacks(template.needs)]
    rendering = Rendering.of(catalog.cluster, profile, usable, templates)
    own, called = _of_cluster(catalog, profile, usable, rendering), own_name(catalog.cluster.name)
    names = [name for name, topic in catalog.topics.items() if _is_named(topic, usable)]

    def made(name: str) -> Wanted[AlertSet]:
        if own is not None and name == called:
            return own
        return _wanted(catalog, catalog.topics[name], profile, usable, rendering)

    return Each([*([called] if own else []), *names], made)


def _without_links(catalog: model.Catalog) -> model.Catalog:
    """No alert leads to a board that is not drawn."""
    return replace(catalog, cluster=replace(catalog.cluster, dashboards=None))


def own_name(cluster: str) -> str:
    """What the alerts of the cluster itself are called. No topic can be called so: its name has no space."""
    return f"cluster {cluster}"


def _of_cluster(
    catalog: model.Catalog, profile: Profile, templates: Iterable[Template], rendering: Rendering
) -> Wanted[AlertSet] | None:
    """The alerts of the cluster itself, where a team is named whom they call."""
    cluster, team, name = catalog.cluster, catalog.cluster.team, own_name(catalog.cluster.name)
    if team is None:
        return None
    settings = alert_settings.of_cluster(cluster)
    own = [each for each in templates if each.scope is Scope.CLUSTER and alert_settings.is_on(each, settings)]
    names = of_cluster(cluster, team, profile, len(catalog.teams))

    def rendered_set() -> AlertSet | None:
        rules = tuple(_rules_of_cluster(cluster, profile, own, rendering, names))
        rendering.finish()
        return AlertSet(name, team.name, rules) if rules else None

    place = cluster.places.get("team", cluster.span)
    digests = rendering.digests((names["team"], len(catalog.teams), *([settings] if settings else [])))
    return Wanted(Deferred(rendered_set), place, team.name, **digests._asdict()) if own else None


def _rules_of_cluster(
    cluster: model.Cluster,
    profile: Profile,
    templates: Iterable[Template],
    rendering: Rendering,
    names: Mapping[str, Any],
) -> Iterator[Rule]:
    team, settings = names["team"], alert_settings.of_cluster(cluster)
    labels = {"kafka_cluster": cluster.name, "team": team.name}
    for template in templates:
        known = {**names, **alert_settings.parameters(template, settings)}
        if rule := rendering.render(template, own_name(cluster.name), known):
            chosen = alert_settings.severity(template, settings)
            yield finished(rule, cluster, profile, Told(team, team.severity, labels, chosen), {})


_ABSENT = model.Presence.ABSENT


def _wanted(
    catalog: model.Catalog, topic: model.Topic, profile: Profile, templates: Iterable[Template], rendering: Rendering
) -> Wanted[AlertSet]:
    members = {topic.name: Key(TOPICS.name, topic.name)}
    if topic.state is model.Presence.ABSENT:
        return Wanted(None, topic.span, topic.team.name, members=members)
    here = topic_context(catalog, profile, topic)

    def rendered_set() -> AlertSet | None:
        rules = alert_classes.arranged(_rules(topic_context(catalog, profile, topic), templates, rendering))
        rendering.finish()
        return AlertSet(topic.name, topic.team.name, rules) if rules else None

    digests = rendering.digests(here.ingredients)
    return Wanted(Deferred(rendered_set), topic.span, topic.team.name, members=members, **digests._asdict())


def _has_rule(catalog: model.Catalog, template: Template, templates: Templates) -> bool:
    """Whether it gives a rule to any topic; the first one that has it ends the search."""
    profile = profile_of(catalog, templates.profiles)
    if profile.lacks(template.needs):
        return False
    rendering = Rendering.of(catalog.cluster, profile, [template], templates)
    topics = (topic for topic in catalog.topics.values() if topic.state is not _ABSENT and _is_named(topic, [template]))
    made = (_rules(topic_context(catalog, profile, topic), [template], rendering) for topic in topics)
    return any(True for rules in made for _ in rules)


def _is_named(topic: model.Topic, templates: Iterable[Template]) -> bool:
    """False for one to which no template applies."""
    return topic.state is _ABSENT or any(True for _ in _subjects(topic, topic.consumers, templates))


def _subjects(
    topic: model.Topic | Topic, consumers: Sequence[C], templates: Iterable[Template]
) -> Iterator[tuple[Template, C | None]]:
    """Each template with what it watches: a declared consumer, or the topic with all its groups."""
    for template in templates:
        if template.scope is not Scope.CLUSTER:
            for consumer in consumers if template.scope is Scope.CONSUMER else (None,):
                if _applies(topic, template, consumer):
                    yield template, consumer


def _applies(topic: model.Topic | Topic, template: Template, consumer: model.Consumer | Consumer | None) -> bool:
    """A template with a field that nobody declared, or that is switched off, is nothing here."""
    if template.scope is Scope.DEAD_LETTER and topic.dead_letter_of is None:
        return False
    return all(value is not None for value in thresholds.of(template, topic, consumer).values())


def _rules(here: TemplateContext, templates: Iterable[Template], rendering: Rendering) -> Iterator[Rule]:
    for template, consumer in _subjects(here.topic, here.topic.consumers, templates):
        settings = here.settings_of(consumer)
        if not alert_settings.is_on(template, settings):
            continue
        known, chosen = thresholds.of(template, here.topic, consumer), alert_settings.parameters(template, settings)
        told = _told(here, consumer, alert_settings.severity(template, settings))
        if compact_rules.is_for(here, template):
            rule = compact_rules.rule(here, template, consumer, known, chosen, rendering)
            if rule is not None:
                yield compact_rules.joined(finished(rule, here.cluster, here.profile, told, known), template, here)
            continue
        names = here.for_consumer(consumer, known) if consumer else here.for_topic(known)
        rule = rendering.render(template, here.topic.name, {**names, **chosen})
        if rule is not None:
            yield finished(rule, here.cluster, here.profile, told, known)


def _told(here: TemplateContext, consumer: Consumer | None, chosen: str | None) -> Told:
    team = consumer.team if consumer else here.topic.team
    labels: dict[str, str | None] = {
        "kafka_cluster": here.cluster.name,
        "topic": here.topic.name,
        "team": team.name,
        "consumer_group": consumer.group if consumer else None,
    }
    return Told(
        team,
        consumer.severity if consumer else team.severity,
        labels,
        chosen,
        here.dashboard_url(consumer.group if consumer else None),
    )
