"""A plan as text: refusals and hazards first, unchanged things only counted, long runs of equal changes folded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from provisioner import printable
from provisioner.catalog.topic_config import shown
from provisioner.reconcile.model import Action, Change, FieldChange, Hazard, Key, Plan
from provisioner.report.summary import NOUNS, counted_of, last_line

SIGNS = {Action.CREATE: "+", Action.UPDATE: "~", Action.DELETE: "-"}
FOLD_BEYOND = 5
WIDEST_NAME = 48
_DETAILED_ON_CREATE = frozenset({"topic"})

_WATCHING = {"alerts": "all its alerts", "dashboard": "its dashboard"}

AnyChange = Change[Any]
Going = Mapping[Key, str]


def text(plan: Plan, verbose: bool = False) -> str:
    """The whole plan of one cluster, without a final newline."""
    blocks = [_head(plan), *_stopped(plan), *(f"note: {remark}" for remark in plan.remarks)]
    width = min(WIDEST_NAME, max((len(change.key.name) for change in plan.changes), default=0))
    going = _going(plan)
    for run in _runs(plan.changes, verbose, going):
        blocks += _folded(run, going) if len(run) > 1 else _change(run[0], width, going)
    return printable.lines([*blocks, last_line(plan)])


def _head(plan: Plan) -> str:
    identity = f" (id {plan.cluster_id})" if plan.cluster_id else ""
    declared = plan.declared.get("topic")
    counted = [] if declared is None else [f"{counted_of(declared, 'topic')} declared", f"{plan.unmanaged} unmanaged"]
    return f"cluster {plan.cluster}{identity}" + (": " + ", ".join(counted) if counted else "")


def _stopped(plan: Plan) -> list[str]:
    return [f"! {kind}: {why}; nothing is planned there" for kind, why in plan.stopped.items()]


def _going(plan: Plan) -> Going:
    """What is taken away while its topic stays: it needs no consent, and nobody should overlook it."""
    leaving = {c.key.name for c in plan.changes if c.key.kind == "topic" and c.action is Action.DELETE}
    found = {change.key: _taken(change) for change in plan.changes if change.key.name not in leaving}
    return {key: taken for key, taken in found.items() if taken}


def _taken(change: AnyChange) -> str:
    if change.key.kind not in _WATCHING:
        return ""
    if change.action is Action.DELETE:
        return _WATCHING[change.key.kind]
    return ", ".join(rule for rule, after in _whole_rules(change) if after is None)


def _whole_rules(change: AnyChange) -> list[tuple[str, str | None]]:
    """The rules of an alert set that come or go as a whole, and their expression afterwards."""
    expressions = [f for f in change.fields if f.field.endswith(".expr") and None in (f.before, f.after)]
    return [(f.field.removesuffix(".expr"), f.after) for f in expressions]


def _runs(changes: Iterable[AnyChange], verbose: bool, going: Going) -> Iterator[list[AnyChange]]:
    """Changes in the order of reading: dangers first, then by kind and name; many equal ones in one run."""
    ordered = sorted(changes, key=lambda change: _rank(change, going))
    alike = defaultdict(list)
    for change in ordered:
        alike[_signature(change)].append(change)
    for change in ordered:
        run = alike[_signature(change)]
        if verbose or len(run) <= FOLD_BEYOND:
            yield [change]
        elif change is run[0]:
            yield run


def _rank(change: AnyChange, going: Going) -> tuple[Any, ...]:
    order = list(NOUNS).index(change.key.kind) if change.key.kind in NOUNS else len(NOUNS)
    dangerous = change.key in going or any(hazard.asks for hazard in change.hazards)
    return 0 if change.refusals else 1 if dangerous else 2, order, change.action, change.key.name


def _signature(change: AnyChange) -> tuple[Any, ...]:
    """Equal for changes that read the same but for their names."""
    reasons = tuple(hazard.slug for hazard in change.hazards), tuple(why.reason for why in change.refusals)
    fields = tuple((f.field, f.before, f.after) for f in _shown_fields(change)) if change.key.kind == "topic" else ()
    notes = change.prepared.notes
    return change.key.kind, change.action, reasons, fields, notes


def _folded(changes: Sequence[AnyChange], going: Going) -> Iterator[str]:
    first = changes[0]
    names = [change.key.name for change in changes]
    noun = counted_of(len(changes), first.key.kind)
    refused = "   REFUSED" if first.refusals else ""
    yield f"{_sign(first)} {noun} alike: {', '.join(names[:3])}, ... {names[-1]}   (--verbose lists them){refused}"
    yield from _details(first, going)


def _change(change: AnyChange, width: int, going: Going) -> Iterator[str]:
    where = f"{change.span.path}:{change.span.line}"
    refused = "   REFUSED" if change.refusals else ""
    name = f"{change.key.kind} {change.key.name}".ljust(width + 10)
    yield f"{_sign(change)} {name} {change.owner:<10} {where}{refused}".rstrip()
    yield from _details(change, going)


def _sign(change: AnyChange) -> str:
    return "?" if change.is_unsure else SIGNS[change.action]


def _details(change: AnyChange, going: Going) -> Iterator[str]:
    if change.action is Action.CREATE:
        if change.key.kind in _DETAILED_ON_CREATE and change.fields:
            fields = sorted(change.fields, key=lambda field: field.field.startswith("config."))
            yield "    " + ", ".join(f"{_label(field)} {_value(field, field.after)}" for field in fields)
    else:
        yield from _rows(_shown_fields(change))
        yield from (f"    + {rule}" for rule, after in _whole_rules(change) if after and change.key.kind == "alerts")
    if change.key in going:
        yield f"    ! goes, while its topic stays: {going[change.key]}"
    yield from _reasons(change)
    yield from (f"    note: {note}" for note in change.prepared.notes)


def _shown_fields(change: AnyChange) -> tuple[FieldChange, ...]:
    """What differs field by field; a rule that comes or goes is told in one line instead."""
    if change.action is Action.DELETE:
        return ()
    whole = tuple(f"{rule}." for rule, _ in _whole_rules(change)) if change.key.kind == "alerts" else ()
    return tuple(field for field in change.fields if not field.field.startswith(whole)) if whole else change.fields


def _rows(fields: Sequence[FieldChange]) -> Iterator[str]:
    width = max((len(field.field) for field in fields), default=0)
    for field in fields:
        yield f"    {field.field:<{width}}  {_value(field, field.before)} -> {_value(field, field.after)}"


def _label(field: FieldChange) -> str:
    return field.field.removeprefix("config.")


def _value(field: FieldChange, value: str | None) -> str:
    return "(not set)" if value is None else printable.cut(shown(_label(field), value))


def _reasons(change: AnyChange) -> Iterator[str]:
    accepted = {(consent.slug, consent.value): consent.by for consent in change.consents}
    for hazard in (hazard for hazard in change.hazards if hazard.asks):
        by = accepted.get((hazard.slug, hazard.value))
        agreed = (
            "" if by is None else "  (accepted in the defaults)" if by == "defaults" else "  (accepted in the file)"
        )
        yield f"    ! {hazard.slug}: {hazard.reason}{agreed}"
        yield from _way_out(hazard.hint)
    yield from (f"    note: {_key(hazard)}: {hazard.reason}" for hazard in change.hazards if not hazard.asks)
    if missing := [h for h in change.hazards if h.possible and h.asks and (h.slug, h.value) not in accepted]:
        yield "      If meant, write"
        yield f"      {allow_line(change, missing)}"
    for why in change.refusals:
        if why.by not in ("consent", "impossible") or not change.hazards:
            yield f"    ! {why.by}: {why.reason}"
            yield from _way_out(why.hint)


def _key(hazard: Hazard) -> str:
    return (hazard.field or hazard.slug).removeprefix("config.")


def _way_out(hint: str) -> list[str]:
    return [f"      {hint[:1].upper()}{hint[1:]}"] if hint else []


def allow_line(change: AnyChange, missing: Iterable[Hazard]) -> str:
    """The whole `allow:` line to paste: what the file accepts already, and what it would have to."""
    values = {consent.slug: consent.value for consent in change.consents if consent.by != "defaults"}
    values.update({hazard.slug: hazard.value for hazard in missing})
    return "allow: {" + ", ".join(f"{slug}: {_quoted(slug, value)}" for slug, value in values.items()) + "}"


def _quoted(slug: str, value: str) -> str:
    return f'"{value}"' if slug == "delete-topic" or "," in value else value
