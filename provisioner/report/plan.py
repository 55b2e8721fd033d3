"""A plan as text: refusals and hazards first, unchanged things only counted, long runs of equal changes folded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from provisioner.line import Line, Part, Style, signed
from provisioner.reconcile.change import Action, Change
from provisioner.reconcile.plan import Plan
from provisioner.reconcile.record import Standing
from provisioner.report import derived, details, folding, held_back, work
from provisioner.report.details import Going
from provisioner.report.summary import counted_of, last_line

SIGNS = {Action.CREATE: ("+", Style.ADDED), Action.UPDATE: ("~", Style.CHANGED), Action.DELETE: ("-", Style.REMOVED)}
UNSURE = ("?", Style.UNKNOWN)
REFUSED = Part("REFUSED", Style.ALARM)
WIDEST_NAME = 48
MOST_NAMES = 3

AnyChange = Change[Any]


def lines(plan: Plan, verbose: bool = False, waiting: bool = False) -> list[Line]:
    """The whole plan of one cluster. `waiting`: what waits is named, and not only counted."""
    if plan.untouched:
        return [Line(f"cluster {plan.cluster}: untouched since {(plan.base or '')[:12]}, not looked at")]
    company, going = derived.company(plan), details.going(plan)
    listed = _listed(plan, company, going)
    width = min(WIDEST_NAME, max((len(change.key.name) for change in listed), default=0))
    notes = (Line(f"note: {remark}", Style.NOTE) for remark in plan.remarks)
    blocks = [Line(_head(plan)), *_stopped(plan), *_record(plan), *_held(plan), *notes]

    def below(change: AnyChange, whole: bool) -> Iterator[Line]:
        return details.lines(plan, change, company.get(change.key, ()), going.get(change.key, ""), whole)

    def printed(change: AnyChange) -> list[str]:
        return [_along(company.get(change.key, ())), *(line.plain for line in below(change, False))]

    for run in folding.runs(plan, listed, verbose, printed, work.by_owner):
        along = _along(company.get(run[0].key, ()))
        blocks.append(_folded(plan, run, along) if len(run) > 1 else _line(run[0], width, along))
        blocks += below(run[0], verbose)
        blocks += (line.indented(4) for line in work.lines(run))
    blocks += _unreviewed(plan)
    blocks += held_back.lines(plan, verbose)
    blocks += [line for change in plan.waiting if verbose or waiting for line in _waiting(change)]
    return [*blocks, Line(last_line(plan))]


def _head(plan: Plan) -> str:
    identity = f" (id {plan.cluster_id})" if plan.cluster_id else ""
    own = [kind for kind in plan.kinds if not kind.derived]
    counted = [f"{counted_of(plan.declared[kind.name], kind)} declared" for kind in own]
    counted += [f"{plan.unmanaged} unmanaged"] if counted else []
    return f"cluster {plan.cluster}{identity}" + (": " + ", ".join(counted) if counted else "")


def _stopped(plan: Plan) -> list[Line]:
    return [signed("!", Style.ALARM, f"{kind}: {why}; nothing is planned there") for kind, why in plan.stopped.items()]


def _record(plan: Plan) -> Iterator[Line]:
    """What is to be made of it, or that nothing is known of it."""
    if plan.record.standing is Standing.NEW:
        yield signed("+", Style.ADDED, f"record topic {plan.record.name}   what is applied is noted there")
    elif not plan.record.is_readable:
        why = "whose a difference is, is not known, and what is there is left alone"
        yield signed("!", Style.ALARM, f"the record {plan.record.name} cannot be read: {plan.record.why}; {why}")


def _unreviewed(plan: Plan) -> Iterator[Line]:
    for change in plan.unreviewed:
        text = f"{change.key.kind} {change.key.name}   {change.refusals[-1].reason}"
        yield signed("!", Style.ALARM, text, Part("   "), REFUSED)


def _waiting(change: AnyChange) -> Iterator[Line]:
    where = f"{change.span.path}:{change.span.line}"
    yield Line(f"waits: {change.key.kind} {change.key.name}   {change.owner}   {where}", Style.NOTE)


def _held(plan: Plan) -> Iterator[Line]:
    """One line and a way out for each default, however many it holds up."""
    for held in plan.held:
        counted = counted_of(len(held.without), plan.kind(held.kind))
        parts = [f"{counted} left without it{_some(held.without)}"] * bool(held.without)
        parts += [f"{len(held.refused)} to create and refused{_some(held.refused)}"] * bool(held.refused)
        yield signed("!", Style.ALARM, f"{held.span}: {held.why}; it is a default: {', '.join(parts)}")
        yield Line("  Remove it there, or set it on the clusters whose brokers know it")


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return f" ({', '.join(names[:MOST_NAMES])}{more})"


def _listed(plan: Plan, company: derived.Company, going: Going) -> list[AnyChange]:
    """The changes that have a line of their own, in the order of reading: dangers first, then by kind and name."""
    silent = derived.refused(plan) | {change.key for along in company.values() for change in along}
    return sorted((c for c in plan.changes if c.key not in silent), key=lambda change: _rank(plan, change, going))


def _rank(plan: Plan, change: AnyChange, going: Going) -> tuple[Any, ...]:
    order = plan.kinds.index(plan.kind(change.key.kind))
    dangerous = change.key in going or any(hazard.asks for hazard in change.hazards)
    return 0 if change.refusals else 1 if dangerous else 2, order, change.action, change.key.name


def _along(company: Sequence[AnyChange]) -> str:
    return f"with {', '.join(change.key.kind for change in company)}" if company else ""


def _folded(plan: Plan, changes: Sequence[AnyChange], along: str) -> Line:
    first = changes[0]
    names = [change.key.name for change in changes]
    teams = folding.by_team(change.owner for change in changes)
    counted = f"{counted_of(len(changes), plan.kind(first.key.kind))} alike{teams}"
    besides = f", {along}" if along else ""
    shown = f"{', '.join(names[:3])}, ... {names[-1]}"
    return _of(first, f"{counted}{besides}: {shown}   (--verbose lists them)")


def _line(change: AnyChange, width: int, along: str) -> Line:
    name = f"{change.key.kind} {change.key.name}".ljust(width + 10)
    where = f"{change.span.path}:{change.span.line}"
    return _of(change, f"{name} {change.owner:<10} {where}" + (f"   {along}" if along else ""))


def _of(change: AnyChange, text: str) -> Line:
    """With the sign of what is done, and with what is not."""
    sign, style = UNSURE if change.is_unsure else SIGNS[change.action]
    return signed(sign, style, text, *((Part("   "), REFUSED) if change.refusals else ()))
