"""A plan in one line, and how things are counted."""

from __future__ import annotations

from provisioner.reconcile.model import Plan

NOUNS = {"topic": ("topic", "topics"), "alerts": ("alert set", "alert sets"), "dashboard": ("dashboard", "dashboards")}
"""Kind -> one of it, many of it; in the order of reading."""


def counted_of(count: int, kind: str) -> str:
    """`1 topic`, `3 alert sets`."""
    one, many = NOUNS.get(kind, (kind, kind))
    return f"{count} {one if count == 1 else many}"


def last_line(plan: Plan) -> str:
    """The line that people grep: topics by action, the rest in brackets, what is unchanged, the digest."""
    counts = plan.counts
    if not plan.declared:
        return "Plan: nothing is planned here."
    if not plan.changes and not plan.unknown and not plan.gone and not plan.held:
        return f"Plan: nothing left to do; {_unchanged(plan)}.{_aside(plan)}   digest {plan.digest}"
    topics = ", ".join(f"{counts['topic', action]} to {action}" for action in ("create", "update", "delete"))
    refused = sum(count for (kind, action), count in counts.items() if action == "refused" and kind == "topic")
    besides = [counted_of(n, kind) for kind in list(NOUNS)[1:] if (n := _doable(plan, kind))]
    beside = f" (+ {', '.join(besides)})" if besides else ""
    return f"Plan: {topics}, {refused} refused{beside}; {_unchanged(plan)}.{_aside(plan)}   digest {plan.digest}"


def _aside(plan: Plan) -> str:
    """What is no part of this plan: differences that were there before, reviewed changes that are done already."""
    differences = f"{len(plan.standing)} standing difference{'' if len(plan.standing) == 1 else 's'}"
    parts = [f" {differences} (provisioner drift)."] if plan.standing else []
    parts += [f" {plan.settled} reviewed, and as wanted already."] if plan.settled else []
    return "".join(parts)


def _doable(plan: Plan, kind: str) -> int:
    return sum(count for (of, action), count in plan.counts.items() if of == kind and action != "refused")


def _unchanged(plan: Plan) -> str:
    kind = "topic" if "topic" in plan.declared else next(iter(plan.declared), "topic")
    unknown = sum(key.kind == kind for key in plan.unknown)
    held = {name for each in plan.held for name in each.without} - {change.key.name for change in plan.changes}
    aside = (f", {unknown} not known" if unknown else "") + (f", {len(held)} without a default" if held else "")
    return f"{plan.unchanged.get(kind, 0)} unchanged{aside}"
