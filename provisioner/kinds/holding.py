"""What errors of the files hold back of a kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.catalog.held import NOTHING, Held
from provisioner.kinds.kind import Kind
from provisioner.kinds.topic import TOPICS
from provisioner.reconcile.held_back import Hold, Unread
from provisioner.reconcile.model import Wanted


def held(kind: Kind[Any], back: Held, asked: Mapping[str, Wanted[Any]]) -> dict[str, Hold]:
    """What errors of the files govern of what they ask for, by name; what is made for such a thing, too."""
    if back == NOTHING:
        return {}
    found = {}
    for name, want in asked.items():
        topics = [name] if kind is TOPICS else [key.name for key in want.members.values() if key.kind == TOPICS.name]
        governing = [back.topics.get(topic) or (back.watched.get(topic) if kind.derived else None) for topic in topics]
        problem = next(filter(None, (*governing, back.teams.get(want.owner), back.at(want.span))), None)
        if problem is not None:
            found[name] = Hold(problem, want.span, want.owner)
    return found


def unread(kind: Kind[Any], back: Held) -> Unread:
    """Who reads a topic says what is derived from it, and not which topics there are."""
    if kind.derived:
        return Unread({**back.watched, **back.topics}, back.parts, back.mentions, back.unread)
    return Unread(back.topics, back.hidden, back.mentions, back.unread)
