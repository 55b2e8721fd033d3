"""Characters that have no business in a template: who reads the file does not see them, or sees something else."""

from __future__ import annotations

import re

_STRANGE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""C0 without the line feed, DEL and C1, what turns the direction of text or ends a line, and halves of characters."""


def strange(text: str) -> str | None:
    """What is wrong with the first such character; None where there is none."""
    # Nearly every text is printable, which Python knows ten times as fast.
    if text.isprintable() or not (match := _STRANGE.search(text)):
        return None
    why = "is half a character" if "\ud800" <= match[0] <= "\udfff" else "does not show where it stands"
    return f"character U+{ord(match[0]):04X} {why}"


REMEDY = 'write the text without it ("\\n" for a line end, spaces for a tab)'
