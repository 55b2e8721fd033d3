"""The spelling of PromQL: strings, regular expressions, and pieces that are PromQL already."""

from __future__ import annotations

import re
from collections.abc import Iterable

_IN_STRING = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_META = re.compile(r"[\\.+*?()|\[\]{}^$]")


class Fragment(str):
    """Text in the language of its destination already: it passes into a template unescaped."""

    __slots__ = ()


def escaped(text: str) -> str:
    """Text as it stands between the double quotes of a PromQL (or Go) string."""
    return text.translate(_IN_STRING)


def quoted(text: str) -> Fragment:
    """A PromQL (or Go) string, quotes included."""
    return Fragment(f'"{escaped(text)}"')


def regex(text: str) -> str:
    """A regular expression (RE2) that matches exactly this text; not yet quoted."""
    return _META.sub(lambda match: "\\" + match[0], text)


def any_of(texts: Iterable[str], *patterns: str) -> str:
    """A regular expression that matches each of the texts and what the patterns match; not yet quoted."""
    return "|".join([*(regex(text) for text in texts), *(pattern for pattern in patterns if pattern)])
