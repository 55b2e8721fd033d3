"""Exit codes: what a run ended with, and which of several counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from provisioner.reconcile.change import Change
from provisioner.reconcile.model import RECORD, UNSURE
from provisioner.reconcile.outcome import Outcome, State
from provisioner.reconcile.plan import Plan
from provisioner.report.results import Faults

DONE, FAILED, PENDING, REFUSED, UNREACHABLE, USAGE = 0, 1, 2, 3, 4, 64
_ORDER = (USAGE, FAILED, UNREACHABLE, REFUSED, PENDING, DONE)

_OF_STATE = {
    State.DONE: DONE,
    State.STARTED: DONE,
    State.FAILED: FAILED,
    State.DOUBT: FAILED,
    State.STOPPED: FAILED,
    State.REFUSED: REFUSED,
    # A skipped change counts as what caused it, and that has an outcome of its own.
    State.SKIPPED: DONE,
}


def of_faults(faults: Faults) -> int:
    """Errors of the files; not those that were there before."""
    return FAILED if faults.errors else DONE


def worst(codes: Iterable[int]) -> int:
    """The first that applies of 64, 1, 4, 3, 2."""
    return min(codes, key=_ORDER.index, default=DONE)


def of_plan(plan: Plan, detailed: bool) -> int:
    """A plan that only shows: refused and unknown always count, pending changes where asked for."""
    refused = plan.held or plan.unreviewed or any(_is_refused(change) for change in plan.changes)
    found = [REFUSED] if refused else []
    found += [UNREACHABLE] if _is_unclear(plan) else []
    found += [PENDING] if detailed and any(not change.refusals for change in plan.changes) else []
    return worst(found)


def of_outcomes(plan: Plan, outcomes: Sequence[Outcome]) -> int:
    """What an apply ended with."""
    unclear = {change.key for change in plan.changes if change.refusals and not _is_refused(change)}
    known = (one for one in outcomes if one.state is not State.REFUSED or one.key not in unclear)
    of_plan = [UNREACHABLE] if _is_unclear(plan) else []
    of_plan += [REFUSED] if plan.held or plan.unreviewed else []
    return worst([*(_OF_STATE[one.state] for one in known), *of_plan])


def _is_refused(change: Change[Any]) -> bool:
    """What is refused because nothing is known of it, or of whose it is, is not known: that is no word against it."""
    return any(why.by not in (UNSURE, RECORD) for why in change.refusals)


def _is_unclear(plan: Plan) -> bool:
    unclear = any(why.by == RECORD for change in plan.changes for why in change.refusals)
    unknown = plan.unknown.keys() - {change.key for change in plan.waiting}
    return bool(plan.stopped or unknown or unclear or not plan.record.is_readable)
