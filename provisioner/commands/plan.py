"""`provisioner plan`: what would change. Changes nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from provisioner import printable
from provisioner.catalog.model import Catalog
from provisioner.commands import base, exits, identity, planning
from provisioner.commands.base import Base
from provisioner.commands.console import Console
from provisioner.errors import RefusedError, UsageError
from provisioner.files import FileFault, located
from provisioner.reconcile import engine
from provisioner.reconcile.model import Plan
from provisioner.report import machine, planfile
from provisioner.report import plan as report
from provisioner.settings import Settings
from provisioner.wiring import Bench


def run(
    target: planning.Target,
    settings: Settings,
    console: Console,
    *,
    output: str = "text",
    out: Path | None = None,
    detailed: bool = False,
    verbose: bool = False,
) -> int:
    """Plan one cluster or all; one that is refused as a whole does not keep the others from their plans."""
    if out and target.cluster is None:
        raise UsageError("--out needs --cluster", "one plan file is the plan of one cluster")
    plans, refused = _plans(target, settings, console)
    if out:
        _write(out, plans)
    if output == "json":
        console.out(machine.plans(plans) if target.cluster is None else _one(plans))
    else:
        console.out("\n\n".join(report.text(plan, verbose) for plan in plans))
    return exits.worst([*(exits.of_plan(plan, detailed) for plan in plans), *([exits.REFUSED] if refused else [])])


def _plans(target: planning.Target, settings: Settings, console: Console) -> tuple[list[Plan], bool]:
    plans, refused = [], False
    catalogs = planning.catalogs(target, settings, console)
    since = base.of_plan(target.base, target.folder, settings, console)
    bench = planning.bench(target, settings, console)
    for catalog in catalogs:
        try:
            plans.append(_plan(catalog, target, settings, bench, since))
        except RefusedError as error:
            if target.cluster:
                raise
            refused = True
            console.say(printable.block(f"cluster {catalog.cluster.name}: {error.message}. {error.hint}"))
    return plans, refused


def _plan(catalog: Catalog, target: planning.Target, settings: Settings, bench: Bench, since: Base | None) -> Plan:
    reached, told = planning.reached(catalog, target, since)
    lanes = planning.lanes(reached, target, settings, bench, since) if reached else []
    # A merge request's job seldom has the folders of rules and dashboards.
    lanes = [replace(lane, trusting=True) for lane in lanes]
    plan = engine.plan(catalog.cluster.name, lanes, since.commit if since else None)
    return replace(plan, remarks=(*told, *identity.remark(catalog.cluster, plan), *plan.remarks))


def _one(plans: list[Plan]) -> str:
    return json.dumps(machine.plan_document(plans[0]), indent=2)


def _write(out: Path, plans: list[Plan]) -> None:
    root, name = located(out)
    text = (_one(plans) + "\n").encode()
    if len(text) > planfile.MAX_BYTES:
        limit = f"more than the {planfile.MAX_BYTES >> 20} MiB that `apply --plan` reads"
        raise UsageError(f"--out {out}: the plan has {len(text) >> 20} MiB, {limit}", "plan one --lane at a time")
    try:
        root.put(name, text)
    except FileFault as fault:
        raise UsageError(f"--out {out}: {fault.reason}", "name a file that can be written") from None
