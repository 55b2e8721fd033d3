"""Lines fitted to the width of a terminal: sentences and rows are folded, an excerpt is cut around its caret.

What people paste stays in one piece: consents (`allow: {...}`), JSON, the lines of a diff.
"""

from __future__ import annotations

import re
import textwrap

NARROWEST = 40
_SENTENCE = re.compile(
    r"( *)(! |note: |= |partitions |alerts |panels: |[-+~?] alert |[A-Z][A-Z ]{3,8}  |[-+~?] [a-z0-9]+ \S"
    r"|Plan: |Applied to |cluster |\S+: (?:error|warning|accepted): )"
)
_ROW = re.compile(r"( {4}(?=[^\s\"])(?!allow: )| {6}(?=[A-Z+~-][a-z ])| {6}(?=\S[^{]*\(\S+, \S+\): ))")
_EXCERPT = re.compile(r"( {0,5}\d+|      )( \| )")


def fitted(text: str, columns: int) -> str:
    """The same text in lines of at most `columns` characters, as far as they are sentences, rows or excerpts."""
    columns, lines = max(columns, NARROWEST), text.split("\n")
    for at in range(len(lines) - 1):
        if _is_excerpt(lines[at], lines[at + 1]):
            lines[at : at + 2] = _window(lines[at], lines[at + 1], columns)
    return "\n".join(_line(line, columns) for line in lines)


def folded(text: str, columns: int) -> str:
    """Every line at its blanks, whatever it is."""
    columns = max(columns, NARROWEST)
    return "\n".join(_fill(line, columns, " " * (len(line) - len(line.lstrip()))) for line in text.split("\n"))


def _line(line: str, columns: int) -> str:
    begin = _SENTENCE.match(line) or _ROW.match(line)
    return _fill(line, columns, begin[1]) if begin and not _EXCERPT.match(line) else line


def _fill(line: str, columns: int, indent: str) -> str:
    if len(line) <= columns:
        return line
    hanging = indent + "  "
    return textwrap.fill(
        line, columns, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False, drop_whitespace=True
    )


def _is_excerpt(line: str, below: str) -> bool:
    """A line of a file and the carets below it."""
    return bool(_EXCERPT.match(line)) and below.startswith("      | ") and below.strip(" |^") == "" and "^" in below


def _window(line: str, carets: str, columns: int) -> tuple[str, str]:
    """The part of both around the first caret; what was cut off shows as `...`."""
    room, first = columns - 8, carets.index("^") - 8
    text = line[8:]
    if len(text) <= room:
        return line, carets[:columns]
    start = min(max(0, first - room // 2), len(text) - room)
    shown = text[start : start + room]
    shown = "..." + shown[3:] if start and first - start >= 3 else shown
    shown = shown[:-3] + "..." if start + room < len(text) else shown
    return line[:8] + shown, (carets[:8] + carets[8 + start :])[:columns]
