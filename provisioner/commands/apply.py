"""`provisioner apply`: makes it so, for one cluster."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from provisioner.commands import base, exits, identity, inherited, planning, recorded
from provisioner.commands.base import Base
from provisioner.commands.console import Console
from provisioner.commands.recorded import Recorded
from provisioner.commands.signals import Abort, Signals, Watches
from provisioner.errors import RefusedError, UsageError
from provisioner.files import FileFault, located
from provisioner.options import Apply
from provisioner.reconcile import engine
from provisioner.reconcile.lanes import Lane, Nobody, Scope
from provisioner.reconcile.outcome import Outcome
from provisioner.reconcile.plan import Plan
from provisioner.reconcile.record import Standing
from provisioner.reconcile.recording import Recorder
from provisioner.report import planfile
from provisioner.report.planfile import PlanDocument
from provisioner.report.results import Applied, Faults
from provisioner.settings import Settings
from provisioner.stores import git
from provisioner.stores.audit import AuditFile


@dataclass(frozen=True, slots=True)
class _Todo:
    """A plan, the lanes that it is done by, and whoever notes what was done; None: nobody. `faults` of the files."""

    plan: Plan
    lanes: Sequence[Lane[Any]]
    recorder: Recorder | None
    faults: Faults


def run(options: Apply, settings: Settings, console: Console) -> Applied:
    """Plan, show, ask, do, note, report."""
    if not options.yes and not console.interactive:
        raise UsageError("apply asks before it acts, and nobody can answer here", "add --yes")
    target = planning.target(options, options.cluster)
    todo = _planned(target, settings, console, options)
    plan = todo.plan
    is_wrong = exits.of_faults(todo.faults)
    planned = Applied(plan, (), 0.0, is_wrong, options.verbose, acted=False, faults=todo.faults)
    console.open(planned)
    asks = plan.changes or plan.record.standing is Standing.NEW
    if asks and not options.yes and not console.ask(f"Apply this to {plan.cluster}?"):
        console.say("nothing was done")
        return planned
    began = console.now()
    outcomes = _do(todo, settings, console, options, target)
    doubts = tuple(_doubts(todo.recorder))
    code = exits.worst([is_wrong, exits.of_outcomes(plan, outcomes), *([exits.FAILED] if doubts else [])])
    seconds = console.now() - began
    acted = bool(plan.changes or doubts)
    return replace(planned, outcomes=outcomes, seconds=seconds, code=code, acted=acted, doubts=doubts)


def _planned(target: planning.Target, settings: Settings, console: Console, options: Apply) -> _Todo:
    """What the files ask anew, and of it only what was reviewed, if there are plan files."""
    found, (catalog,) = planning.loaded(target, settings, console)
    documents = [_reviewed(path, catalog.cluster.name) for path in options.plan or ()]
    checked = bool(found.errors) and target.base is not None
    since = base.named(_base(target, documents, console), target.folder, settings, console, checked)
    reached, notes = planning.reached(catalog, target, since)
    if reached is None:
        raise RefusedError(". ".join(notes), "once it is merged, apply without --base")
    context = planning.run_context(target, settings, console)
    known = recorded.read(reached, context)
    notes = (*notes, *recorded.required_age(known.record, target.folder))
    scope = Scope(since_base=bool(documents) and since is not None, notes=known.record.is_kept)
    lanes = planning.lanes(reached, target, settings, context, since, known.record, _aware(scope, target, since))
    lanes = [replace(lane, refuse_if_absent=True) for lane in lanes]
    plan = engine.plan(catalog.cluster.name, lanes, since.commit if since else None)
    identity.required(reached.cluster, plan)
    plan = replace(plan, remarks=(*notes, *recorded.remarks(known.record), *plan.remarks))
    plan = _restricted(plan, lanes, documents) if documents else engine.without_plan(plan, target.named)
    recorder = _recorder(known, plan, lanes, reached.cluster.repository, target, console)
    return _Todo(plan, lanes, recorder, inherited.faults(found, since.past if since else None))


def _aware(scope: Scope, target: planning.Target, since: Base | None) -> Scope:
    """Knowing which commits the base has."""
    if since is None:
        return scope
    return replace(scope, is_in_base=lambda commit: bool(git.is_ancestor(target.folder, commit, since.commit)))


def _base(target: planning.Target, documents: Sequence[PlanDocument], console: Console) -> str | None:
    """The base that was named, or that of the reviewed plans, or the commit before the push."""
    if target.base is not None:
        return target.base
    if documents:
        bases = [document.base for document in documents if document.base]
        return base.oldest(bases, target.folder) if len(bases) == len(documents) else None
    return base.before_push(target.folder, console.environment)


def _restricted(plan: Plan, lanes: Sequence[Lane[Any]], documents: Sequence[PlanDocument]) -> Plan:
    for document in documents:
        planfile.same_cluster(document, plan)
    reviewed = {key: one for document in documents for key, one in planfile.reviewed(document).items()}
    return engine.restrict(plan, lanes, reviewed)


def _recorder(
    known: Recorded, plan: Plan, lanes: Sequence[Lane[Any]], repository: str, target: planning.Target, console: Console
) -> Recorder | None:
    if known.log is None or not known.record.is_kept:
        return None
    stamp = recorded.stamp(plan, target.folder, console.environment, console.clock())
    recorder = Recorder(known.log, known.record, repository, plan, lanes, stamp)
    return recorder if recorder.is_needed else None


def _reviewed(path: Path, cluster: str) -> PlanDocument:
    """The plan file. Raises UsageError where it cannot be read, and what `planfile.parsed` raises."""
    root, name = located(path)
    try:
        return planfile.parsed(root.read(name, planfile.MAX_BYTES), str(path), cluster)
    except FileFault as fault:
        hint = "name the file that `plan --out` wrote"
        raise UsageError(f"--plan {path} cannot be read: {fault.reason}", hint) from None


def _do(todo: _Todo, settings: Settings, console: Console, options: Apply, target: planning.Target) -> list[Outcome]:
    """Everything that is to be done; nothing of it where the record cannot be written."""
    plan, recorder = todo.plan, todo.recorder
    signals = Signals(console)
    path = options.audit or settings.audit_of(plan.cluster)
    commit = {"commit": git.head(target.folder) or "none"}
    audit = AuditFile(path, plan, {**recorded.run_of(target.folder, console.environment), **commit}, console.clock)
    outcomes: list[Outcome] = []
    try:
        with signals.listening():
            if recorder is not None:
                recorder.begin()
            watches = Watches([signals, audit, *([recorder] if recorder else [])])
            for outcome in engine.apply(plan, todo.lanes, watches, recorder or Nobody()):
                outcomes.append(outcome)  # noqa: PERF402 -- those that came must outlive what ends the loop
            if recorder is not None:
                recorder.end()
    except Abort as abort:
        for outcome in signals.aborted(plan, tuple(outcomes), abort):
            audit.after(outcome)
            outcomes.append(outcome)
    return outcomes


def _doubts(recorder: Recorder | None) -> Iterator[str]:
    """What may not be on record though it was done: the next apply mends it."""
    if recorder is None:
        return
    if recorder.broken:
        yield recorder.broken
    if recorder.doubts:
        names = sorted(f"{key.kind} {key.name}".strip() for key in recorder.doubts)
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        yield (
            f"not known to be on record: {', '.join(names[:3])}{more} ({min(recorder.doubts.values())}); "
            "the next apply notes it"
        )
