"""What an apply did, as text: what went wrong line by line, the rest counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from provisioner.line import Line, Part, Style
from provisioner.reconcile.change import Action
from provisioner.reconcile.model import Key
from provisioner.reconcile.outcome import Outcome, State
from provisioner.reconcile.plan import Plan
from provisioner.report import derived
from provisioner.report.summary import counted_of, held_back

_PAST = {Action.CREATE: "created", Action.UPDATE: "updated", Action.DELETE: "deleted"}
_FOLD_BEYOND = 3
_STYLES = {State.FAILED: Style.ALARM, State.REFUSED: Style.ALARM, State.DOUBT: Style.WARNING}


def lines(plan: Plan, outcomes: Sequence[Outcome], seconds: float) -> list[Line]:
    """Every outcome that is not done, or done with a comment, runs of equal ones folded, then one line of counts.

    What is refused for no other reason than that what it is made for is goes without saying.
    """
    silent = derived.refused(plan)
    outcomes = [one for one in outcomes if one.key not in silent or one.state is not State.REFUSED]
    listed = [one for one in outcomes if one.state is not State.DONE or one.comment]
    listed.sort(key=lambda one: (one.state, one.key.kind, one.comment))
    places = {change.key: f"{change.span.path}:{change.span.line}" for change in plan.changes}
    made: list[Line] = []
    for _, run in groupby(listed, key=lambda o: (o.state, o.key.kind, _reason(o))):
        made += _lines(plan, list(run), places)
    for change in plan.unreviewed:
        made.append(_of(State.REFUSED, f"{change.key.kind} {change.key.name}: {change.refusals[-1].reason}"))
    stopped = (Line(f"{kind}: {why}") for kind, why in plan.stopped.items())
    return [*made, *stopped, Line(_summary(plan, outcomes, seconds))]


def _reason(outcome: Outcome) -> str:
    return outcome.comment.replace(outcome.key.name, "*")


def _lines(plan: Plan, run: Sequence[Outcome], places: dict[Key, str]) -> list[Line]:
    first = run[0]
    if len(run) > _FOLD_BEYOND:
        names = ", ".join(outcome.key.name for outcome in run[:3])
        counted = counted_of(len(run), plan.kind(first.key.kind))
        return [_of(first.state, f"{counted} ({names}, ...): {_reason(first)}")]
    return [_of(o.state, f"{o.key.kind} {o.key.name}: {o.comment}   {places.get(o.key, '')}".rstrip()) for o in run]


def _of(state: State, text: str) -> Line:
    return Line(state.upper(), _STYLES.get(state, Style.PLAIN), more=(Part(f"  {text}"),))


def _summary(plan: Plan, outcomes: Sequence[Outcome], seconds: float) -> str:
    actions = {change.key: change.action for change in plan.changes}
    done = Counter((o.key.kind, actions[o.key]) for o in outcomes if o.state is State.DONE)
    parts = [f"{counted_of(count, plan.kind(kind))} {_PAST[action]}" for (kind, action), count in done.items()]
    others = Counter[str](str(o.state) for o in outcomes if o.state is not State.DONE)
    others[State.REFUSED] += len(plan.unreviewed)
    parts += [f"{count} {state}" for state, count in others.items() if count]
    parts += [f"{back} held back"] if (back := held_back(plan)) else []
    return f"Applied to {plan.cluster}: {', '.join(parts) or 'nothing to do'}; {seconds:.1f} s.   digest {plan.digest}"
