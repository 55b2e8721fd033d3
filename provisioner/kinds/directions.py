"""In which direction a value moves. None is a value that cannot be known: what asks for consent asks then, too."""

from __future__ import annotations

from collections.abc import Callable, Mapping

When = Callable[[str | None, str | None, Mapping[str, str]], bool]
"""The value before and after, and all fields after."""

UNLIMITED = "-1"
TO = ".."
"""Between the least and the most of what is not the same everywhere."""


def less(before: str | None, after: str | None, _: Mapping[str, str]) -> bool:
    """A smaller number."""
    return before is None or after is None or float(after) < float(before)


def more(before: str | None, after: str | None, _: Mapping[str, str]) -> bool:
    """A larger number."""
    return before is None or after is None or float(after) > float(before)


def some_gain(before: str | None, after: str | None, _: Mapping[str, str]) -> bool:
    """More than the least of what may be uneven."""
    return before is None or after is None or int(before.partition(TO)[0]) < int(after)


def some_lose(before: str | None, after: str | None, _: Mapping[str, str]) -> bool:
    """Less than the most of what may be uneven."""
    return before is None or after is None or int(before.rpartition(TO)[2]) > int(after)


def less_kept(before: str | None, after: str | None, _: Mapping[str, str]) -> bool:
    """A smaller limit on what is kept; -1 keeps everything."""
    if after == UNLIMITED:
        return False
    return before in (None, UNLIMITED) or after is None or int(after) < int(before or 0)


def more_kept(before: str | None, after: str | None, _: Mapping[str, str]) -> bool:
    """A larger limit on what is kept."""
    if before == UNLIMITED:
        return False
    return after in (None, UNLIMITED) or before is None or int(after or 0) > int(before)


def different(before: str | None, after: str | None, _: Mapping[str, str]) -> bool:
    """Any other value."""
    return before is None or before != after


def turned_on(before: str | None, after: str | None, _: Mapping[str, str]) -> bool:
    """From false to true."""
    return before != "true" and after in (None, "true")


def turned_off(before: str | None, after: str | None, _: Mapping[str, str]) -> bool:
    """From true to false."""
    return before in (None, "true") and after != "true"


def up_to(limit: str) -> When:
    """A number that rises to the value of the field `limit`, or beyond."""

    def reached(before: str | None, after: str | None, fields: Mapping[str, str]) -> bool:
        if after is None or limit not in fields or int(after) < int(fields[limit]):
            return False
        return before is None or int(after) > int(before)

    return reached
