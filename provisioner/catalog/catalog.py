"""Declarations -> one catalog a cluster: built-in < cluster < team < topic < overrides[cluster].

Maps merge by key, lists replace. A dead letter topic takes the cluster's and the team's defaults, not its source's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from provisioner.catalog import links, placing, watching
from provisioner.catalog.clusters import cluster
from provisioner.catalog.entries import Declarations, Entry
from provisioner.catalog.findings import bounded
from provisioner.catalog.levels import BUILT_IN, Level, Merged, laid_over, threshold
from provisioner.catalog.model import (
    Catalog,
    Cluster,
    Consumer,
    Origin,
    Presence,
    Team,
    Topic,
)
from provisioner.catalog.placing import Placed, homes, placed, too_many
from provisioner.catalog.quoting import quoted
from provisioner.catalog.team_declarations import TeamDeclaration
from provisioner.catalog.topic_declarations import ConsumerDeclaration, DeadLetter, TopicDeclaration, TopicFields
from provisioner.catalog.units import Duration
from provisioner.problem import Problem, Span

__all__ = ["bare", "catalogs", "homes"]

MOST_CONSUMERS = 250
"""Of one topic on one cluster: the alert for all other groups names each of them."""

Consumers = Mapping[str, Sequence[Entry[ConsumerDeclaration]]]
"""By the topic that they name."""


@dataclass(slots=True)
class _Merge:
    """One cluster's catalog in the making. `below`: what a team's topics get that say nothing, by team."""

    declarations: Declarations
    cluster: Cluster
    defaults: Level
    consumers: Consumers
    problems: list[Problem] = field(default_factory=list)
    topics: dict[str, Topic] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    common: Merged | None = None
    below: dict[str, Merged] = field(default_factory=dict)


def catalogs(declarations: Declarations) -> tuple[dict[str, Catalog], list[Problem]]:
    """Every cluster's catalog, and what does not fit together: unknown clusters and topics, doubles."""
    problems = [*links.unknown_clusters(declarations), *links.unknown_teams(declarations)]
    problems += [*links.unclear_default(declarations)]
    entries = placed(declarations)
    if excess := too_many(entries):
        return {}, bounded([*problems, excess])
    merged = {name: _catalog(declarations, entry, entries) for name, entry in declarations.clusters.items()}
    for _, unfit in merged.values():
        problems += unfit
    problems += links.consumers_without_topic(declarations, [catalog for catalog, _ in merged.values()])
    return {name: catalog for name, (catalog, _) in merged.items()}, bounded(problems)


def _catalog(declarations: Declarations, entry: Any, where: Placed) -> tuple[Catalog, list[Problem]]:
    merge = _begun(declarations, entry, where.consumers)
    entries = where.topics[merge.cluster.name]
    for each in entries:
        _add(merge, each, _topic(merge, each))
    _add_dead_letters(merge, entries)
    team = _team(merge, entry.value.team) if entry.value.team else None
    others = placing.others(declarations, merge.cluster.name)
    return Catalog(
        replace(merge.cluster, team=team), merge.topics, others, teams=watching.called(merge.topics.values())
    ), merge.problems


def _begun(declarations: Declarations, entry: Any, consumers: Consumers) -> _Merge:
    defaults = Level(entry.value.defaults, Origin.CLUSTER, entry, ("defaults",))
    made = replace(cluster(entry), repository=declarations.repository)
    return _Merge(declarations, made, defaults, consumers)


def bare(declarations: Declarations, cluster_name: str, team: str) -> Topic:
    """What an entry of a team gets on a cluster if it says nothing but a name: the merged defaults."""
    entry = declarations.clusters[cluster_name]
    return _topic(_begun(declarations, entry, {}), Entry(TopicDeclaration(name=""), entry.document, (), team))


def _add(merge: _Merge, entry: Entry[Any], topic: Topic) -> None:
    if (first := merge.topics.get(topic.name)) is None:
        merge.topics[topic.name] = topic
        return
    message = f"topic {quoted(topic.name)} is declared twice on cluster {merge.cluster.name}, first at {first.span}"
    hint = "keep one declaration; `overrides:` says what differs on one cluster"
    place = entry.span("name")
    merge.problems.append(Problem("topics/duplicate", message, place, hint, governs=(place, first.span)))


def _topic(merge: _Merge, entry: Entry[TopicDeclaration]) -> Topic:
    written, name = entry.value, merge.cluster.name
    levels = [Level(written, Origin.TOPIC, entry)]
    if (override := written.overrides.get(name)) is not None:
        levels.append(Level(override, Origin.OVERRIDE, entry, ("overrides", name)))
        own = {field: value for field in _OWN if (value := getattr(override, field)) is not None}
        written = written.model_copy(update=own)
    merged = _defaults(merge, entry.team)
    for level in levels:
        merged = laid_over(merged, level, merge.problems)
    topic = _finished(merge, entry, merged, written)
    watched = watching.of_topic(levels)
    return replace(topic, **watched) if watched else topic


_OWN = ("state", "description", "message", "dead_letter")
"""Fields that have no default."""


def _finished(merge: _Merge, entry: Entry[Any], merged: Merged, written: TopicDeclaration | DeadLetter) -> Topic:
    span, lag = entry.span("name"), merged.lag
    own = written if isinstance(written, TopicDeclaration) else TopicFields()
    return Topic(
        name=written.name,
        team=_team(merge, entry.team),
        state=own.state or Presence.PRESENT,
        span=span,
        partitions=merged.partitions,
        replication_factor=merged.replication_factor,
        config=merged.config,
        description=own.description,
        message=own.message,
        lag=lag.value,
        lag_span=span if lag.origin is Origin.BUILT_IN else lag.span,
        dead_letter=own.dead_letter.name if own.dead_letter else None,
        consumers=() if written.name in merge.topics else _consumers(merge, written.name, lag.value),
        consents=merged.consents,
    )


def _team(merge: _Merge, name: str) -> Team:
    if name not in merge.teams:
        entry = merge.declarations.teams.get(name)
        written = entry.value if entry else TeamDeclaration()
        span = entry.span() if entry else Span(name)
        mentions = tuple(written.mention or ())
        settings = written.alert_settings
        merge.teams[name] = Team(name, written.chat, written.severity, written.runbook, span, mentions, settings)
    return merge.teams[name]


def _defaults(merge: _Merge, team: str) -> Merged:
    """The levels that all topics of a team stand on: worked through once, not once a topic."""
    if merge.common is None:
        merge.common = laid_over(BUILT_IN, merge.defaults, merge.problems)
    if team not in merge.below:
        entry = merge.declarations.teams.get(team)
        level = Level(entry.value.defaults, Origin.TEAM, entry, ("defaults",)) if entry else None
        merge.below[team] = laid_over(merge.common, level, merge.problems) if level else merge.common
    return merge.below[team]


def _add_dead_letters(merge: _Merge, entries: Sequence[Entry[TopicDeclaration]]) -> None:
    for entry in entries:
        override = entry.value.overrides.get(merge.cluster.name)
        base: tuple[str, ...] = ("overrides", merge.cluster.name) if override and override.dead_letter else ()
        written = override.dead_letter if override and override.dead_letter else entry.value.dead_letter
        if written:
            _add_dead_letter(merge, entry, written, base)


def _add_dead_letter(merge: _Merge, entry: Entry[TopicDeclaration], written: DeadLetter, base: tuple[str, ...]) -> None:
    source = entry.value.name
    if written.name == source:
        message = f"topic {quoted(source)} names itself as its dead letter topic"
        hint = "name another topic, or leave dead_letter away"
        merge.problems.append(Problem("topics/dead-letter", message, entry.span(*base, "dead_letter"), hint))
        return
    if merge.topics[source].state is Presence.ABSENT:
        message = f"topic {quoted(source)} is to be deleted and still names a dead letter topic"
        hint = f"remove dead_letter; declare {quoted(written.name)} absent too if it shall go"
        merge.problems.append(Problem("topics/dead-letter", message, entry.span(*base, "dead_letter"), hint))
        return
    if (declared := merge.topics.get(written.name)) is not None and declared.dead_letter_of is None:
        merge.topics[written.name] = replace(declared, dead_letter_of=source)
        return
    own = Entry(written, entry.document, (*entry.loc, *base, "dead_letter"), entry.team)
    merged = laid_over(_defaults(merge, entry.team), Level(written, Origin.TOPIC, own), merge.problems)
    _add(merge, own, replace(_finished(merge, own, merged, written), dead_letter_of=source))


def _consumers(merge: _Merge, topic: str, lag: Duration | None) -> tuple[Consumer, ...]:
    """The declared consumers of a topic on this cluster, each group once, as many as its alerts can hold."""
    places: dict[str, Span] = {}
    consumers: list[Consumer] = []
    for entry in merge.consumers.get(topic, ()):
        written, span = entry.value, entry.span("group")
        if merge.cluster.name not in (written.clusters or [merge.cluster.name]):
            continue
        if written.group in places:
            merge.problems.append(_twice(topic, written.group, span, places[written.group]))
        elif len(consumers) == MOST_CONSUMERS:
            merge.problems.append(_too_many_consumers(merge, topic, span))
            break
        else:
            places[written.group] = span
            consumers.append(_consumer(merge, entry, lag))
    return tuple(consumers)


def _twice(topic: str, group: str, span: Span, first: Span) -> Problem:
    message = f"group {quoted(group)} of topic {quoted(topic)} is declared twice, first at {first}"
    return Problem("consumers/duplicate", message, span, "keep one of them")


def _too_many_consumers(merge: _Merge, topic: str, span: Span) -> Problem:
    where = f"topic {quoted(topic)} on cluster {merge.cluster.name}"
    hint = "declare those that need a threshold of their own; the topic's lag holds for all others"
    return Problem("consumers/too-many", f"more than {MOST_CONSUMERS} consumers of {where}", span, hint)


def _consumer(merge: _Merge, entry: Entry[ConsumerDeclaration], default: Duration | None) -> Consumer:
    written, team = entry.value, _team(merge, entry.team)
    lag = default if written.lag is None else threshold(written.lag)
    within = watching.asked(written.expect_progress_within)
    return Consumer(
        group=written.group,
        team=team,
        lag=lag,
        severity=written.severity or team.severity,
        slack=written.transactional,
        span=entry.span("lag"),
        expect_progress_within=within,
        alert_settings=written.alert_settings,
        places={} if within is None else {"expect_progress_within": entry.span("expect_progress_within")},
    )
