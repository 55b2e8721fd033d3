"""What of a query may stand in a variable: selectors, and what is in brackets. No more of PromQL is understood here.

A template is somebody's and may say anything: the work grows with the length of a query, whatever stands in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

SHORTEST = 30
"""Characters of a part."""

_UNCLOSED = r'"[^"\\]*(?:\\.[^"\\]*)*'
# Only whole words are tried, and a string without an end is one token: each is read once, not from each of its letters.
_TOKEN = re.compile(
    rf'{_UNCLOSED}"?|(?:(?<![a-z_0-9])[a-z_0-9]++(?: by \([^()]*\) )?)?\(|\)',
    re.DOTALL,
)
"""A string, or a bracket: the one that opens with what is called, such as `max by (partition) (`."""
_SELECTOR = re.compile(
    rf'{_UNCLOSED}"?|((?<![a-zA-Z0-9_:])[a-zA-Z_:][a-zA-Z0-9_:]*+\{{(?:[^"{{}}]++|{_UNCLOSED}")+\}})',
    re.DOTALL,
)
"""A string, or (the group) a metric with its matchers."""


def selectors(text: str) -> Iterator[str]:
    """Those outside of strings, from left to right."""
    return (found[1] for found in _SELECTOR.finditer(text) if found[1])


def candidates(text: str) -> Iterator[str]:
    """Selectors, as far as no variable of Grafana's is in them; what is in brackets, and calls."""
    yield from (part for found in selectors(text) if len(part := _constant(found)) >= SHORTEST)
    opened: list[int] = []
    for token in _TOKEN.finditer(text):
        if token[0][0] == '"':
            continue
        if token[0] != ")":
            opened.append(token.start())
        elif opened:
            part = text[opened.pop() : token.end()]
            if len(part) >= SHORTEST and "$" not in part:
                yield part


def _constant(selector: str) -> str:
    before, variable, _ = selector.partition("$")
    return before[: before.rfind(",") + 1] if variable else selector
