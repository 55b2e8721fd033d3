"""Exit codes: what a run ended with, and which of several counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from provisioner.reconcile.outcome import Outcome, State
from provisioner.reconcile.plan import Plan

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


def worst(codes: Iterable[int]) -> int:
    """The first that applies of 64, 1, 4, 3, 2."""
    return min(codes, key=_ORDER.index, default=DONE)


def of_plan(plan: Plan, detailed: bool) -> int:
    """A plan that only shows: refused and unknown always count, pending changes where asked for."""
    refused = plan.held or any(change.refusals and not change.is_unsure for change in plan.changes)
    found = [REFUSED] if refused else []
    found += [UNREACHABLE] if plan.stopped or plan.unknown else []
    found += [PENDING] if detailed and any(not change.refusals for change in plan.changes) else []
    return worst(found)


def of_outcomes(plan: Plan, outcomes: Sequence[Outcome]) -> int:
    """What an apply ended with."""
    known = (outcome for outcome in outcomes if outcome.key not in plan.unknown or outcome.state is not State.REFUSED)
    of_plan = [*([UNREACHABLE] if plan.stopped or plan.unknown else []), *([REFUSED] if plan.held else [])]
    return worst([*(_OF_STATE[one.state] for one in known), *of_plan])
