"""Where the expressions of a text stand: from `<<` to the next `>>` that is inside no quotes. One walk, no way back."""

from __future__ import annotations

import re

OPEN, CLOSE = "<<", ">>"
_STEP = re.compile(r"""["']|>>""")
_REST_OF_STRING = {quote: re.compile(rf"(?:[^{quote}\\]|\\.)*+{quote}", re.DOTALL) for quote in "\"'"}


class UnclosedError(ValueError):
    """An expression, or a string inside one, never ends."""


def pieces(text: str) -> list[tuple[str, bool]]:
    """The text in order: (constant, False) and (source of an expression, True). Raises UnclosedError."""
    found, at = [], 0
    while (begin := text.find(OPEN, at)) >= 0:
        end = _end(text, begin + len(OPEN))
        found += [(text[at:begin], False), (text[begin + len(OPEN) : end], True)]
        at = end + len(CLOSE)
    found.append((text[at:], False))
    return [(piece, is_expression) for piece, is_expression in found if piece or is_expression]


def _end(text: str, at: int) -> int:
    """Where the expression that begins at `at` is closed."""
    while step := _STEP.search(text, at):
        if step[0] == CLOSE:
            return step.start()
        string = _REST_OF_STRING[step[0]].match(text, step.end())
        if string is None:
            break
        at = string.end()
    raise UnclosedError
