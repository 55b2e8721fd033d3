"""GitLab's JSON read value by value: what is not of its kind is an answer that nobody understands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from provisioner.stores.gitlab.fault import GitLabFault, Kind

Part = Mapping[str, Any]


def text(part: Part, name: str) -> str:
    """A text, never null."""
    found = part.get(name)
    return found if isinstance(found, str) else _strange(name, "a text")


def number(part: Part, name: str) -> int:
    """A whole number."""
    found = part.get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) else _strange(name, "a number")


def inner(part: Part, name: str) -> Part:
    """An object."""
    found = part.get(name)
    return found if isinstance(found, dict) else _strange(name, "an object")


def whole(found: Any, name: str) -> Part:
    """An answer that is one object."""
    return found if isinstance(found, dict) else _strange(name, "an object")


def moment(part: Part, name: str) -> datetime:
    """A time that knows its zone."""
    return parsed_moment(text(part, name)) or _strange(name, "a time")


def parsed_moment(words: str) -> datetime | None:
    """GitLab's times name their zone; one that does not is in UTC. None: it is no time."""
    try:
        found = datetime.fromisoformat(words)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def optional_text(part: Part, name: str) -> str:
    """A text; empty where there is none."""
    return "" if part.get(name) is None else text(part, name)


def optional_number(part: Part, name: str) -> int | None:
    """A number or null."""
    return None if part.get(name) is None else number(part, name)


def _strange(name: str, kind: str) -> Any:
    raise GitLabFault(Kind.NOT_UNDERSTOOD, "GitLab", name, f"the answer has no {name!r} that is {kind}")
