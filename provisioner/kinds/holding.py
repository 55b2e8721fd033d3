"""What errors of the files hold back of a kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from provisioner.catalog.held import NOTHING, Held
from provisioner.kinds.kind import Kind
from provisioner.kinds.topic import TOPICS
from provisioner.problem import Problem
from provisioner.reconcile.held_back import Hold, Unread
from provisioner.reconcile.model import Wanted


def held(
    kind: Kind[Any], back: Held, asked: Mapping[str, Wanted[Any]], wrong: Sequence[Problem] = ()
) -> dict[str, Hold]:
    """What errors of the files govern of what they ask for, by name; what is made for such a thing, too.

    `wrong`: errors that govern everything of the kind.
    """
    if wrong:
        return {name: Hold(wrong[0], want.span, want.owner) for name, want in asked.items()}
    if back == NOTHING:
        return {}
    found = {}
    anything = _of_any(back)
    for name, want in asked.items():
        topics = [name] if kind is TOPICS else [key.name for key in want.members.values() if key.kind == TOPICS.name]
        governing = [back.topics.get(topic) or (back.watched.get(topic) if kind.derived else None) for topic in topics]
        many = anything if kind.follows_from_all(name) else None
        problem = next(filter(None, (*governing, back.teams.get(want.owner), back.at(want.span), many)), None)
        if problem is not None:
            found[name] = Hold(problem, want.span, want.owner)
    return found


def _of_any(back: Held) -> Problem | None:
    """What hides a topic, or who reads one."""
    entries = (*back.topics.values(), *back.watched.values(), *back.teams.values(), *back.unread.values())
    return next(filter(None, (back.hidden, back.parts, *entries)), None)


def _anything(_name: str) -> bool:
    return True


def unread(kind: Kind[Any], back: Held, wrong: Sequence[Problem] = ()) -> Unread:
    """Who reads a topic says what is derived from it, and not which topics there are."""
    if wrong:
        return Unread(rest=wrong[0], mentions=_anything)
    if kind.derived:
        return Unread({**back.watched, **back.topics}, back.parts, back.mentions, back.unread)
    return Unread(back.topics, back.hidden, back.mentions, back.unread)
