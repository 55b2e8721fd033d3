"""Colour for a terminal or a CI log, added to finished text by how its lines begin."""

from __future__ import annotations

from collections.abc import Mapping

_CODES = {"+": "32", "~": "33", "-": "31", "?": "35", "!": "31;1"}
_WORDS = {"REFUSED": "31;1", "FAILED": "31;1", "IN DOUBT": "33;1", "error:": "31;1", "warning:": "33;1"}


def wanted(environment: Mapping[str, str], terminal: bool) -> bool:
    """NO_COLOR and TERM=dumb say no; a terminal or GitLab's log, which shows colour though it is none, say yes."""
    if environment.get("NO_COLOR") or environment.get("TERM") == "dumb":
        return False
    return terminal or environment.get("GITLAB_CI") == "true"


def coloured(text: str) -> str:
    """The same text with signs and alarming words in colour."""
    return "\n".join(_line(line) for line in text.split("\n"))


def _line(line: str) -> str:
    if line[:2].strip() in _CODES and line[1:2] == " ":
        line = f"\x1b[{_CODES[line[0]]}m{line[0]}\x1b[0m{line[1:]}"
    for word, code in _WORDS.items():
        line = line.replace(word, f"\x1b[{code}m{word}\x1b[0m")
    return line
