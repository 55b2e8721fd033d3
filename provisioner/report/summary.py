"""A plan in one line, and how things are counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from provisioner.reconcile.kind import Kind
from provisioner.reconcile.plan import Plan

Counts = Counter[tuple[str, str]]
"""(kind, action or "refused") -> how many."""


def counted_of(count: int, kind: Kind[Any]) -> str:
    """`1 topic`, `3 alert sets`."""
    one, many = kind.nouns
    return f"{count} {one if count == 1 else many}"


def last_line(plan: Plan) -> str:
    """The line that people grep: by action, what is derived in brackets, what is unchanged, the digest."""
    if not plan.declared:
        return "Plan: nothing is planned here."
    if not (plan.changes or plan.unknown or plan.gone or plan.held or plan.unreviewed or plan.held_back):
        return f"Plan: nothing left to do; {_unchanged(plan)}.{_aside(plan)}   digest {plan.digest}"
    counts, own = plan.counts, [kind for kind in plan.kinds if not kind.derived]
    doing = ", ".join(f"{_counted(counts, own, action)} to {action}" for action in ("create", "update", "delete"))
    besides = [counted_of(n, kind) for kind in plan.kinds if kind.derived and (n := _doable(counts, kind))]
    beside = f" (+ {', '.join(besides)})" if besides else ""
    refused = _counted(counts, own, "refused") + len(plan.unreviewed)
    return f"Plan: {doing}, {refused} refused{beside}; {_unchanged(plan)}.{_aside(plan)}   digest {plan.digest}"


def _counted(counts: Counts, kinds: Iterable[Kind[Any]], action: str) -> int:
    return sum(counts[kind.name, action] for kind in kinds)


def _aside(plan: Plan) -> str:
    """What is no part of this plan: what stands, waits or is newer, and reviewed changes that are done already."""
    differences = f"{len(plan.standing)} standing difference{'' if len(plan.standing) == 1 else 's'}"
    parts = [f" {differences} (provisioner drift)."] if plan.standing else []
    waiting = f"{len(plan.waiting)} change{'' if len(plan.waiting) == 1 else 's'} of earlier merges"
    parts += [f" {waiting} wait{'s' if len(plan.waiting) == 1 else ''}."] if plan.waiting else []
    parts += [f" {len(plan.ahead)} applied from newer commits."] if plan.ahead else []
    parts += [f" {plan.already_applied} reviewed, and as wanted already."] if plan.already_applied else []
    return "".join(parts)


def held_back(plan: Plan) -> int:
    """How many names are held back for errors of the files, whatever of each is."""
    return len({key.name for key in plan.held_back})


def _doable(counts: Counts, kind: Kind[Any]) -> int:
    return sum(count for (of, action), count in counts.items() if of == kind.name and action != "refused")


def _unchanged(plan: Plan) -> str:
    """Of what people declare; of the first kind there is, where only what is derived was planned."""
    names = {kind.name for kind in plan.kinds if not kind.derived} or {kind.name for kind in plan.kinds[:1]}
    unknown = sum(key.kind in names for key in plan.unknown)
    held = {name for each in plan.held for name in each.without} - {change.key.name for change in plan.changes}
    aside = (f", {unknown} not known" if unknown else "") + (f", {len(held)} without a default" if held else "")
    aside += f", {back} held back" if (back := held_back(plan)) else ""
    others = sum(plan.not_looked_at.get(name, 0) for name in names)
    aside += f", {others} not looked at" if others else ""
    return f"{sum(plan.unchanged.get(name, 0) for name in names)} unchanged{aside}"
