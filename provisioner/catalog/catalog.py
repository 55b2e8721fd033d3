"""Declarations -> one catalog a cluster: built-in < cluster < team < topic < overrides[cluster].

Maps merge by key, lists replace. A dead letter topic takes the cluster's and the team's defaults, not its source's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple, TypeVar

from provisioner import printable
from provisioner.catalog import links, placing
from provisioner.catalog.clusters import cluster
from provisioner.catalog.declarations import (
    OFF,
    ConsumerDeclaration,
    DeadLetter,
    Defaults,
    TeamDeclaration,
    TopicDeclaration,
    TopicFields,
)
from provisioner.catalog.documents import Loc
from provisioner.catalog.entries import Declarations, Entry
from provisioner.catalog.findings import bounded
from provisioner.catalog.model import (
    DEFAULT_LAG,
    Catalog,
    Cluster,
    Consent,
    Consumer,
    Origin,
    Presence,
    Setting,
    Team,
    Topic,
)
from provisioner.catalog.placing import Placed, homes, placed, too_many
from provisioner.catalog.quoting import LONGEST, quoted
from provisioner.catalog.topic_config import ConfigValueError, example, is_known, normal
from provisioner.catalog.units import Duration
from provisioner.problem import Problem, Span

__all__ = ["bare", "catalogs", "homes"]

MOST_CONSUMERS = 250
"""Of one topic on one cluster: the alert for all other groups names each of them."""

T = TypeVar("T")


class _Level(NamedTuple):
    """One level of the merge: the values, how strong they are, and how to find the places of values and keys."""

    values: Defaults | TopicFields | DeadLetter
    origin: Origin
    entry: Entry[Any]
    base: Loc = ()

    def span(self, *loc: str | int) -> Span:
        """Where a value of this level stands."""
        return self.entry.span(*self.base, *loc)

    def key_span(self, *loc: str | int) -> Span:
        """Where the key of a value stands."""
        return self.entry.key_span(*self.base, *loc)

    def setting(self, field: str, value: T) -> Setting[T]:
        """The value of a field of this level."""
        return Setting(value, self.span(field), self.origin)


class _Merged(NamedTuple):
    """What a level and those below it say together."""

    partitions: Setting[int]
    replication_factor: Setting[int]
    lag: Setting[Duration | None]
    config: Mapping[str, Setting[str]]
    consents: tuple[Consent, ...]


def _built_in(value: T) -> Setting[T]:
    return Setting(value, Span("(built in)"), Origin.BUILT_IN)


BUILT_IN = _Merged(_built_in(3), _built_in(3), _built_in(DEFAULT_LAG), {}, ())


Consumers = Mapping[str, Sequence[Entry[ConsumerDeclaration]]]
"""By the topic that they name."""


@dataclass(slots=True)
class _Merge:
    """One cluster's catalog in the making. `below`: what a team's topics get that say nothing, by team."""

    declarations: Declarations
    cluster: Cluster
    defaults: _Level
    consumers: Consumers
    problems: list[Problem] = field(default_factory=list)
    topics: dict[str, Topic] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    common: _Merged | None = None
    below: dict[str, _Merged] = field(default_factory=dict)


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
    return Catalog(replace(merge.cluster, team=team), merge.topics, others), merge.problems


def _begun(declarations: Declarations, entry: Any, consumers: Consumers) -> _Merge:
    defaults = _Level(entry.value.defaults, Origin.CLUSTER, entry, ("defaults",))
    return _Merge(declarations, cluster(entry), defaults, consumers)


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
    merge.problems.append(Problem("topics/duplicate", message, entry.span("name"), hint))


def _topic(merge: _Merge, entry: Entry[TopicDeclaration]) -> Topic:
    written, name = entry.value, merge.cluster.name
    merged = _over(merge, _defaults(merge, entry.team), _Level(written, Origin.TOPIC, entry))
    if (override := written.overrides.get(name)) is None:
        return _finished(merge, entry, merged, written)
    merged = _over(merge, merged, _Level(override, Origin.OVERRIDE, entry, ("overrides", name)))
    own = {field: value for field in _OWN if (value := getattr(override, field)) is not None}
    return _finished(merge, entry, merged, written.model_copy(update=own))


_OWN = ("state", "description", "message", "dead_letter")
"""Fields that have no default."""


def _finished(merge: _Merge, entry: Entry[Any], merged: _Merged, written: TopicDeclaration | DeadLetter) -> Topic:
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
        merge.teams[name] = Team(name, written.chat, written.severity, written.runbook, span)
    return merge.teams[name]


def _defaults(merge: _Merge, team: str) -> _Merged:
    """The levels that all topics of a team stand on: worked through once, not once a topic."""
    if merge.common is None:
        merge.common = _over(merge, BUILT_IN, merge.defaults)
    if team not in merge.below:
        entry = merge.declarations.teams.get(team)
        level = _Level(entry.value.defaults, Origin.TEAM, entry, ("defaults",)) if entry else None
        merge.below[team] = _over(merge, merge.common, level) if level else merge.common
    return merge.below[team]


def _over(merge: _Merge, below: _Merged, level: _Level) -> _Merged:
    """A level laid over those below it."""
    written = level.values
    partitions, replicas = written.partitions, written.replication_factor
    lag = None if isinstance(written, DeadLetter) else written.lag
    return _Merged(
        below.partitions if partitions is None else level.setting("partitions", partitions),
        below.replication_factor if replicas is None else level.setting("replication_factor", replicas),
        below.lag if lag is None else level.setting("lag", _threshold(lag)),
        {**below.config, **_settings(merge, level)} if written.config else below.config,
        (*below.consents, *_consents(level)) if written.allow else below.consents,
    )


def _threshold(lag: Duration | Literal["none"]) -> Duration | None:
    return None if lag == OFF else lag


def _settings(merge: _Merge, level: _Level) -> dict[str, Setting[str]]:
    return {
        key: Setting(_normal(merge, level, key, raw), level.key_span("config", key), level.origin)
        for key, raw in level.values.config.items()
        if raw is not None
    }


def _normal(merge: _Merge, level: _Level, key: str, raw: Any) -> str:
    try:
        return normal(key, raw)
    except ConfigValueError as fault:
        place, hint = level.span("config", key), _way_out(key, raw)
        merge.problems.append(Problem("configs/value", f"{printable.line(key[:LONGEST])} must be {fault}", place, hint))
        return str(raw)[:100]


def _way_out(key: str, raw: Any) -> str:
    return f"write {key}: {example(key, raw)}" if is_known(key) else "shorten it"


def _consents(level: _Level) -> Iterator[Consent]:
    for slug, written in level.values.allow.items():
        for value in written if isinstance(written, list) else [written]:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            yield Consent(slug, text, level.key_span("allow", slug), level.origin)


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
    merged = _over(merge, _defaults(merge, entry.team), _Level(written, Origin.TOPIC, own))
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
    lag = default if written.lag is None else _threshold(written.lag)
    return Consumer(
        written.group, team, lag, written.severity or team.severity, written.transactional, entry.span("lag")
    )
