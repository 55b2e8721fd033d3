"""Every difference of one cluster or all, with the ways out of each: what `drift` shows and `drift --adopt` writes."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from provisioner import printable
from provisioner.adopting import wishes
from provisioner.adopting.sites import Site, sites
from provisioner.catalog.model import Catalog
from provisioner.commands import base, exits, fleet, inherited, planning, recorded, template_faults
from provisioner.commands.base import Base
from provisioner.commands.console import Console
from provisioner.errors import RefusedError
from provisioner.opening import RunContext
from provisioner.options import Drift
from provisioner.reconcile import drift, engine
from provisioner.reconcile.drift import Difference, Verdict
from provisioner.reconcile.model import Key
from provisioner.reconcile.plan import Plan
from provisioner.reconcile.record import Record
from provisioner.reconcile.scope import WHOLE
from provisioner.report import drift as report
from provisioner.report.results import Faults
from provisioner.settings import Settings

KEPT = "undeclared_overrides: keep leaves it alone; take it away on the cluster, or write it into the entry"
PENDING = "the files ask for it already: apply does it"


@dataclass(frozen=True, slots=True)
class Looked:
    """The files, and the differences of each cluster that could be looked at."""

    fleet: fleet.Fleet
    drifts: Sequence[report.Drift]
    codes: Sequence[int]
    faults: Faults


def looked(options: Drift, settings: Settings, console: Console) -> Looked:
    """As they stand now. Raises RefusedError where the one cluster that was named refuses."""
    target = planning.target(options, options.cluster)
    known, catalogs = planning.loaded(target, settings, console)
    context = planning.run_context(target, settings, console)
    then = base.named(target.base, target.folder, settings, console)
    plans = [(catalog, _compared(catalog, target, settings, context, then, console)) for catalog in catalogs]
    found = [_drift(known, catalog, then, *each) for catalog, each in plans if each]
    codes = [exits.PENDING for each in found if each.differences]
    codes += [exits.UNREACHABLE for each in found if each.stopped or each.unknown or not each.record.is_readable]
    made = [each[0] for _, each in plans if each]
    faults = template_faults.added(inherited.faults(known, None), context.templates, made, None)
    codes += [exits.of_faults(faults), *[exits.REFUSED] * (len(found) < len(catalogs))]
    return Looked(known, found, codes, faults)


def _compared(
    catalog: Catalog,
    target: planning.Target,
    settings: Settings,
    context: RunContext,
    then: Base | None,
    console: Console,
) -> tuple[Plan, list[Difference], dict[Key, str]] | None:
    name = catalog.cluster.name
    try:
        reached, notes = planning.reached(catalog, target, then)
        for note in notes:
            console.say(f"note: {note}")
        known = recorded.read(reached, context).record if reached else Record()
        lanes = planning.lanes(reached, target, settings, context, then, known) if reached else []
        plan = engine.differences(name, lanes)
    except RefusedError as error:
        if target.cluster:
            raise
        console.say(printable.block(f"cluster {name}: {error.message}. {error.hint}"))
        return None
    held = {key: f"held back by {hold.problem.check}, {hold.problem.span}" for key, hold in plan.held_back.items()}
    return plan, drift.told_apart(plan, lanes), {**plan.unknown, **held, **drift.unclear(plan, lanes)}


def _drift(
    known: fleet.Fleet,
    catalog: Catalog,
    then: Base | None,
    plan: Plan,
    differences: Sequence[Difference],
    unknown: Mapping[Key, str],
) -> report.Drift:
    there = sites(known.declarations, catalog.cluster.name) if differences else {}
    undoable = {
        (change.key, name) for change in plan.changes for name in (WHOLE, *(one.field for one in change.fields))
    }
    return report.Drift(
        catalog.cluster.name,
        then.commit if then else None,
        differences,
        plan.stopped,
        unknown,
        {change.key: change for change in plan.changes},
        plan.kinds,
        plan.record,
        {(one.key, one.field): _way(one, catalog, there, undoable) for one in differences},
        plan.found,
        dict(_entries(differences, there)),
    )


def _entries(differences: Sequence[Difference], there: Mapping[str, Site]) -> Iterator[tuple[Key, str]]:
    """What each entry would have to say so that everything stays as it is live."""
    groups: dict[Key, list[Difference]] = {}
    for one in differences:
        groups.setdefault(one.key, []).append(one)
    for key, group in groups.items():
        site = there.get(key.name) if wishes.is_adoptable(key) else None
        if site and (text := wishes.wish(site, group, named=True).pasted):
            yield key, text


def _way(
    one: Difference, catalog: Catalog, there: Mapping[str, Site], undoable: Collection[tuple[Key, str]]
) -> report.Way:
    """How it ends. `undoable`: what an apply of everything would do something about."""
    if one.verdict is Verdict.NOT_APPLIED:
        return report.Way(why=PENDING)
    adopt, why = _adopted(one, there)
    if (one.key, one.field) not in undoable:
        return report.Way(adopt, None, KEPT)
    words = ["provisioner", "apply", "--cluster", catalog.cluster.name, "--scope", "all", "--topic", one.key.name]
    return report.Way(adopt, shlex.join(words), why)


def _adopted(one: Difference, there: Mapping[str, Site]) -> tuple[str | None, str]:
    if not wishes.is_adoptable(one.key) or one.key.name not in there:
        return None, wishes.RENDERED
    site = there[one.key.name]
    try:
        changes = wishes.change(site, one)
    except wishes.UnsayableError as error:
        return error.paste or None, str(error)
    out = [".".join(map(str, loc)) for loc, value in changes.items() if value is None]
    return wishes.paste(site, changes) or None, f"take {' and '.join(out)} out of its entry" if out else ""
