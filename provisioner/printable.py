"""What may be printed: text from files, clusters and servers, made unable to move a cursor or to begin a line."""

from __future__ import annotations

from collections.abc import Iterable

WIDEST = 200


def line(text: str) -> str:
    r"""The text in one line: what would move, colour, hide or end it is spelled out: `\x1b`, `\n`, `\u202e`."""
    return text if text.isprintable() else "".join(map(_visible, text))


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


def _visible(character: str) -> str:
    return character if character.isprintable() else ascii(character)[1:-1]
