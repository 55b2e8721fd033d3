"""Long sentences folded to the width of a terminal; what people paste, compare or underline stays in one piece."""

from __future__ import annotations

import re
import textwrap

NARROWEST = 40
_SENTENCE = re.compile(
    r"( *)(! |note: |= |partitions |alerts |panels: |[-+~?] alert |[A-Z][A-Z ]{3,8}  "
    r"|[-+~?] \d|Plan: |Applied to |cluster |\S+: (?:error|warning|accepted): )"
)


def fitted(text: str, columns: int) -> str:
    """The same text in lines of at most `columns` characters, as far as they are sentences."""
    return "\n".join(_line(line, max(columns, NARROWEST)) for line in text.split("\n"))


def _line(line: str, columns: int) -> str:
    begin = _SENTENCE.match(line)
    if len(line) <= columns or not begin:
        return line
    hanging = begin[1] + "  "
    return textwrap.fill(
        line, columns, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False, drop_whitespace=True
    )
