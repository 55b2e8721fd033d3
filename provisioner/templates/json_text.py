"""JSON as strictly as the YAML of declarations: what Grafana would refuse, or read otherwise, is found here.

Tokens are walked before anything is parsed, so that no depth reaches a parser that calls itself.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from provisioner.catalog.documents import Loc

MAX_LEVELS = 64
_TOKEN = re.compile(r'[{}\[\],:]|"(?:[^"\\]|\\.)*+"?|[^\s{}\[\],:"]+', re.DOTALL)
_OPENING = re.compile(r'[{}\[\]]|"(?:[^"\\]|\\.)*+"?', re.DOTALL)

Place = tuple[int, int, int]
"""Line, column, width."""


class Token(NamedTuple):
    """A key, or the word that a value begins with; its offset and its location."""

    word: str
    at: int
    loc: Loc
    is_key: bool


class Fault(NamedTuple):
    """What is wrong with a word, where, and what to do."""

    at: int
    width: int
    message: str
    hint: str


def tokens(text: str) -> Iterator[Token]:
    """The keys and values of a valid JSON text, in order."""
    steps: list[str | int | None] = []  # None waits for its key
    for match in _TOKEN.finditer(text):
        word = match[0]
        if word in "}]":
            steps.pop()
        elif word == ",":
            steps[-1] = steps[-1] + 1 if isinstance(steps[-1], int) else None
        elif word != ":":
            is_key = bool(steps) and steps[-1] is None
            if is_key:
                steps[-1] = json.loads(word)
            yield Token(word, match.start(), tuple(step for step in steps if step is not None), is_key)
            if word in "{[":
                steps.append(None if word == "{" else 0)


def too_deep(text: str) -> int | None:
    """The offset of the first bracket beyond MAX_LEVELS, in whatever text."""
    depth = 0
    for match in _OPENING.finditer(text):
        if match[0] in "{[":
            depth += 1
        elif match[0] in "}]":
            depth -= 1
        if depth > MAX_LEVELS:
            return match.start()
    return None


def parsed(text: str) -> tuple[Any, list[Fault]]:
    """The data, and what Python takes for JSON and Grafana does not. Raises json.JSONDecodeError."""
    reader = _Reader()
    data = json.loads(
        text,
        object_pairs_hook=reader.map,
        parse_constant=reader.number,
        parse_float=reader.number,
        parse_int=reader.whole,
    )
    return data, list(_faults(text)) if reader.is_suspicious else []


class _Reader:
    """Notices that something is wrong; where, is looked up only then."""

    def __init__(self) -> None:
        self.is_suspicious = False

    def map(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        data = dict(pairs)
        self.is_suspicious |= len(data) < len(pairs)
        return data

    def whole(self, word: str) -> float:
        # Python counts thousands of digits exactly; everybody else reads a float.
        return int(word) if len(word) < 30 else self.number(word)

    def number(self, word: str) -> float:
        number = float(word)
        self.is_suspicious |= not math.isfinite(number)
        return number


def _faults(text: str) -> Iterator[Fault]:
    first: dict[Loc, int] = {}
    again: set[Loc] = set()
    line, counted = 1, 0
    for word, at, loc, is_key in tokens(text):
        line, counted = line + text.count("\n", counted, at), at
        if any(loc[:depth] in again for depth in range(len(loc))):
            continue
        if is_key and loc in first:
            again.add(loc)
            yield Fault(at, len(word), f"{loc[-1]!r} is given twice, first in line {first[loc]}", "keep one of them")
        elif is_key:
            first[loc] = line
        elif word[0] in "-0123456789NI" and not math.isfinite(float(word)):
            yield Fault(at, len(word), f"{word} is a number that Grafana cannot read", "write a number, or null")
