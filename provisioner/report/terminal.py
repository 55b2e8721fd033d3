"""Lines as they are shown: plain for files and pipes, in colour and folded to its width on a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from provisioner import printable
from provisioner.line import Flow, Line, Part, Style

NARROWEST = 40

_CODES: Mapping[Style, str] = {
    Style.ADDED: "32",
    Style.CHANGED: "33",
    Style.REMOVED: "31",
    Style.UNKNOWN: "35",
    Style.ALARM: "31;1",
    Style.WARNING: "33;1",
}


def colour_wanted(environment: Mapping[str, str], terminal: bool) -> bool:
    """NO_COLOR and TERM=dumb say no; a terminal or GitLab's log, which shows colour though it is none, say yes."""
    if environment.get("NO_COLOR") or environment.get("TERM") == "dumb":
        return False
    return terminal or environment.get("GITLAB_CI") == "true"


def text(lines: Iterable[Line]) -> str:
    """One below the other, each made harmless: no value moves a cursor, or begins a line."""
    return printable.lines(line.plain for line in lines)


def shown(lines: Iterable[Line], columns: int | None, colour: bool) -> str:
    """As `text`; in at most so many columns, as far as the lines may be folded, and in colour."""
    safe = [_harmless(line) for line in lines]
    if columns is not None:
        safe = list(_windows(safe, max(columns, NARROWEST)))
    folded = ((line, _folded(line, columns)) for line in safe)
    return "\n".join(_coloured(line, rows) if colour else rows for line, rows in folded)


def folded(text: str, columns: int) -> str:
    """A message: every line of it at its blanks."""
    return "\n".join(_fill(line, max(columns, NARROWEST)) for line in text.split("\n"))


def _harmless(line: Line) -> Line:
    more = tuple(Part(printable.line(part.text), part.style) for part in line.more)
    return replace(line, text=printable.line(line.text), more=more)


def _folded(line: Line, columns: int | None) -> str:
    if columns is None or line.flow is not Flow.FOLDED:
        return line.plain
    return _fill(line.plain, max(columns, NARROWEST))


def _fill(line: str, columns: int) -> str:
    if len(line) <= columns:
        return line
    hanging = " " * (len(line) - len(line.lstrip(" ")) + 2)
    return textwrap.fill(line, columns, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False)


def _coloured(line: Line, rows: str) -> str:
    """The folded line in its colours. Folding moves blanks alone: the other characters are those of the parts."""
    styles = iter([part.style for part in line.parts for character in part.text if character != " "])
    pairs = [(character, Style.PLAIN if character in " \n" else next(styles)) for character in rows]
    runs = ((style, "".join(character for character, _ in run)) for style, run in groupby(pairs, key=lambda at: at[1]))
    return "".join(f"\x1b[{_CODES[style]}m{run}\x1b[0m" if style in _CODES else run for style, run in runs)


def _windows(lines: Sequence[Line], columns: int) -> Iterator[Line]:
    """Excerpts are cut, each around the carets of the line below it."""
    below: Sequence[Line | None] = [*lines[1:], None]
    above: Line | None = None
    for line, carets in zip(lines, below, strict=True):
        if line.flow is Flow.EXCERPT and carets is not None:
            yield replace(line, text=_window(line.text, carets.text, columns)[0])
        elif line.flow is Flow.CARETS and above is not None:
            yield replace(line, text=_window(above.text, line.text, columns)[1])
        else:
            yield line
        above = line


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
