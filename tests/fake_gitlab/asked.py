"""A question that came in."""

from __future__ import annotations

from typing import NamedTuple


class Asked(NamedTuple):
    """As it was on the wire, for tests to look at."""

    method: str
    path: str
    token: str
    query: dict[str, str]
