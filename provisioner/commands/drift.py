"""`provisioner drift`: declared, last applied and live, told apart. Changes nothing."""

from __future__ import annotations

from provisioner import printable
from provisioner.catalog.model import Catalog
from provisioner.commands import base, exits, inherited, planning, recorded
from provisioner.commands.console import Console
from provisioner.errors import RefusedError
from provisioner.options import Drift
from provisioner.reconcile import drift, engine
from provisioner.reconcile.record import Record
from provisioner.report import drift as report
from provisioner.report.results import Drifts
from provisioner.settings import Settings
from provisioner.wiring import RunContext


def run(options: Drift, settings: Settings, console: Console) -> Drifts:
    """Every difference of one cluster or all, and who made it; 2 if there is any."""
    target = planning.target(options, options.cluster)
    files, catalogs = planning.loaded(target, settings, console)
    context = planning.run_context(target, settings, console)
    found = [told for catalog in catalogs if (told := _drift(catalog, target, settings, context, console))]
    codes = [exits.PENDING for each in found if each.differences]
    codes += [exits.UNREACHABLE for each in found if each.stopped or each.unknown or not each.record.is_readable]
    faults = inherited.faults(files, None)
    codes += [exits.of_faults(faults)]
    codes += [exits.REFUSED] * (len(found) < len(catalogs))
    return Drifts(found, exits.worst(codes), faults)


def _drift(
    catalog: Catalog, target: planning.Target, settings: Settings, context: RunContext, console: Console
) -> report.Drift | None:
    name = catalog.cluster.name
    since = base.named(target.base, target.folder, settings, console)
    try:
        reached, notes = planning.reached(catalog, target, since)
        for note in notes:
            console.say(f"note: {note}")
        known = recorded.read(reached, context).record if reached else Record()
        lanes = planning.lanes(reached, target, settings, context, since, known) if reached else []
        plan = engine.differences(name, lanes)
    except RefusedError as error:
        if target.cluster:
            raise
        console.say(printable.block(f"cluster {name}: {error.message}. {error.hint}"))
        return None
    differences = drift.told_apart(plan, lanes)
    changes = {change.key: change for change in plan.changes}
    held = {key: f"held back by {hold.problem.check}, {hold.problem.span}" for key, hold in plan.held_back.items()}
    unknown = {**plan.unknown, **held, **drift.unclear(plan, lanes)}
    return report.Drift(
        name, since.commit if since else None, differences, plan.stopped, unknown, changes, plan.kinds, plan.record
    )
