"""Markdown for GitLab of what others wrote: nothing of it is markup, calls anybody, or is carried out.

In a code span or a fence GitLab reads no `@name`, `#1`, `~label` or HTML. Its quick actions (`/close`) are sought line
by line, and only a fence of exactly three backticks hides one: so no line here begins with a slash.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from provisioner import printable

WIDEST = 200
MOST_FENCED = 20_000

_TICKS = re.compile("`+")
_PAGE = re.compile(r"https?://[A-Za-z0-9.-]+(:\d+)?(/[A-Za-z0-9._~/-]*)?")


def code(text: str, widest: int = WIDEST) -> str:
    """One value, as it is, in one line, no longer than a person reads."""
    shown = printable.cut(printable.line(printable.cut(text, widest)), widest)
    if not shown.strip():
        return "(empty)"
    ticks = "`" * (_longest(shown) + 1)
    pad = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{ticks}{pad}{shown}{pad}{ticks}"


def fence(lines: Sequence[str], language: str) -> list[str]:
    """Several lines, to be read or copied; where they are too many, a word in their place."""
    if sum(map(len, lines)) > MOST_FENCED:
        return ["(too long to be shown here)"]
    shown = [printable.line(line) for line in lines]
    if any(line.startswith("/") for line in shown):
        shown = [f"  {line}" for line in shown]
    ticks = "`" * max(3, *(_longest(line) + 1 for line in shown))
    return [f"{ticks}{language}", *shown, ticks]


def page(address: str) -> str:
    """An address as a link, if it is a plain one."""
    return f"<{address}>" if len(address) <= 2 * WIDEST and _PAGE.fullmatch(address) else code(address)


def _longest(text: str) -> int:
    return max((len(run) for run in _TICKS.findall(text)), default=0)
