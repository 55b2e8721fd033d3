"""What of a query may stand in a variable: selectors, and what is in brackets. No more of PromQL is understood here.

A template is somebody's and may say anything: the work grows with the length of a query, whatever stands in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

SHORTEST = 30
"""Characters of a part."""
MOST_READ = 20_000_000
"""Characters in brackets, each once for each pair around it. The largest shipped boards have 17,000,000."""

_UNCLOSED = r'"[^"\\]*(?:\\.[^"\\]*)*'
# Only whole words are tried, and a string without an end is one token: each is read once, not from each of its letters.
_TOKEN = re.compile(
    rf'{_UNCLOSED}"?|(?:(?<![$a-zA-Z_0-9])[a-z_0-9]++(?: by \([^()]*\) )?)?\(|\)',
    re.DOTALL,
)
"""A string, or a bracket: the one that opens with what is called, such as `max by (partition) (`."""
_SELECTOR = re.compile(
    rf'{_UNCLOSED}"?|((?<![$a-zA-Z0-9_:])[a-zA-Z_:][a-zA-Z0-9_:]*+\{{(?:[^"{{}}]++|{_UNCLOSED}")+\}})',
    re.DOTALL,
)
"""A string, or (the group) a metric with its matchers."""
_VARIABLE = re.compile(r"(\$\w+)", re.ASCII)


def selectors(text: str) -> Iterator[str]:
    """Those outside of strings, from left to right."""
    return (found[1] for found in _SELECTOR.finditer(text) if found[1])


def marked(text: str, part: str, mark: str) -> str:
    """With the mark in place of the part, but where that would take from the name of a variable: `$metric{...}`."""
    pieces = enumerate(_VARIABLE.split(text))
    return "".join(piece if at % 2 else piece.replace(part, mark) for at, piece in pieces)


def candidates(texts: Sequence[str]) -> Iterator[str]:
    """Selectors, as far as no variable of Grafana's is in them; what is in brackets, and calls, up to MOST_READ."""
    for text in texts:
        yield from (part for found in selectors(text) if len(part := _constant(found)) >= SHORTEST)
    left = MOST_READ
    for text, start, end in _bracketed(texts):
        left -= end - start
        if left < 0:
            return
        if "$" not in (part := text[start:end]):
            yield part


def _bracketed(texts: Iterable[str]) -> Iterator[tuple[str, int, int]]:
    """Where they begin and end, the inner ones first; none that is shorter than SHORTEST."""
    for text in texts:
        opened: list[int] = []
        for token in _TOKEN.finditer(text):
            if token[0][-1] == "(" and token[0][0] != '"':
                opened.append(token.start())
            elif token[0] == ")" and opened and token.end() - (start := opened.pop()) >= SHORTEST:
                yield text, start, token.end()


def _constant(selector: str) -> str:
    before, variable, _ = selector.partition("$")
    return before[: before.rfind(",") + 1] if variable else selector
