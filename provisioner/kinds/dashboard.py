"""Dashboards, of a topic, of all topics or of a team: Grafana's JSON from a template, compared panel by panel."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from provisioner.catalog import model
from provisioner.catalog.destinations import Destination
from provisioner.kinds import dashboard_links, panel_words, shared_board, team_board
from provisioner.kinds.board_file import Dashboard
from provisioner.kinds.hidden_parts import LARGE, hidden
from provisioner.kinds.kind import Context, Kind
from provisioner.kinds.rendering import Rendering, faults_of, profile_of
from provisioner.kinds.spellings import spellings
from provisioner.kinds.template_context import topic_context
from provisioner.kinds.topic import TOPICS
from provisioner.line import Line
from provisioner.problem import Problem
from provisioner.profiles import Profile
from provisioner.reconcile.change import Change
from provisioner.reconcile.kind import Pruning
from provisioner.reconcile.model import Key, Wanted
from provisioner.reconcile.on_demand import Deferred, Each, OnDemand
from provisioner.templates import Template, Templates

TOPIC, DEAD_LETTER, TEAM = "topic", "dead_letter", "team"
"""The templates by name: a user's own of these names wins over the shipped one."""


class _Dashboards(Kind[Dashboard]):
    """Nothing depends on a dashboard: nothing is dangerous about it."""

    name = "dashboard"
    lane = "dashboards"
    nouns = ("dashboard", "dashboards")
    pruning = Pruning.MARKED
    derived = True
    of_topics = True
    worded = True

    def follows_from_all(self, name: str) -> bool:
        """That of all topics, and a team's."""
        return dashboard_links.is_of_many(name)

    def destinations(self, cluster: model.Cluster) -> Iterable[Destination]:
        """What the cluster declares under `dashboards:`."""
        return (cluster.dashboards,) if cluster.dashboards else ()

    def wanted(self, catalog: model.Catalog, context: Context) -> Mapping[str, Wanted[Dashboard]]:
        """The dashboards of every declared topic by its name, or of all; those of teams.

        None where the profile lacks what a template needs.
        """
        profile = profile_of(catalog, context.templates.profiles)
        undrawn = lacking(context.templates, profile)
        boards = {name: board for name, board in _boards(context.templates).items() if name not in undrawn}
        return _rendered(catalog, profile, boards, context)

    def wrong(self, context: Context, catalog: model.Catalog | None = None) -> tuple[Problem, ...]:
        return (*context.templates.wrong_dashboards, *faults_of(catalog, context.templates.profiles))

    def remarks(self, catalog: model.Catalog, context: Context) -> Iterator[str]:
        """What is not drawn: boards that the profile's metrics cannot give."""
        if faults_of(catalog, context.templates.profiles):
            return
        profile = profile_of(catalog, context.templates.profiles)
        asked = {
            TOPIC,
            DEAD_LETTER,
            *([TEAM] if catalog.cluster.dashboards and catalog.cluster.dashboards.teams else []),
        }
        undrawn = lacking(context.templates, profile)
        for name, metrics in ((name, undrawn[name]) for name in undrawn if name in asked):
            yield f"profile {profile.name} cannot give the dashboard {name}: it has no {', '.join(metrics)}"

    def words(self, change: Change[Dashboard], whole: bool) -> Iterator[Line]:
        return panel_words.words(change, whole)

    def losses(self, change: Change[Dashboard]) -> str:
        return panel_words.losses(change)

    def sentences(self, change: Change[Dashboard]) -> list[str]:
        return panel_words.sentences(change)

    def diff(self, change: Change[Dashboard], whole: bool) -> Iterator[tuple[str, list[str]]]:
        return panel_words.diff(change)

    def spellings(self, name: str, cluster: str) -> tuple[str, ...]:
        return spellings(name, cluster)


DASHBOARDS = _Dashboards()


def lacking(templates: Templates, profile: Profile) -> dict[str, tuple[str, ...]]:
    """The boards that cannot be drawn, each with the metrics that it needs and the profile does not give."""
    found = {name: profile.lacks(board.needs) for name, board in _boards(templates).items()}
    return {name: metrics for name, metrics in found.items() if metrics}


def _boards(templates: Templates) -> dict[str, Template]:
    return {name: templates.dashboards[name] for name in (TOPIC, DEAD_LETTER, TEAM) if name in templates.dashboards}


def _rendered(
    catalog: model.Catalog, profile: Profile, templates: Mapping[str, Template], context: Context
) -> Mapping[str, Wanted[Dashboard]]:
    renderings = {
        name: Rendering.of(catalog.cluster, profile, [template], context.templates)
        for name, template in templates.items()
    }
    place = catalog.cluster.dashboards
    shared, by_team = (place.shared, place.teams) if place else (False, False)
    topics = {name: topic for name, topic in catalog.topics.items() if not shared and _template(topic, templates)}
    teams = {dashboard_links.of_team(name): name for name in sorted(catalog.teams) if by_team and TEAM in templates}
    charges = OnDemand(lambda: team_board.charges(catalog.topics.values()))

    def wanted(name: str) -> Wanted[Dashboard]:
        if name in topics:
            chosen = _template(topics[name], templates)
            return _wanted(catalog, topics[name], profile, templates[chosen], renderings[chosen])
        if name in teams:
            return _of_team(catalog.cluster, profile, charges[teams[name]], templates[TEAM], renderings[TEAM])
        return _of_all(catalog, profile, templates[TOPIC], renderings[TOPIC])

    of_all = [dashboard_links.SHARED] if shared and TOPIC in templates else []
    return Each([*of_all, *teams, *topics], wanted)


def _of_all(catalog: model.Catalog, profile: Profile, template: Template, rendering: Rendering) -> Wanted[Dashboard]:
    cluster, limits = catalog.cluster, shared_board.lags(catalog.topics)

    def rendered() -> Dashboard:
        return _drawn(
            rendering, template, profile, dashboard_links.SHARED, shared_board.names(cluster, profile, limits)
        )

    place, team = cluster.places.get("dashboards", cluster.span), cluster.team.name if cluster.team else ""
    digests = rendering.digests(shared_board.ingredients(cluster, limits))
    return Wanted(Deferred(rendered), place, team, **digests._asdict())


def _of_team(
    cluster: model.Cluster, profile: Profile, charge: team_board.Charge, template: Template, rendering: Rendering
) -> Wanted[Dashboard]:
    def rendered() -> Dashboard:
        names = team_board.names(cluster, profile, charge)
        return _drawn(rendering, template, profile, dashboard_links.of_team(charge.team.name), names)

    digests = rendering.digests(team_board.ingredients(cluster, charge))
    return Wanted(Deferred(rendered), charge.team.span, charge.team.name, **digests._asdict())


def _drawn(
    rendering: Rendering, template: Template, profile: Profile, name: str, names: Mapping[str, Any]
) -> Dashboard:
    data = rendering.render(template, name, names) or {}
    text = written(data)
    if len(text.encode(errors="surrogatepass")) > LARGE:
        text = written(rendering.timed(template, name, lambda: hidden(data, profile)) or {})
    rendering.finish()
    return Dashboard(text)


def _template(topic: model.Topic, templates: Mapping[str, Template]) -> str:
    """By name; empty where there is none. Without a template of their own dead letters have the topics'."""
    own = DEAD_LETTER if topic.dead_letter_of is not None and DEAD_LETTER in templates else TOPIC
    return own if own in templates else ""


def _wanted(
    catalog: model.Catalog, topic: model.Topic, profile: Profile, template: Template, rendering: Rendering
) -> Wanted[Dashboard]:
    members = {topic.name: Key(TOPICS.name, topic.name)}
    if topic.state is model.Presence.ABSENT:
        return Wanted(None, topic.span, topic.team.name, members=members)

    def rendered() -> Dashboard:
        return _drawn(rendering, template, profile, topic.name, topic_context(catalog, profile, topic).for_dashboard())

    digests = rendering.digests(topic_context(catalog, profile, topic).of_dashboard)
    return Wanted(Deferred(rendered), topic.span, topic.team.name, members=members, **digests._asdict())


def written(data: Mapping[str, Any]) -> str:
    """The file's text: a line a key, a line a panel, so that a diff of two versions shows what changed."""
    lines = [f"{_compact(key)}:{_value(key, value)}" for key, value in data.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _value(key: str, value: Any) -> str:
    if key == "panels" and value:
        return "[\n" + ",\n".join(map(_compact, value)) + "\n]"
    return _compact(value)


_compact = json.JSONEncoder(separators=(",", ":")).encode
