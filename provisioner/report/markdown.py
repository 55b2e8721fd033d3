"""Markdown that nothing can be smuggled through: texts of files, clusters and servers, as code or as plain words.

What stands in code is neither a link, an image or HTML nor a mention or a reference to GitLab, and no line that is
made here begins with such a text, so that it can neither be a quick action (`/close`) nor open a block.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence

from provisioner.printable import cut, line

WIDEST = 400
"""Characters of one sentence; reasons are shorter, and what a cluster answers may be anything."""

MOST_PASTED = 20_000
"""Characters of one text to be copied."""

_PAGE = re.compile(r"https?://[A-Za-z0-9.-]+(:\d+)?(/[A-Za-z0-9._~/-]*)?")
_ARROW = "->"
_RUNS = re.compile(r"`+")
_PLAIN = re.compile(
    r"[A-Za-z0-9(\"'][A-Za-z0-9.,;:()'\"/+=?-]*"  # a word
    r"|[→/]"
)
_ACTIVE = re.compile(r"://|www\.|^[0-9]+[.)]$|:[A-Za-z0-9_+-]+:|\+\+|--", re.IGNORECASE)
_QUOTED = re.compile(r"`([^`\s](?:[^`]*[^`\s])?)`([.,;:)]*)")
"""Words of ours that stand in backticks already."""
_PASTED = re.compile(r"((?:- |[a-z_.]+: )?\{(?:[^{}`]|\{[^{}`]*\})*\})([.,;:)]*)")
"""YAML to be pasted: it stays in one piece."""
_TOKENS = re.compile(rf"(?<!\S)(?:{_QUOTED.pattern}|{_PASTED.pattern})(?!\S)|\S+")
_SIMPLE = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_LOOSE = re.compile(r"(?<![A-Za-z0-9_])_|_(?![A-Za-z0-9_])")


def code(text: str, widest: int = WIDEST) -> str:
    """The text as it is, in one line, as inline code."""
    text = cut(line(text), widest)
    if not text.strip():
        return "(empty)" if not text else "(blank)"
    fence = "`" * (1 + max((len(run) for run in _RUNS.findall(text)), default=0))
    space = " " if "`" in text or text[0] == " " == text[-1] else ""
    return f"{fence}{space}{text}{space}{fence}"


def prose(text: str, widest: int = WIDEST) -> str:
    """A sentence: words that mean nothing to Markdown or GitLab as they are, all others as code."""
    return " ".join(_word(match[0]) for match in _TOKENS.finditer(cut(line(text), widest))) or "(empty)"


def _word(word: str) -> str:
    word = "→" if word == _ARROW else word
    if whole := _QUOTED.fullmatch(word) or _PASTED.fullmatch(word):
        return code(whole[1]) + whole[2]
    if _PLAIN.fullmatch(word) and not _ACTIVE.search(word):
        return word
    bare = word.strip("(.,;:)")
    before, _, after = word.partition(bare) if bare else ("", "", "")
    return f"{before}{code(bare or word)}{after}"


def name(text: str) -> str:
    """A team or a cluster: most are plain words."""
    return text if _SIMPLE.fullmatch(text) else code(text)


def names(several: Iterable[str], most: int = 3) -> str:
    """`a`, `b`, `c` and 7 more."""
    listed = list(several)
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(code(each) for each in listed[:most]) + more


def mention(user: str) -> str:
    """A user or a group of GitLab that calls them; an underscore that could begin emphasis begins none."""
    return _LOOSE.sub(r"\\_", user)


def hidden(text: str) -> str:
    """A comment, which is not shown: whatever would end it is left out."""
    return f"<!-- {re.sub('-{2,}|[<>]', '', line(text)).strip('-')} -->"


def summary_code(text: str) -> str:
    """As `code`, where HTML is read and Markdown is not."""
    return f"<code>{html.escape(cut(line(text)))}</code>"


def details(summary: str, lines: Iterable[str]) -> str:
    """A diff, folded. `summary` is HTML. The empty lines are needed, or Markdown is not read inside."""
    return "\n".join([f"<details><summary>{summary}</summary>", "", fenced(lines), "", "</details>"])


def fenced(lines: Iterable[str], language: str = "diff") -> str:
    """A block of code that no line of it can end, and none of whose lines begins as a quick action does."""
    return _block([f"  | {row.strip()}" if row.lstrip().startswith("/") else row for row in map(line, lines)], language)


def _block(rows: Sequence[str], language: str) -> str:
    longest = max((len(run) for row in rows for run in _RUNS.findall(row)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([f"{fence}{language}", *rows, fence])


def pasted(lines: Sequence[str], language: str) -> list[str]:
    """Several lines to be copied as they are; where they are too many, a word in their place."""
    if sum(map(len, lines)) > MOST_PASTED:
        return ["(too long to be shown here)"]
    shown = [line(each) for each in lines]
    # Moved as a whole, so that it can still be copied: a quick action begins a line.
    shown = [f"  {each}" for each in shown] if any(each.startswith("/") for each in shown) else shown
    return _block(shown, language).split("\n")


def page(address: str) -> str:
    """An address as a link, if it is a plain one."""
    return f"<{address}>" if len(address) <= WIDEST and _PAGE.fullmatch(address) else code(address)
