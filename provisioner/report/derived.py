"""What belongs to the line of its topic: the alerts and the dashboard that come, go or are refused with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from provisioner.reconcile.model import Action, Change, Key, Plan

AnyChange = Change[Any]
Company = Mapping[Key, Sequence[AnyChange]]
"""A topic's key -> what is created or deleted along with it."""

TOPIC = "topic"


def company(plan: Plan) -> Company:
    """What comes and goes with its topic, and so needs no line of its own."""
    found: dict[Key, list[AnyChange]] = defaultdict(list)
    topics = _topics(plan)
    for change in plan.changes:
        topic = topics.get(change.key.name)
        if topic and change.key.kind != TOPIC and _goes_along(change, topic):
            found[topic.key].append(change)
    return found


def refused(plan: Plan) -> frozenset[Key]:
    """What is refused for no other reason than that its topic is."""
    topics = _topics(plan)
    return frozenset(change.key for change in plan.changes if _falls(change, topics.get(change.key.name)))


def _topics(plan: Plan) -> dict[str, AnyChange]:
    return {change.key.name: change for change in plan.changes if change.key.kind == TOPIC}


def _goes_along(change: AnyChange, topic: AnyChange) -> bool:
    alike = change.action is topic.action and change.action is not Action.UPDATE
    own = change.refusals or topic.refusals or change.hazards or change.prepared.notes
    return alike and not own


def _falls(change: AnyChange, topic: AnyChange | None) -> bool:
    if topic is None or change.key.kind == TOPIC or not topic.refusals:
        return False
    return bool(change.refusals) and all(why.by == "requires" for why in change.refusals)
