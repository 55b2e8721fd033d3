"""A line of a report, with what it is about: colour and width are put on where it is shown, never guessed from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import NamedTuple


class Style(Enum):
    """What a line, or a part of it, says."""

    PLAIN = auto()
    ADDED = auto()
    CHANGED = auto()
    REMOVED = auto()
    UNKNOWN = auto()
    ALARM = auto()
    WARNING = auto()
    NOTE = auto()


class Flow(Enum):
    """What becomes of a line that is wider than its terminal.

    FOLDED: it goes on below, indented. WHOLE: it stays in one piece, to be pasted or to be compared by eye. EXCERPT: it
    is cut around the carets, which are the next line (CARETS).
    """

    FOLDED = auto()
    WHOLE = auto()
    EXCERPT = auto()
    CARETS = auto()


class Part(NamedTuple):
    """A piece of a line that has a style of its own."""

    text: str
    style: Style = Style.PLAIN


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `style` is that of `text`; `more` stands behind it, each part in its own style."""

    text: str
    style: Style = Style.PLAIN
    flow: Flow = Flow.FOLDED
    more: tuple[Part, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """All of it, in order."""
        return Part(self.text, self.style), *self.more

    @property
    def plain(self) -> str:
        """All of it, without styles."""
        return "".join(part.text for part in self.parts)

    def indented(self, columns: int) -> Line:
        """The line, so many blanks further to the right."""
        return replace(self, text=" " * columns + self.text)
