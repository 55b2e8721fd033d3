"""Declarations -> one catalog a cluster: built-in < cluster < team < topic < overrides[cluster].

Maps merge by key, lists replace. A dead letter topic takes the cluster's and the team's defaults, not its source's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from provisioner import printable
from provisioner.catalog import links, placing
from provisioner.catalog.clusters import cluster
from provisioner.catalog.declarations import (
    OFF,
    ConsumerDeclaration,
    DeadLetter,
    Defaults,
    TopicDeclaration,
    TopicFields,
)
from provisioner.catalog.documents import Loc
from provisioner.catalog.entries import Declarations, Entry
from provisioner.catalog.findings import bounded
from provisioner.catalog.model import Catalog, Cluster, Consent, Consumer, Origin, Setting, State, Team, Topic
from provisioner.catalog.placing import Placed, homes, placed, too_many
from provisioner.catalog.quoting import LONGEST, quoted
from provisioner.catalog.topic_config import ConfigValueError, example, is_known, normal
from provisioner.catalog.units import Duration
from provisioner.problem import Problem, Span

__all__ = ["bare", "catalogs", "homes"]

BUILT_IN_PLACE = Span("(built in)")
MOST_CONSUMERS = 250
"""Of one topic on one cluster: the alert for all other groups names each of them."""
BUILT_IN = Defaults(partitions=3, replication_factor=3, lag=Duration(600))


class _Layer(NamedTuple):
    """One level of the merge: the values, how strong they are, and how to find the places of values and keys."""

    values: Defaults | TopicFields | DeadLetter
    origin: Origin
    entry: Entry[Any] | None
    base: Loc = ()

    def span(self, *loc: str | int) -> Span:
        """Where a value of this level stands."""
        return self.entry.span(*self.base, *loc) if self.entry else BUILT_IN_PLACE

    def key_span(self, *loc: str | int) -> Span:
        """Where the key of a value stands."""
        return self.entry.key_span(*self.base, *loc) if self.entry else BUILT_IN_PLACE


class _Settled(NamedTuple):
    """What a level of defaults says of every topic below it."""

    config: Mapping[str, Setting]
    consents: tuple[Consent, ...]


@dataclass(slots=True)
class _Merge:
    """One cluster's catalog in the making."""

    declarations: Declarations
    cluster: Cluster
    defaults: _Layer
    problems: list[Problem] = field(default_factory=list)
    topics: dict[str, Topic] = field(default_factory=dict)
    teams: dict[str, tuple[Team, _Layer]] = field(default_factory=dict)
    settled: dict[tuple[Origin, str], _Settled] = field(default_factory=dict)


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
    merge = _begun(declarations, entry)
    entries = where.topics[merge.cluster.name]
    for each in entries:
        _add(merge, each, _topic(merge, each))
    _add_dead_letters(merge, entries)
    for name, topic in merge.topics.items():
        if consumers := _consumers(merge, topic, where.consumers.get(name, ())):
            merge.topics[name] = replace(topic, consumers=consumers)
    team = _team(merge, entry.value.team)[0] if entry.value.team else None
    others = placing.others(declarations, merge.cluster.name)
    return Catalog(replace(merge.cluster, team=team), merge.topics, others), merge.problems


def _begun(declarations: Declarations, entry: Any) -> _Merge:
    defaults = _Layer(entry.value.defaults, Origin.CLUSTER, entry, ("defaults",))
    return _Merge(declarations, cluster(entry), defaults)


def bare(declarations: Declarations, cluster_name: str, team: str) -> Topic:
    """What an entry of a team gets on a cluster if it says nothing but a name: the merged defaults."""
    entry = declarations.clusters[cluster_name]
    return _topic(_begun(declarations, entry), Entry(TopicDeclaration(name=""), entry.document, (), team))


def _add(merge: _Merge, entry: Entry[Any], topic: Topic) -> None:
    if (first := merge.topics.get(topic.name)) is None:
        merge.topics[topic.name] = topic
        return
    message = f"topic {quoted(topic.name)} is declared twice on cluster {merge.cluster.name}, first at {first.span}"
    hint = "keep one declaration; `overrides:` says what differs on one cluster"
    merge.problems.append(Problem("topics/duplicate", message, entry.span("name"), hint))


def _topic(merge: _Merge, entry: Entry[TopicDeclaration]) -> Topic:
    written = entry.value
    layers = [*_defaults(merge, entry.team), _Layer(written, Origin.TOPIC, entry)]
    if (override := written.overrides.get(merge.cluster.name)) is not None:
        layers.append(_Layer(override, Origin.OVERRIDE, entry, ("overrides", merge.cluster.name)))
    return _merged(merge, entry, written.name, layers)


def _defaults(merge: _Merge, team: str) -> list[_Layer]:
    return [_Layer(BUILT_IN, Origin.BUILT_IN, None), merge.defaults, _team(merge, team)[1]]


def _team(merge: _Merge, name: str) -> tuple[Team, _Layer]:
    if name not in merge.teams:
        entry = merge.declarations.teams.get(name)
        merge.teams[name] = _known_team(name, entry) if entry else _unknown_team(name)
    return merge.teams[name]


def _known_team(name: str, entry: Entry[Any]) -> tuple[Team, _Layer]:
    written = entry.value
    team = Team(name, written.chat, written.severity, written.runbook, entry.span())
    return team, _Layer(written.defaults, Origin.TEAM, entry, ("defaults",))


def _unknown_team(name: str) -> tuple[Team, _Layer]:
    return Team(name, None, "warning", None, Span(name)), _Layer(Defaults(), Origin.TEAM, None)


def _merged(merge: _Merge, entry: Entry[Any], name: str, layers: Sequence[_Layer]) -> Topic:
    lag, lag_span = _lag(layers)
    dead_letter = _last(layers, "dead_letter")
    settled = [_settled(merge, layer) for layer in layers]
    return Topic(
        name=name,
        team=_team(merge, entry.team)[0],
        state=_last(layers, "state") or State.PRESENT,
        span=layers[3].span("name"),
        partitions=_number(layers, "partitions"),
        replication_factor=_number(layers, "replication_factor"),
        config={key: setting for level in settled for key, setting in level.config.items()},
        description=_last(layers, "description"),
        message=_last(layers, "message"),
        lag=lag,
        lag_span=lag_span,
        dead_letter=dead_letter.name if dead_letter else None,
        consents=tuple(consent for level in settled for consent in level.consents),
    )


def _last(layers: Sequence[_Layer], name: str) -> Any:
    for layer in reversed(layers):
        if (value := _written(layer, name)) is not None:
            return value
    return None


def _written(layer: _Layer, name: str) -> Any:
    """What a level says of a field, None where it does not have it; pydantic's own way to say so is slow."""
    return vars(layer.values).get(name)


def _layer_of(layers: Sequence[_Layer], name: str) -> _Layer:
    return [layer for layer in layers if _written(layer, name) is not None][-1]


def _number(layers: Sequence[_Layer], name: str) -> Setting:
    layer = _layer_of(layers, name)
    return Setting(str(getattr(layer.values, name)), layer.span(name), layer.origin)


def _lag(layers: Sequence[_Layer]) -> tuple[Duration | None, Span]:
    layer = _layer_of(layers, "lag")
    lag: Any = layer.values.lag  # type: ignore[union-attr]
    span = layers[3].span("name") if layer.origin is Origin.BUILT_IN else layer.span("lag")
    return (None if lag == OFF else lag), span


def _settled(merge: _Merge, layer: _Layer) -> _Settled:
    """A level of defaults is worked through once, not once a topic."""
    if not layer.origin.is_default:
        return _Settled(_settings(merge, layer), tuple(_consents(layer)))
    key = (layer.origin, layer.entry.team if layer.entry else "")
    if key not in merge.settled:
        merge.settled[key] = _Settled(_settings(merge, layer), tuple(_consents(layer)))
    return merge.settled[key]


def _settings(merge: _Merge, layer: _Layer) -> dict[str, Setting]:
    return {
        key: Setting(_normal(merge, layer, key, raw), layer.key_span("config", key), layer.origin)
        for key, raw in layer.values.config.items()
        if raw is not None
    }


def _normal(merge: _Merge, layer: _Layer, key: str, raw: Any) -> str:
    try:
        return normal(key, raw)
    except ConfigValueError as fault:
        place, hint = layer.span("config", key), _way_out(key, raw)
        merge.problems.append(Problem("configs/value", f"{printable.line(key[:LONGEST])} must be {fault}", place, hint))
        return str(raw)[:100]


def _way_out(key: str, raw: Any) -> str:
    return f"write {key}: {example(key, raw)}" if is_known(key) else "shorten it"


def _consents(layer: _Layer) -> Iterator[Consent]:
    for slug, written in (_written(layer, "allow") or {}).items():
        for value in written if isinstance(written, list) else [written]:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            yield Consent(slug, text, layer.key_span("allow", slug), layer.origin)


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
    if merge.topics[source].state is State.ABSENT:
        message = f"topic {quoted(source)} is to be deleted and still names a dead letter topic"
        hint = f"remove dead_letter; declare {quoted(written.name)} absent too if it shall go"
        merge.problems.append(Problem("topics/dead-letter", message, entry.span(*base, "dead_letter"), hint))
        return
    if (own := merge.topics.get(written.name)) is not None and own.dead_letter_of is None:
        merge.topics[written.name] = replace(own, dead_letter_of=source)
        return
    layer = _Layer(written, Origin.TOPIC, entry, (*base, "dead_letter"))
    topic = _merged(merge, entry, written.name, [*_defaults(merge, entry.team), layer])
    _add(
        merge, Entry(written, entry.document, (*entry.loc, *base, "dead_letter")), replace(topic, dead_letter_of=source)
    )


def _consumers(merge: _Merge, topic: Topic, entries: Sequence[Entry[ConsumerDeclaration]]) -> tuple[Consumer, ...]:
    """The declared consumers of a topic on this cluster, each group once, as many as its alerts can hold."""
    places: dict[str, Span] = {}
    consumers: list[Consumer] = []
    for entry in entries:
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
            consumers.append(_consumer(merge, entry, topic))
    return tuple(consumers)


def _twice(topic: Topic, group: str, span: Span, first: Span) -> Problem:
    message = f"group {quoted(group)} of topic {quoted(topic.name)} is declared twice, first at {first}"
    return Problem("consumers/duplicate", message, span, "keep one of them")


def _too_many_consumers(merge: _Merge, topic: Topic, span: Span) -> Problem:
    where = f"topic {quoted(topic.name)} on cluster {merge.cluster.name}"
    hint = "declare those that need a threshold of their own; the topic's lag holds for all others"
    return Problem("consumers/too-many", f"more than {MOST_CONSUMERS} consumers of {where}", span, hint)


def _consumer(merge: _Merge, entry: Entry[ConsumerDeclaration], topic: Topic) -> Consumer:
    written, team = entry.value, _team(merge, entry.team)[0]
    lag = topic.lag if written.lag is None else None if written.lag == OFF else written.lag
    assert not isinstance(lag, str)
    return Consumer(
        written.group, team, lag, written.severity or team.severity, written.transactional, entry.span("lag")
    )
