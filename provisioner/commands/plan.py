"""`provisioner plan`: what would change. Changes nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from provisioner import printable
from provisioner.catalog.model import Catalog
from provisioner.commands import base, exits, identity, inherited, leaving, planning, recorded, template_faults
from provisioner.commands.base import Base
from provisioner.commands.console import Console
from provisioner.errors import RefusedError, UsageError
from provisioner.files import FileFault
from provisioner.options import Plan as Options
from provisioner.reconcile import engine
from provisioner.reconcile.lanes import Scope
from provisioner.reconcile.plan import Plan
from provisioner.report import machine, planfile
from provisioner.report.results import Plans
from provisioner.settings import Settings
from provisioner.stores import git, report_file
from provisioner.wiring import RunContext


def run(options: Options, settings: Settings, console: Console) -> Plans:
    """Plan one cluster or all; one that is refused as a whole does not keep the others from their plans."""
    if options.out and options.cluster is None:
        raise UsageError("--out needs --cluster", "one plan file is the plan of one cluster")
    target = planning.target(options, options.cluster)
    found, catalogs = planning.loaded(target, settings, console)
    since = base.named(target.base, target.folder, settings, console, checked=bool(found.errors))
    leaving.required(found, target, since, console)
    context = planning.run_context(target, settings, console)
    plans, refused = _plans(catalogs, target, settings, context, console, since)
    faults = inherited.faults(found, since.past if since else None)
    faults = template_faults.added(faults, context.templates, plans, since)
    if options.out:
        _write(options.out, plans[0])
    codes = [exits.of_plan(plan, options.detailed_exitcode) for plan in plans]
    code = exits.worst([*codes, exits.of_faults(faults), *([exits.REFUSED] if refused else [])])
    return Plans(plans, code, options.verbose, alone=options.cluster is not None, faults=faults)


def _plans(
    catalogs: Sequence[Catalog],
    target: planning.Target,
    settings: Settings,
    context: RunContext,
    console: Console,
    since: Base | None,
) -> tuple[list[Plan], bool]:
    plans, refused = [], False
    for catalog in catalogs:
        try:
            plans.append(_plan(catalog, target, settings, context, since))
        except RefusedError as error:
            if target.cluster:
                raise
            refused = True
            console.say(printable.block(f"cluster {catalog.cluster.name}: {error.message}. {error.hint}"))
    return plans, refused


def _plan(
    catalog: Catalog, target: planning.Target, settings: Settings, context: RunContext, since: Base | None
) -> Plan:
    reached, notes = planning.reached(catalog, target, since)
    if reached is None:
        return replace(engine.plan(catalog.cluster.name, [], since.commit if since else None), remarks=notes)
    known = recorded.read(reached, context).record
    lanes = planning.lanes(reached, target, settings, context, since, known, _scope(target, since))
    # A merge request's job seldom has the folders of rules and dashboards.
    lanes = [replace(lane, assume_base_if_absent=True) for lane in lanes]
    plan = engine.named(engine.plan(catalog.cluster.name, lanes, since.commit if since else None), target.named)
    old = recorded.age_remark(known, target.folder) if since is None else ()
    remarks = (*notes, *old, *recorded.remarks(known), *identity.remark(catalog.cluster, plan), *plan.remarks)
    return replace(plan, remarks=remarks)


def _scope(target: planning.Target, since: Base | None) -> Scope:
    """With a base what the files changed since; what was changed before waits for its own run."""
    if since is None:
        return Scope()
    return Scope(since_base=True, is_in_base=lambda commit: bool(git.is_ancestor(target.folder, commit, since.commit)))


def _write(out: Path, plan: Plan) -> None:
    text = json.dumps(machine.plan_document(plan), indent=2)
    if len(text) > planfile.MAX_BYTES:
        limit = f"more than the {planfile.MAX_BYTES >> 20} MiB that `apply --plan` reads"
        raise UsageError(f"--out {out}: the plan has {len(text) >> 20} MiB, {limit}", "plan one --lane at a time")
    try:
        report_file.write(out, text)
    except FileFault as fault:
        raise UsageError(f"--out {out}: {fault.reason}", "name a file that can be written") from None
