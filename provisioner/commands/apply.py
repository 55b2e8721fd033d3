"""`provisioner apply`: makes it so, for one cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from provisioner.commands import base, exits, identity, planning
from provisioner.commands.base import Base
from provisioner.commands.console import Console
from provisioner.commands.signals import Abort, Signals, Watches
from provisioner.errors import ProvisionerError, RefusedError, UsageError
from provisioner.files import FileFault, located
from provisioner.options import Apply
from provisioner.reconcile import engine
from provisioner.reconcile.lanes import Lane
from provisioner.reconcile.outcome import Outcome
from provisioner.reconcile.plan import Plan
from provisioner.report import planfile
from provisioner.report.results import Applied
from provisioner.settings import Settings
from provisioner.stores import git
from provisioner.stores.audit import AuditFile


def run(options: Apply, settings: Settings, console: Console) -> Applied:
    """Plan, show, ask, do, report; remember the commit where all went well."""
    if not options.yes and not console.interactive:
        raise UsageError("apply asks before it acts, and nobody can answer here", "add --yes")
    target = planning.target(options, options.cluster)
    plan, lanes = _planned(target, settings, console, options)
    planned = Applied(plan, (), 0.0, exits.DONE, options.verbose, acted=False)
    console.open(planned)
    if plan.changes and not options.yes and not console.ask(f"Apply this to {plan.cluster}?"):
        console.say("nothing was done")
        return planned
    began = console.now()
    results = _do(plan, lanes, settings, console, options, target)
    seconds = console.now() - began
    code = exits.of_outcomes(plan, results) or _remembered(plan, target, console)
    return replace(planned, outcomes=results, seconds=seconds, code=code, acted=bool(plan.changes))


def _planned(
    target: planning.Target, settings: Settings, console: Console, options: Apply
) -> tuple[Plan, list[Lane[Any]]]:
    """The plan against the base, and of it only what was reviewed, if there is a plan file."""
    (catalog,) = planning.catalogs(target, settings, console)
    document = _reviewed(options.plan, catalog.cluster.name) if options.plan else None
    since = _base(target, (document.base or base.NONE) if document else None, settings, console)
    reached, notes = planning.reached(catalog, target, since)
    if reached is None:
        raise RefusedError(". ".join(notes), "once it is merged, apply without --base")
    context = planning.run_context(target, settings, console)
    lanes = [replace(lane, refuse_if_absent=True) for lane in planning.lanes(reached, target, settings, context, since)]
    plan = engine.plan(catalog.cluster.name, lanes, since.commit if since else None)
    identity.required(reached.cluster, plan)
    plan = replace(plan, remarks=(*notes, *plan.remarks))
    if document:
        planfile.same_cluster(document, plan)
        plan = engine.restrict(plan, lanes, planfile.reviewed(document))
    return plan, lanes


def _reviewed(path: Path, cluster: str) -> planfile.PlanDocument:
    """The plan file. Raises UsageError where it cannot be read, and what `planfile.parsed` raises."""
    root, name = located(path)
    try:
        return planfile.parsed(root.read(name, planfile.MAX_BYTES), str(path), cluster)
    except FileFault as fault:
        hint = "name the file that `plan --out` wrote"
        raise UsageError(f"--plan {path} cannot be read: {fault.reason}", hint) from None


def _base(target: planning.Target, reviewed: str | None, settings: Settings, console: Console) -> Base | None:
    """The base that was named, or that of the reviewed plan, or the last whole apply; the sandbox has no past."""
    named = target.base or reviewed
    if target.sandbox is not None:
        return base.of_plan(named, target.folder, settings, console)
    return base.of_apply(named, target.folder, str(target.cluster), settings, console)


def _do(
    plan: Plan,
    lanes: Sequence[Lane[Any]],
    settings: Settings,
    console: Console,
    options: Apply,
    target: planning.Target,
) -> list[Outcome]:
    signals = Signals(console)
    path = options.audit or settings.audit_of(plan.cluster)
    audit = AuditFile(path, plan, _run(target.folder, console.environment), console.clock)
    outcomes: list[Outcome] = []
    try:
        with signals.listening():
            for outcome in engine.apply(plan, lanes, Watches([signals, audit])):
                outcomes.append(outcome)  # noqa: PERF402 -- those that came must outlive what ends the loop
    except Abort as abort:
        for outcome in signals.aborted(plan, tuple(outcomes), abort):
            audit.after(outcome)
            outcomes.append(outcome)
    return outcomes


_RUN = {"pipeline": "CI_PIPELINE_URL", "job": "CI_JOB_URL", "user": "GITLAB_USER_LOGIN"}


def _run(folder: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Which run this is, as far as its surroundings say."""
    found = {name: environment[variable] for name, variable in _RUN.items() if variable in environment}
    if "user" not in found:
        found["user"] = git.email(folder) or environment.get("USER", "unknown")
    return {**found, "commit": git.head(folder) or "none"}


def _remembered(plan: Plan, target: planning.Target, console: Console) -> int:
    """The commit that was applied is the base of the next apply; where that fails, what was done is reported yet."""
    try:
        _remember(plan, target, console)
    except ProvisionerError as error:
        console.say(f"error: {error.message}" + (f"\n  = {error.hint}" if error.hint else ""))
        return error.exit_code
    return exits.DONE


def _remember(plan: Plan, target: planning.Target, console: Console) -> None:
    """A lane alone, or files that are not committed, are no base."""
    at = git.head(target.folder)
    if target.sandbox is not None or target.lane is not None or at is None:
        return
    if not git.is_committed(target.folder):
        console.say(f"{target.folder} has uncommitted changes: the base of the next apply stays where it was")
        return
    git.move_applied(target.folder, plan.cluster, at)
