"""Two versions of a text as the lines that go and come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher

from provisioner.line import Flow, Line, Style

MOST_COMPARED = 2_000
"""Lines of one text that are compared one by one; beyond them it is replaced as a whole."""

Texts = tuple[list[str], list[str]]
"""Lines before and after."""

_STYLES = {"-": Style.REMOVED, "+": Style.ADDED}


def lines(fields: Iterable[tuple[str, list[str]]]) -> Iterator[Line]:
    """Each field, and below it its rows."""
    for field, rows in fields:
        yield Line(f"  {field}", flow=Flow.WHOLE)
        yield from (Line(f"    {row}", _STYLES[row[0]], Flow.WHOLE) for row in rows)


def rows(old: list[str], new: list[str]) -> Iterator[str]:
    """The lines that go (`- `) and come (`+ `), at their places."""
    old, new = _unlike(old, new)
    if max(len(old), len(new)) > MOST_COMPARED:
        yield from (*(f"- {line}" for line in old), *(f"+ {line}" for line in new))
        return
    for kind, i, j, k, n in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            yield from (f"- {line}" for line in old[i:j])
            yield from (f"+ {line}" for line in new[k:n])


def _unlike(old: list[str], new: list[str]) -> Texts:
    """What lies between the lines that both begin and both end with: mostly very little."""
    begin = _equal(old, new)
    end = _equal(old[begin:][::-1], new[begin:][::-1])
    return old[begin : len(old) - end], new[begin : len(new) - end]


def _equal(old: list[str], new: list[str]) -> int:
    pairs = enumerate(zip(old, new, strict=False))
    return next((at for at, (one, other) in pairs if one != other), min(len(old), len(new)))
