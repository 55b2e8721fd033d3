"""Clusters that the files no longer have, though something of theirs is left: first comes `state: retired`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from provisioner import opening, wiring
from provisioner.catalog.model import Catalog
from provisioner.commands.base import Base
from provisioner.commands.console import Console
from provisioner.commands.fleet import Fleet
from provisioner.commands.planning import Target
from provisioner.errors import InputError, UnreachableError
from provisioner.problem import Problem

HINT = "put it back with state: retired, apply that, and take it out then"


def required(found: Fleet, target: Target, base: Base | None, console: Console) -> None:
    """Raises InputError where a cluster of the base is gone, and its alerts or dashboards may still be there."""
    if base is None or target.sandbox is not None:
        return
    known = found.catalogs.keys() | found.declarations.broken_clusters
    gone = [before for name, before in base.catalogs.items() if name not in known]
    context = opening.RunContext(base.templates, console.environment, console.say, vouched=True)
    if problems := [problem for before in gone for problem in _left(before, context)]:
        raise InputError(problems, {})


def _left(before: Catalog, context: opening.RunContext) -> Iterator[Problem]:
    cluster = replace(before.cluster, is_retired=True)
    for lane in wiring.lanes(replace(before, cluster=cluster), context):
        if what := _held(lane):
            where = f"cluster {cluster.name} is in no file any more, and {lane.destination} {what}"
            yield Problem("clusters/left", where, before.cluster.span, HINT)


def _held(lane: wiring.AnyLane) -> str:
    """What is still there of it; what cannot be seen from here may be."""
    try:
        reading = lane.store.read([])
    except UnreachableError as error:
        return f"may still hold its {lane.kind.nouns[1]}: {error.message}"
    if reading.absent:
        return f"may still hold its {lane.kind.nouns[1]}: {reading.absent}"
    count = len(reading.orphans)
    return f"still holds {count} of its {lane.kind.nouns[1]}" if count else ""
