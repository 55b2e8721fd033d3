"""What is written below the line of a change: its fields or its words, what goes, and why it is dangerous."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from provisioner import printable
from provisioner.catalog.topic_config import shown
from provisioner.reconcile.model import Action, Change, FieldChange, Key, Plan
from provisioner.report import derived, reasons, wording

AnyChange = Change[Any]
Going = Mapping[Key, str]

MOST_RULES = 4
"""Rules of a new topic that are spelled out; `--verbose` lists them all."""

_WATCHING = {"alerts": "all its alerts", "dashboard": "its dashboard"}


def going(plan: Plan) -> Going:
    """What is taken away while its topic stays: it needs no consent, and nobody should overlook it."""
    leaving = {c.key.name for c in plan.changes if c.key.kind == derived.TOPIC and c.action is Action.DELETE}
    found = {change.key: _taken(change) for change in plan.changes if change.key.name not in leaving}
    return {key: taken for key, taken in found.items() if taken}


def _taken(change: AnyChange) -> str:
    if change.key.kind not in _WATCHING or change.action is Action.CREATE:
        return ""
    rules = "; ".join(wording.going(change))
    if change.action is Action.UPDATE:
        return rules
    return _WATCHING[change.key.kind] + (f": {rules}" if rules else "")


def lines(change: AnyChange, company: Sequence[AnyChange], taken: str, verbose: bool) -> Iterator[str]:
    """Everything below the change's own line. `company`: what comes and goes with it; `taken`: of `going`."""
    yield from _WHAT[change.action](change, verbose)
    for other in company:
        yield from _rules(other, verbose)
    if taken:
        yield f"    ! goes, while its topic stays: {taken}"
    yield from reasons.lines(change)
    yield from (f"    note: {note}" for note in change.prepared.notes)


def _created(change: AnyChange, verbose: bool) -> Iterator[str]:
    if wording.is_worded(change):
        yield from _rules(change, verbose)
    elif change.key.kind == derived.TOPIC and change.fields:
        fields = sorted(change.fields, key=lambda field: field.field.startswith("config."))
        yield "    " + ", ".join(f"{_label(field)} {_value(field, field.after)}" for field in fields)


def _rules(change: AnyChange, verbose: bool) -> Iterator[str]:
    """Who will be told of what, the declared lags first."""
    rules = wording.coming(change)
    shown_rules = rules if verbose or len(rules) <= MOST_RULES else rules[: MOST_RULES - 1]
    more = [f"and {len(rules) - len(shown_rules)} more"] if len(shown_rules) < len(rules) else []
    if rules:
        yield f"    alerts {'; '.join([*shown_rules, *more])}"


def _updated(change: AnyChange, verbose: bool) -> Iterator[str]:
    if not wording.is_worded(change) or change.before is None:
        yield from _rows(change.fields)
        return
    yield from (f"    {line}" for line in wording.changed(change))
    yield from (f"    + alert {rule}" for rule in wording.coming(change))
    if verbose:
        for field, rows in wording.unsaid(change):
            yield from (f"      {field}", *(f"        {row}" for row in rows))


def _deleted(_change: AnyChange, _verbose: bool) -> Iterator[str]:
    return iter(())


_WHAT = {Action.CREATE: _created, Action.UPDATE: _updated, Action.DELETE: _deleted}


def _rows(fields: Sequence[FieldChange]) -> Iterator[str]:
    width = max((len(field.field) for field in fields), default=0)
    for field in fields:
        yield f"    {field.field:<{width}}  {_value(field, field.before)} -> {_value(field, field.after)}"


def _label(field: FieldChange) -> str:
    return field.field.removeprefix("config.")


def _value(field: FieldChange, value: str | None) -> str:
    return "(not set)" if value is None else printable.cut(shown(_label(field), value))
