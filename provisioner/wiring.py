"""Settings and a catalog -> lanes: the only file that knows a kind AND its store."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from provisioner.catalog.destinations import AlertFolder, Brokers, DashboardFolder, Destination
from provisioner.catalog.entries import Sections
from provisioner.catalog.model import ANY_CLUSTER, RECORD_TOPIC, Catalog, Presence
from provisioner.kinds import KINDS, TOPICS, holding, topic_hazards
from provisioner.kinds.kind import Context, Kind
from provisioner.kinds.topic_spec import TopicSpec
from provisioner.kinds.topic_words import REPLICAS
from provisioner.lag.reading import Reading as LagReading
from provisioner.problem import Problem
from provisioner.reconcile import diff
from provisioner.reconcile.kind import Pruning
from provisioner.reconcile.lanes import Lane, Scope, Store
from provisioner.reconcile.model import FieldChange, Key, Observed, Wanted
from provisioner.reconcile.on_demand import Each, OnDemand
from provisioner.reconcile.record import Record
from provisioner.reconcile.record_log import RecordLog
from provisioner.templates import Templates

if TYPE_CHECKING:
    from provisioner.stores.kafka.connection import Connection
    from provisioner.stores.kafka.moving.mover import Mover

Progress = Callable[[str], None]
AnyLane = Lane[Any]

ADDRESSES = ("bootstrap", "cluster_id", "client", "alerts", "dashboards", "record")
"""The fields of a cluster that say where, and with which credentials; and where to look up what was applied."""

PROXY = "PROVISIONER_PROXY"
"""The variable that names a proxy for reloads. The usual ones are not read: a proxy's own 200 is no reload."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class RunContext:
    """What a run works with: templates, the environment for secrets, where progress goes.

    `vouched`: a base, or the sandbox, stands behind the addresses that are connected to. `connections`: by cluster.
    `tick`: where progress goes that changes from second to second; `now`: the time of day.
    """

    templates: Templates
    environment: Mapping[str, str]
    progress: Progress
    vouched: bool = False
    connections: dict[str, Connection] = field(default_factory=dict)
    tick: Progress | None = None
    now: Callable[[], datetime] = _now


@dataclass(frozen=True, slots=True)
class Past:
    """What lanes are told besides the files: what was applied, what the base asked for, and what a run is about.

    `topics`: globs of the topics that it is about, none for all of them.
    """

    record: Record = field(default_factory=Record)
    base: BaseState | None = None
    scope: Scope = field(default_factory=Scope)
    topics: tuple[str, ...] = ()

    def selects(self, name: str) -> bool:
        """True for a topic that the run is about."""
        return not self.topics or any(fnmatchcase(name, glob) for glob in self.topics)

    def chosen(self, wanted: Mapping[str, Wanted[Any]]) -> Mapping[str, Wanted[Any]]:
        """The resources that the run is about: topics by their names, others by what they are made for."""
        if not self.topics:
            return wanted
        return {name: want for name, want in wanted.items() if any(map(self.selects, (name, *want.members)))}


PRESENT = Past()


@dataclass(frozen=True, slots=True)
class BaseState:
    """What the files asked of a cluster at the base; `catalog` None: there was no such cluster."""

    catalog: Catalog | None
    templates: Templates


def sections() -> Sections:
    """What a team's file may hold besides topics and consumers."""
    return {word: model for kind in KINDS.values() for word, model in kind.sections.items()}


def governed(templates: Templates) -> dict[Problem, str]:
    """What each error of the templates holds back, in words."""
    ingredients = Context(templates)
    found = {problem: f"all {kind.nouns[1]}" for kind in KINDS.values() for problem in kind.wrong(ingredients)}
    return {**found, **templates.profiles.governed()}


def lane_names(*, derived: bool = False) -> list[str]:
    """The words of --lane in the order of applying; `derived`: only those of kinds that are made for another."""
    return [lane for lane, kind in KINDS.items() if kind.derived or not derived]


def kinds() -> tuple[Kind[Any], ...]:
    """All there are, in the order of applying."""
    return tuple(KINDS.values())


def consumers(catalog: Catalog) -> dict[Key, list[tuple[str, str]]]:
    """The declared consumers of each resource that has any: the group, and the team that runs it."""
    return {
        Key(TOPICS.name, name): [(consumer.group, consumer.team.name) for consumer in declared.consumers]
        for name, declared in catalog.topics.items()
        if declared.consumers
    }


def lanes(catalog: Catalog, context: RunContext, only: str | None = None, past: Past = PRESENT) -> list[Lane[Any]]:
    """The cluster's lanes in the order of KINDS, one for each destination. Nothing is rendered before it is reached."""
    chosen = [kind for name, kind in KINDS.items() if only in (None, name)]
    places = [(kind, place) for kind in chosen for place in kind.destinations(catalog.cluster)]
    if catalog.cluster.is_retired:
        return [_emptied(_lane(*each, catalog, context, past)) for each in places if not isinstance(each[1], Brokers)]
    return [_lane(*each, catalog, context, past) for each in places]


def _emptied(lane: Lane[Any]) -> Lane[Any]:
    """Nothing is wanted there any more, and nobody lost it by mistake."""
    return replace(lane, wanted={}, remarks=(), max_forgotten=sys.maxsize)


def _lane(kind: Kind[Any], place: Destination, catalog: Catalog, context: RunContext, past: Past) -> Lane[Any]:
    ingredients, back = Context(context.templates), catalog.held
    everything = OnDemand(lambda: kind.wanted(catalog, ingredients))
    asked = OnDemand(lambda: past.chosen(everything))
    alike, wrong = _alike(kind, context.templates, past.base), kind.wrong(ingredients, catalog)
    held = OnDemand(lambda: holding.held(kind, back, asked, wrong))
    return Lane(
        kind,
        OnDemand(lambda: {name: want for name, want in asked.items() if name not in held} if held else asked),
        OPEN[type(place)](place, catalog, context),
        place.identity,
        max_deletions=catalog.cluster.limits.max_deletions if kind.pruning is Pruning.NEVER else None,
        base=_base(kind, place, past.base, everything, alike),
        remarks=tuple(kind.remarks(catalog, ingredients)) if past.scope.is_whole else (),
        record=past.record,
        scope=past.scope,
        max_forgotten=catalog.cluster.limits.max_forgotten,
        selects=past.selects,
        held=held,
        unread=holding.unread(kind, back, wrong),
        alike=alike,
    )


def _alike(kind: Kind[Any], today: Templates, past: BaseState | None) -> frozenset[str]:
    """The resources that are known to be asked for as at the base: all that they are made of is equal."""
    if past is None or past.catalog is None or not kind.of_topics:
        return frozenset()
    return frozenset() if kind.derived and not today.says_as(past.templates) else past.catalog.alike


def _base(
    kind: Kind[Any],
    place: Destination,
    past: BaseState | None,
    today: Mapping[str, Wanted[Any]],
    alike: frozenset[str],
) -> Mapping[str, Wanted[Any]] | None:
    """What the base asked for at this very place; what it wrote elsewhere is no base for what lies here."""
    if past is None:
        return None
    before, context = past.catalog, Context(past.templates)
    if before and any(each.identity == place.identity for each in kind.destinations(before.cluster)):
        return OnDemand(lambda: _then(kind, before, context, today, alike))
    return {} if kind.pruning is Pruning.NEVER else None


def _then(
    kind: Kind[Any], before: Catalog, context: Context, today: Mapping[str, Wanted[Any]], alike: frozenset[str]
) -> Mapping[str, Wanted[Any]]:
    """What the base asked for; of what is alike the names are today's, and nothing is made before it is looked at."""
    if not alike:
        return kind.wanted(before, context)

    def of(names: Iterable[str]) -> Mapping[str, Wanted[Any]]:
        return kind.wanted(replace(before, topics={name: before.topics[name] for name in names}), context)

    anew = of(name for name in before.topics if name not in alike)
    same = [name for name in today if name in alike]
    # What is called after no topic follows from all of them.
    whole = OnDemand(lambda: kind.wanted(before, context))

    def made(name: str) -> Wanted[Any]:
        return of([name])[name] if name in alike else anew[name] if name in before.topics else whole[name]

    return Each([*same, *anew], made)


class TopicStore(Store[TopicSpec], Protocol):
    """Topics, and which there are."""

    def listed(self) -> Mapping[str, int]:
        """Every topic that can be seen, and how many replicas the partition with most of them has."""
        ...


def kafka_topics(catalog: Catalog, context: RunContext, inherited: frozenset[str] | None = None) -> TopicStore:
    """The topics of the catalog's cluster. Nothing is connected before the first read.

    `inherited`: the config keys whose broker values are needed; None: those that a plan of the catalog needs.
    """
    from provisioner.stores.kafka.store import KafkaTopics

    needed = _inherited(catalog) if inherited is None else inherited
    readers = {name: frozenset(each.group for each in topic.consumers) for name, topic in catalog.topics.items()}
    return KafkaTopics(
        _connection(catalog, context),
        _expected(catalog),
        needed,
        _identified(catalog),
        readers,
        mover(catalog, context),
        catalog.cluster.limits.min_replication_factor,
    )


def mover(catalog: Catalog, context: RunContext) -> Mover | None:
    """Whoever changes replication factors on the catalog's cluster; None where nothing can be noted of that."""
    from provisioner.stores.kafka.moving.ledger import Ledger
    from provisioner.stores.kafka.moving.mover import Mover

    log = _record_topic(catalog, context)
    if log is None:
        return None
    ledger = Ledger(log, catalog.cluster.repository)
    return Mover(_connection(catalog, context), ledger, catalog.cluster.limits.moves, context.now)


def factor(fields: Iterable[FieldChange]) -> int | None:
    """The replication factor that an approved change gives its topic; None: it is about something else."""
    found = next((each.after for each in fields if each.field == REPLICAS), None)
    return int(found) if found is not None and found.isdecimal() else None


class UnreadStore(Protocol):
    """What consumer groups have not read."""

    def read(self, topics: Sequence[str], declared: Collection[str], selects: Callable[[str], bool], /) -> LagReading:
        """Of these topics; of the declared groups and of all others, those that `selects` names."""
        ...


def unread_messages(catalog: Catalog, context: RunContext, seconds: float) -> UnreadStore:
    """What groups of the catalog's cluster have not read. `seconds`: how long a reading may take."""
    from provisioner.stores.kafka.unread_messages import UnreadMessages

    return UnreadMessages(_connection(catalog, context), _expected(catalog), seconds)


def record_log(catalog: Catalog, context: RunContext) -> RecordLog | None:
    """Where it is noted what was applied to the catalog's cluster; None: nowhere, by its own word."""
    return _record_topic(catalog, context)


def _record_topic(catalog: Catalog, context: RunContext) -> RecordLog | None:
    """A reading of it of its own: what one of them has read, the others have not. Nothing is connected before that."""
    from provisioner.stores.kafka.record_topic import RecordTopic

    name = None if catalog.cluster.is_retired else catalog.cluster.record
    return RecordTopic(_connection(catalog, context), name, _expected(catalog)) if name else None


def _connection(catalog: Catalog, context: RunContext) -> Connection:
    """One a cluster and run: its record and its topics are behind the same clients."""
    from provisioner.stores.kafka.connection import Connection
    from provisioner.stores.kafka.timeouts import Timeouts

    cluster = catalog.cluster
    if cluster.name not in context.connections:
        waits = Timeouts.of(cluster.timeouts)
        context.connections[cluster.name] = Connection(
            cluster.bootstrap,
            cluster.client,
            context.environment,
            context.progress,
            context.vouched,
            waits,
            live=context.tick,
        )
    return context.connections[cluster.name]


def _expected(catalog: Catalog) -> str | None:
    return None if catalog.cluster.cluster_id == ANY_CLUSTER else catalog.cluster.cluster_id


def still_pending(
    catalog: Catalog, names: Iterable[str], found: Mapping[str, Observed[TopicSpec]]
) -> dict[str, tuple[str, ...]]:
    """The fields that a plan would still change of these topics, by the plan's own comparison."""
    wanted = TOPICS.wanted(catalog, Context())
    declared = [name for name in names if name in wanted]
    changes = [diff.change(Key(TOPICS.name, name), wanted[name], found[name], TOPICS) for name in declared]
    return {change.key.name: tuple(field.field for field in change.fields) for change in changes if change}


def _inherited(catalog: Catalog) -> frozenset[str]:
    settings = (item for declared in catalog.topics.values() for item in declared.config.items())
    return topic_hazards.WATCHED | {key for key, setting in settings if setting.origin.is_default}


def _identified(catalog: Catalog) -> frozenset[str]:
    return frozenset(name for name, declared in catalog.topics.items() if declared.state is Presence.ABSENT)


def _rules(place: AlertFolder, catalog: Catalog, context: RunContext) -> Store[Any]:
    from provisioner.stores import prometheus, rule_listing
    from provisioner.stores.rule_folder import RuleFolder, folder

    mark, proxy = catalog.cluster.mark, context.environment.get(PROXY)
    return RuleFolder(
        folder(Path(place.folder), mark, create=place.create),
        mark,
        place.reload,
        layout=place.layout,
        tell=partial(prometheus.reload, proxy=proxy),
        lacking=partial(rule_listing.lacking, proxy=proxy),
    )


def _boards(place: DashboardFolder, catalog: Catalog, _context: RunContext) -> Store[Any]:
    from provisioner.stores.dashboard_folder import DashboardFolderStore, folder

    name, mark = catalog.cluster.name, catalog.cluster.mark
    return DashboardFolderStore(folder(Path(place.folder), name, mark, create=place.create), name)


def _brokers(_place: Brokers, catalog: Catalog, context: RunContext) -> Store[Any]:
    return kafka_topics(catalog, context)


OPEN: dict[type, Callable[[Any, Catalog, RunContext], Store[Any]]] = {
    Brokers: _brokers,
    AlertFolder: _rules,
    DashboardFolder: _boards,
}
"""Destination -> how its store is opened; two kinds never share one, though they may live on the same servers."""


def with_addresses_of(catalog: Catalog, before: Catalog) -> tuple[Catalog, list[str]]:
    """The catalog at the addresses of the base, and what the files would have otherwise.

    Whoever opens a merge request can write any address; credentials go only where the reviewed files say.
    """
    mine, theirs = catalog.cluster, before.cluster
    # An id where there was none can only forbid, whoever writes it.
    names = [name for name in ADDRESSES if name != "cluster_id" or theirs.cluster_id is not None]
    changed = [name for name in names if getattr(mine, name) != getattr(theirs, name)]
    kept = replace(mine, **{name: getattr(theirs, name) for name in names})
    return replace(catalog, cluster=kept), changed


def with_sandbox(catalog: Catalog, bootstrap: str, cluster_id: str, folder: Path) -> Catalog:
    """The catalog against the sandbox: its brokers, no secret, files below `folder`, nothing reloaded."""
    record = f"{RECORD_TOPIC}.{catalog.cluster.name}" if catalog.cluster.record else None
    cluster = replace(catalog.cluster, bootstrap=bootstrap, cluster_id=cluster_id, client={}, record=record)
    return replace(catalog, cluster=cluster.rendering_into(folder))
