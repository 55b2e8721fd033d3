"""Where the values of a document and their keys stand: kept of all as bare numbers, worked out for those asked for."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from functools import cached_property
from typing import Any

Step = str | int
Loc = tuple[Step, ...]
Place = tuple[int, int, int]
"""Line and column, both from 1, and width."""

TOP = -1
"""What holds the outermost value."""
_SIZE = 4
"""Numbers of a value: where it begins and ends, and the same of its key, in characters of the text."""


class Places:
    """The values of a text, numbered in their order: a value before what is inside it."""

    def __init__(self, text: str) -> None:
        # The parser does not count a byte order mark.
        self._text = text.removeprefix("\ufeff")
        self._inside: dict[int, dict[Step | None, int]] = {}
        self._marks = array("I")

    def add(self, holder: int, step: Step | None, event: Any, key: Any = None) -> int:
        """The number of a value, by the parser's events of itself and of its key.

        `holder`: the number of what it is in, `step` its key or index there; None for what no location leads to.
        """
        number = len(self._marks) // _SIZE
        if holder not in self._inside:
            self._inside[holder] = {}
        self._inside[holder][step] = number
        named = key or event
        self._marks.extend((event.start_mark.index, event.end_mark.index, named.start_mark.index, named.end_mark.index))
        return number

    def line(self, holder: int, key: str) -> int:
        """The line of a key that `holder` has."""
        return self._place(self._inside[holder][key], 2)[0]

    def value(self, loc: Loc) -> Place | None:
        """Where the value at `loc` stands, None where there is none."""
        number = self._number(loc)
        return None if number is None else self._place(number, 0)

    def key(self, loc: Loc) -> Place | None:
        """Where the key of the value at `loc` stands, None where it has none."""
        number = self._number(loc) if loc and isinstance(loc[-1], str) else None
        return None if number is None else self._place(number, 2)

    def _number(self, loc: Loc) -> int | None:
        number = 0
        for step in loc:
            inside = self._inside.get(number)
            if inside is None or step not in inside:
                return None
            number = inside[step]
        return number if self._marks else None

    def _place(self, number: int, offset: int) -> Place:
        at, lines = number * _SIZE + offset, self._lines
        begin, end = self._marks[at], self._marks[at + 1]
        line = bisect_right(lines, begin)
        is_one_line = begin < end and (line == len(lines) or end < lines[line])
        return line, begin - lines[line - 1] + 1, end - begin if is_one_line else 1

    @cached_property
    def _lines(self) -> array[int]:
        """Where each line begins."""
        begins = array("I", [0])
        while begin := self._text.find("\n", begins[-1]) + 1:
            begins.append(begin)
        return begins


def place(event: Any) -> Place:
    """Where the parser's event stands; what has several lines is one character wide."""
    start, end = event.start_mark, event.end_mark
    width = end.column - start.column if end.line == start.line else 1
    return start.line + 1, start.column + 1, max(1, width)
