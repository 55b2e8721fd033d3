"""`provisioner plan`: what would change. Changes nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from provisioner import printable
from provisioner.catalog.model import Catalog
from provisioner.commands import (
    base,
    exits,
    identity,
    inherited,
    leaving,
    planning,
    recorded,
    template_faults,
    untouched,
)
from provisioner.commands.base import Base
from provisioner.commands.console import Console
from provisioner.errors import RefusedError, UsageError
from provisioner.files import FileFault
from provisioner.opening import RunContext
from provisioner.options import Plan as Options
from provisioner.reconcile import engine
from provisioner.reconcile.lanes import Lane, Scope
from provisioner.reconcile.plan import Plan
from provisioner.report import machine, planfile
from provisioner.report.results import Faults, Plans
from provisioner.settings import Settings
from provisioner.stores import git, report_file


def run(options: Options, settings: Settings, console: Console) -> Plans:
    """Plan one cluster or all; one that is refused as a whole does not keep the others from their plans."""
    if options.out and options.cluster is None:
        raise UsageError("--out needs --cluster", "one plan file is the plan of one cluster")
    target = planning.target(options, options.cluster)
    found, catalogs = planning.loaded(target, settings, console)
    since = base.named(target.base, target.folder, settings, console, checked=bool(found.errors), today=found)
    leaving.required(found, target, since, console)
    faults = inherited.faults(found, since.past if since else None)
    context = planning.run_context(target, settings, console)
    plans, refused = _plans(catalogs, _Job(target, settings, context, since, faults), console)
    faults = template_faults.added(faults, context.templates, plans, since)
    if options.out:
        _write(options.out, plans[0])
    codes = [exits.of_plan(plan, options.detailed_exitcode) for plan in plans]
    code = exits.worst([*codes, exits.of_faults(faults), *([exits.REFUSED] if refused else [])])
    return Plans(plans, code, options.verbose, alone=options.cluster is not None, faults=faults)


@dataclass(frozen=True, slots=True)
class _Job:
    """What every cluster's plan is made with. `since`: the base, if any; `faults`: the errors of the files."""

    target: planning.Target
    settings: Settings
    context: RunContext
    since: Base | None
    faults: Faults

    @property
    def commit(self) -> str | None:
        """The base's."""
        return self.since.commit if self.since else None

    @property
    def scope(self) -> Scope:
        """With a base nothing is looked at but what the files changed since; earlier changes wait for their run."""
        if (since := self.since) is None:
            return Scope()
        return Scope(
            since_base=True, only_changed=True, is_in_base=partial(_is_behind, self.target.folder, since.commit)
        )

    def lanes(self, catalog: Catalog, target: planning.Target) -> list[Lane[Any]]:
        """The cluster's, which know no record yet."""
        return planning.lanes(catalog, target, self.settings, self.context, self.since, scope=self.scope)


def _is_behind(folder: Path, newer: str, commit: str) -> bool:
    return bool(git.is_ancestor(folder, commit, newer))


def _plans(catalogs: Sequence[Catalog], job: _Job, console: Console) -> tuple[list[Plan], bool]:
    plans, refused = [], False
    for catalog in catalogs:
        try:
            plans.append(_plan(catalog, job))
        except RefusedError as error:
            if job.target.cluster:
                raise
            refused = True
            console.say(printable.block(f"cluster {catalog.cluster.name}: {error.message}. {error.hint}"))
    return plans, refused


def _plan(catalog: Catalog, job: _Job) -> Plan:
    target, name = job.target, catalog.cluster.name
    reached, notes = planning.reached(catalog, target, job.since)
    if reached is None:
        return replace(engine.plan(name, [], job.commit), remarks=notes)
    lanes = job.lanes(reached, target)
    if _is_untouched(catalog, lanes, job):
        return Plan(name, None, (), base=job.commit, untouched=True)
    known = recorded.read(reached, job.context).record
    # A merge request's job seldom has the folders of rules and dashboards.
    lanes = [replace(lane, record=known, assume_base_if_absent=True) for lane in lanes]
    plan = engine.named(engine.plan(name, lanes, job.commit), target.named)
    old = recorded.age_remark(known, target.folder) if job.since is None else ()
    remarks = (*notes, *old, *recorded.remarks(known), *identity.remark(catalog.cluster, plan), *plan.remarks)
    return replace(plan, remarks=remarks)


def _is_untouched(catalog: Catalog, lanes: Sequence[Lane[Any]], job: _Job) -> bool:
    """By everything that there is of the cluster, whatever part of it was asked for."""
    if job.since is None:
        return False
    before = planning.before(catalog, job.target, job.settings, job.since)
    if job.target.lane or job.target.topics:
        lanes = job.lanes(catalog, replace(job.target, lane=None, topics=()))
    return untouched.is_untouched(catalog, before, lanes, job.faults.errors)


def _write(out: Path, plan: Plan) -> None:
    text = json.dumps(machine.plan_document(plan), indent=2)
    if len(text) > planfile.MAX_BYTES:
        limit = f"more than the {planfile.MAX_BYTES >> 20} MiB that `apply --plan` reads"
        raise UsageError(f"--out {out}: the plan has {len(text) >> 20} MiB, {limit}", "plan one --lane at a time")
    try:
        report_file.write(out, text)
    except FileFault as fault:
        raise UsageError(f"--out {out}: {fault.reason}", "name a file that can be written") from None
