"""What people wrote, as messages may repeat it: in quotes, on one line, without a character that a terminal obeys."""

from __future__ import annotations

from typing import Any

LONGEST = 200
"""Characters of a value that a message repeats."""


def quoted(value: Any, longest: int = LONGEST) -> str:
    """`'orders.v1'`: text in quotes with unprintable characters escaped; other values as Python writes them; cut."""
    if isinstance(value, str):
        cut = value[:longest]
        return escaped(repr(cut)) + ("..." if len(value) > longest else "")
    text = escaped(repr(value))
    return text if len(text) <= longest else text[: longest - 3] + "..."


def escaped(text: str) -> str:
    r"""Text in which each unprintable character stands as `\x1b` or `\u202e`; a lone surrogate, too."""
    return text if text.isprintable() else "".join(map(_visible, text))


def _visible(character: str) -> str:
    return character if character.isprintable() else ascii(character)[1:-1]
