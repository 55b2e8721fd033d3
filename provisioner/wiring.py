"""A catalog, its base and its record -> lanes: the only file that knows a kind AND its store."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from provisioner import opening
from provisioner.catalog.destinations import AlertFolder, Brokers, DashboardFolder, Destination
from provisioner.catalog.entries import Sections
from provisioner.catalog.model import Catalog
from provisioner.kinds import KINDS, TOPICS, holding
from provisioner.kinds.kind import Context, Kind
from provisioner.kinds.topic_spec import TopicSpec
from provisioner.kinds.topic_words import REPLICAS
from provisioner.opening import RunContext
from provisioner.past import PRESENT, Past
from provisioner.problem import Problem
from provisioner.reconcile import diff
from provisioner.reconcile.kind import Pruning
from provisioner.reconcile.lanes import Lane, Store
from provisioner.reconcile.model import FieldChange, Key, Observed
from provisioner.reconcile.on_demand import OnDemand
from provisioner.templates import Templates

AnyLane = Lane[Any]

PROXY = "PROVISIONER_PROXY"
"""The variable that names a proxy for reloads. The usual ones are not read: a proxy's own 200 is no reload."""


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
    alike, wrong = past.alike(kind, context.templates), kind.wrong(ingredients, catalog)
    held = OnDemand(lambda: holding.held(kind, back, asked, wrong))
    return Lane(
        kind,
        OnDemand(lambda: {name: want for name, want in asked.items() if name not in held} if held else asked),
        OPEN[type(place)](place, catalog, context),
        place.identity,
        max_deletions=catalog.cluster.limits.max_deletions if kind.pruning is Pruning.NEVER else None,
        base=past.wanted_at_base(kind, place, everything, alike),
        remarks=tuple(kind.remarks(catalog, ingredients)) if past.scope.is_whole else (),
        record=past.record,
        scope=past.scope,
        max_forgotten=catalog.cluster.limits.max_forgotten,
        selects=past.selects,
        held=held,
        unread=holding.unread(kind, back, wrong),
        alike=alike,
    )


def factor(fields: Iterable[FieldChange]) -> int | None:
    """The replication factor that an approved change gives its topic; None: it is about something else."""
    found = next((each.after for each in fields if each.field == REPLICAS), None)
    return int(found) if found is not None and found.isdecimal() else None


def still_pending(
    catalog: Catalog, names: Iterable[str], found: Mapping[str, Observed[TopicSpec]]
) -> dict[str, tuple[str, ...]]:
    """The fields that a plan would still change of these topics, by the plan's own comparison."""
    wanted = TOPICS.wanted(catalog, Context())
    declared = [name for name in names if name in wanted]
    changes = [diff.change(Key(TOPICS.name, name), wanted[name], found[name], TOPICS) for name in declared]
    return {change.key.name: tuple(field.field for field in change.fields) for change in changes if change}


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
    return opening.kafka_topics(catalog, context)


OPEN: dict[type, Callable[[Any, Catalog, RunContext], Store[Any]]] = {
    Brokers: _brokers,
    AlertFolder: _rules,
    DashboardFolder: _boards,
}
"""Destination -> how its store is opened; two kinds never share one, though they may live on the same servers."""
