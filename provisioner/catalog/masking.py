"""Secrets that somebody wrote out: where they stand, and the text of a file without them, for reports and logs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

SECRETS = frozenset(
    {
        "sasl.password",
        "sasl.oauthbearer.client.secret",
        "sasl.oauthbearer.config",
        "ssl.key.password",
        "ssl.key.pem",
        "ssl.keystore.password",
    }
)
"""Client properties that may only be named, never written out."""

_WORDS = ("password", "passwd", "secret", "token", "jaas", "credential", "key.pem", "keystore")
_WRITTEN = "|".join(re.escape(word) for word in (*_WORDS, "sasl.oauthbearer.config"))
_SECRET_WORD = re.compile(rf"(?i:{_WRITTEN})")
_BEGINS_A_KEY = re.compile(r"[ ]*(?:- )*[\"']?[A-Za-z_][A-Za-z0-9_.-]*[\"']?:(?: |$)")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WORD = re.compile(r"[^\s\"']+")
_LETTER = re.compile(r"[^\n\r]")


@lru_cache(4096)
def is_secret(key: str) -> bool:
    """True for a property whose value is a secret by its name, also one that does not exist."""
    name = key.lower()
    return name in SECRETS or any(word in name for word in _WORDS)


def is_named_only(value: Any) -> bool:
    """True for `{env: NAME}` and `{file: PATH}`: where a secret lies, not what it is."""
    if not isinstance(value, dict) or not value or not value.keys() <= {"env", "file"}:
        return False
    return all(isinstance(place, str) for place in value.values()) and _is_variable(value.get("env", "A"))


def _is_variable(name: str) -> bool:
    return bool(_VARIABLE.fullmatch(name))


def masked(text: str, hidden: Iterable[tuple[int, int]], whole: bool) -> str:
    """The text with a * for each character of a secret. `hidden`: from where to where; `whole`: these are all.

    Of a file that could not be read to its end, everything that may belong to a secret is masked, line by line.
    """
    text = _starred(text, hidden)
    lines = text.split("\n")
    return "\n".join(_without_users(_in_comments(lines) if whole else _doubtful(lines)))


def _starred(text: str, ranges: Iterable[tuple[int, int]]) -> str:
    parts, done = [], 0
    for start, end in sorted(ranges):
        if end > done:
            parts += [text[done:start], _LETTER.sub("*", text[max(start, done) : end])]
            done = end
    return "".join([*parts, text[done:]])


def _doubtful(lines: list[str]) -> Iterator[str]:
    """Behind the key of a secret the rest of its line, and all lines up to one that begins a key no deeper."""
    depth: int | None = None
    for line in lines:
        indent = len(line) - len(line.lstrip(" "))
        if depth is not None and not (indent <= depth and _BEGINS_A_KEY.match(line)):
            yield _LETTER.sub("*", line)
            continue
        at = _value_begins(line, 0)
        depth = (-1 if _is_open(line[at:].lstrip()) else indent) if at else None
        yield line[:at] + _LETTER.sub("*", line[at:]) if at else line


def _is_open(value: str) -> bool:
    """True for a quoted value whose end is not in its line: it may be anywhere."""
    return value[:1] in ("'", '"') and value.count(value[0]) < 2


def _in_comments(lines: Iterable[str]) -> Iterator[str]:
    """`# sasl.password: hunter2`: what was put out of use is still a secret."""
    for line in lines:
        comment = line.find("#")
        at = _value_begins(line, comment) if comment >= 0 else 0
        yield line[:at] + _LETTER.sub("*", line[at:]) if at else line


def _value_begins(line: str, start: int) -> int:
    """Where the value of a secret's key begins in a line, 0 where there is no such key."""
    match = _SECRET_WORD.search(line, start)
    return max(line.find(":", match.end()) + 1, match.end()) if match else 0


def _without_users(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield _WORD.sub(lambda match: _without_user(match[0]), line) if "@" in line and ":" in line else line


def _without_user(word: str) -> str:
    """`https://ci:pw@host` and `ci:pw@host:9092` -> `https://*****@host`."""
    start, end = word.find("://"), word.rfind("@")
    start = start + 3 if 0 <= start < end else 0
    return word[:start] + "*" * (end - start) + word[end:] if start or ":" in word[: max(end, 0)] else word
