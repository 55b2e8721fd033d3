"""`provisioner apply`: makes it so, for one cluster."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from provisioner.commands import exits, posting, recorded, todo, waiting
from provisioner.commands.console import Console
from provisioner.commands.signals import Abort, Signals, Watches
from provisioner.commands.todo import Todo
from provisioner.commands.waiting import Patience
from provisioner.errors import UnreachableError, UsageError
from provisioner.options import Apply
from provisioner.reconcile import engine
from provisioner.reconcile.lanes import LongRunning, Nobody
from provisioner.reconcile.model import Key
from provisioner.reconcile.outcome import Outcome
from provisioner.reconcile.plan import Plan
from provisioner.reconcile.record import Standing
from provisioner.reconcile.recording import Recorder
from provisioner.report import outcome_note
from provisioner.report.results import Applied
from provisioner.settings import Settings
from provisioner.stores import git
from provisioner.stores.audit import AuditFile

MOST_NOTES = 20
"""Merge requests of one run that are told; a run after a long silence may be about a hundred."""


def run(options: Apply, settings: Settings, console: Console, *, slow: bool = False) -> Applied:
    """Plan, show, ask, do, note, report. `slow`: of what is approved only what takes long."""
    if not options.yes and not console.interactive:
        raise UsageError("apply asks before it acts, and nobody can answer here", "add --yes")
    waiting.seconds(options.wait, console.environment)
    work = todo.todo(options, settings, console, slow=slow)
    plan = work.plan
    is_wrong = exits.of_faults(work.faults)
    planned = Applied(plan, (), 0.0, is_wrong, options.verbose, acted=False, faults=work.faults)
    console.open(planned)
    if _acts(plan) and not options.yes and not console.ask(f"Apply this to {plan.cluster}?"):
        console.say("nothing was done")
        return planned
    began = console.now()
    outcomes = _do(work, settings, console, options)
    doubts = tuple(_doubts(work.recorder))
    code = exits.worst([is_wrong, exits.of_outcomes(plan, outcomes), *([exits.FAILED] if doubts else [])])
    seconds = console.now() - began
    acted = bool(plan.changes or doubts)
    applied = replace(planned, outcomes=outcomes, seconds=seconds, code=code, acted=acted, doubts=doubts)
    _post(applied, work.reviews.merge_requests, console)
    return applied


def _post(applied: Applied, merge_requests: Sequence[int], console: Console) -> None:
    """What became of it, on the merge requests that this run is about; a line says so where that is not possible."""
    if not merge_requests:
        return
    marker = outcome_note.marker(applied.plan.cluster)
    body = outcome_note.text(applied, console.environment.get("CI_JOB_URL"))
    for number in merge_requests[:MOST_NOTES]:
        posting.post(console, number, marker, body)


def _acts(plan: Plan) -> bool:
    """True where there is something to agree to: what is refused is not done, whatever the answer."""
    return any(not change.refusals for change in plan.changes) or plan.record.standing is Standing.NEW


def _do(work: Todo, settings: Settings, console: Console, options: Apply) -> list[Outcome]:
    """Everything that is to be done; nothing of it where the record cannot be written."""
    plan, recorder = work.plan, work.recorder
    signals = Signals(console)
    path = options.audit or settings.audit_of(plan.cluster)
    commit = {"commit": git.head(options.folder) or "none"}
    audit = AuditFile(path, plan, {**recorded.run_of(options.folder, console.environment), **commit}, console.clock)
    outcomes: dict[Key, Outcome] = {}
    try:
        with signals.listening():
            if recorder is not None:
                recorder.begin()
            watches = Watches([signals, audit, *([recorder] if recorder else [])])
            patience = Patience(signals, console, waiting.seconds(options.wait, console.environment))
            for outcome in engine.apply(plan, work.lanes, watches, recorder or Nobody(), patience):
                outcomes[outcome.key] = outcome  # the later one counts
            _tidy(work, console)
            if recorder is not None:
                recorder.end()
    except Abort as abort:
        for outcome in signals.aborted(plan, tuple(outcomes.values()), abort):
            audit.after(outcome)
            outcomes[outcome.key] = outcome
    return list(outcomes.values())


def _tidy(work: Todo, console: Console) -> None:
    """Whoever comes by removes what long changes of earlier runs have left behind."""
    for lane in work.lanes:
        if work.plan.record.has_moves and isinstance(lane.store, LongRunning):
            try:
                left = lane.store.tidy()
            except UnreachableError as error:
                left = (error.message,)
            for text in left:
                console.say(f"note: {text}; the next run removes it")


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
