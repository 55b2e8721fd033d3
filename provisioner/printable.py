"""What may be printed: text from files, clusters and servers, made unable to move a cursor or to begin a line."""

from __future__ import annotations

import re
from collections.abc import Iterable

STRANGE = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # control characters: ESC, CR, backspace, and those of eight bits
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # they turn the direction of writing
    "\u2028\u2029"  # lines end there, for some readers
    "\ud800-\udfff]"  # half characters: no terminal can be sent one
)
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
WIDEST = 200


def line(text: str) -> str:
    """The text in one line: what would move, colour, reorder or end it is spelled out (`\\x1b`, `\\n`, `\\u202e`)."""
    return STRANGE.sub(_spelled, text)


def lines(several: Iterable[str]) -> str:
    """Lines of a report, each made harmless, one below the other."""
    return "\n".join(line(each) for each in several)


def block(text: str) -> str:
    """A text of several lines, each made harmless; those after the first are marked, so that none looks like ours."""
    first, *rest = text.split("\n")
    return "\n".join([line(first), *(f"  | {line(each)}" for each in rest)])


def cut(text: str, widest: int = WIDEST) -> str:
    """A value no longer than a person reads."""
    return text if len(text) <= widest else text[: widest - 3] + "..."


def _spelled(match: re.Match[str]) -> str:
    code = ord(match[0])
    return _SHORT.get(match[0]) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")
