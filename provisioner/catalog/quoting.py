"""What people wrote, as messages may repeat it: in quotes, on one line, without a character that a terminal obeys."""

from __future__ import annotations

from typing import Any

from provisioner.printable import line

LONGEST = 200
"""Characters of a value that a message repeats."""


def quoted(value: Any, longest: int = LONGEST) -> str:
    """`'orders.v1'`: text in quotes with unprintable characters escaped; other values as Python writes them; cut."""
    if isinstance(value, str):
        cut = value[:longest]
        return line(repr(cut)) + ("..." if len(value) > longest else "")
    text = line(repr(value))
    return text if len(text) <= longest else text[: longest - 3] + "..."
