"""Names of fields: no two parts of a resource share one."""

from __future__ import annotations

from collections.abc import Container
from itertools import count


def unique(name: str, taken: Container[str]) -> str:
    """The name, with a number behind it if it is taken: `Lag`, `Lag #2`."""
    if name not in taken:
        return name
    return next(other for number in count(2) if (other := f"{name} #{number}") not in taken)
