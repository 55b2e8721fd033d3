"""A part of a text that is repeated: `<< each consumer in topic.consumers >> ... << end >>`, and `or_each` for PromQL.

In a text, and no object of its own, so that a query stays a text that Grafana can read and people can edit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

_OPENING = re.compile(r"\s*(or_each|each)\s+([A-Za-z][A-Za-z0-9_]*)\s+in\s+(.+)", re.DOTALL)
_BEGINS = re.compile(r"\s*(or_each|each)\s")
_CLOSING = "end"
NO_SERIES = "(vector(0) < 0)"
"""What `or_each` gives of an empty list."""

Piece = tuple[str, bool]
"""A constant, or the source of an expression; which of them it is."""


class SectionError(ValueError):
    """A section that is opened or closed in a wrong way. `source`: the piece where it is."""

    def __init__(self, source: str, message: str) -> None:
        super().__init__(message)
        self.source = source


class Section(NamedTuple):
    """`opening`: as written, between the brackets; `name` is bound to each item of `source`."""

    opening: str
    is_promql: bool
    name: str
    source: str
    body: list[Piece]


def sections(found: Sequence[Piece]) -> list[Piece | Section]:
    """The pieces of a text in order, those of a section inside it. Raises SectionError."""
    parts: list[Piece | Section] = []
    opened: Section | None = None
    for text, is_expression in found:
        if is_expression and _BEGINS.match(text):
            if opened:
                raise SectionError(text, "it stands inside of another one: one level is all there is")
            opened = _opened(text)
        elif is_expression and text.strip() == _CLOSING:
            if opened is None:
                raise SectionError(text, "it closes nothing: there is no `<< each ... >>` before it")
            parts.append(opened)
            opened = None
        else:
            (opened.body if opened else parts).append((text, is_expression))
    if opened:
        raise SectionError(opened.opening, "no `<< end >>` closes it")
    return parts


def _opened(text: str) -> Section:
    if not (found := _OPENING.fullmatch(text)):
        raise SectionError(text, f"must read `{text.split()[0]} name in expression`")
    return Section(text, found[1] == "or_each", found[2], found[3], [])


def joined(texts: Sequence[str], is_promql: bool) -> str:
    """The rendered bodies as one text; PromQL as one operand, in brackets."""
    if not is_promql:
        return "".join(texts)
    text = " or ".join(f"({each})" for each in texts)
    return f"({text})" if len(texts) > 1 else text or NO_SERIES
