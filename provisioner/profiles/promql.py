"""The spelling of PromQL: strings, regular expressions, and pieces that are PromQL already."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

_IN_STRING = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_META = re.compile(r"[\\.+*?()|\[\]{}^$]")


MAX_SECONDS = 5200 * 7 * 86_400
LONGEST = "100 years (5200w)"
"""Prometheus counts nanoseconds and ends at 292 years; far below that is enough for every rule."""
_UNITS = {"y": 31_536_000, "w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1, "ms": 0.001}
_DURATION = re.compile("".join(f"(?:([0-9]{{1,12}}){unit})?" for unit in _UNITS))


class Fragment(str):
    """Text in the language of its destination already: it passes into a template unescaped."""

    __slots__ = ()


def escaped(text: str) -> str:
    """Text as it stands between the double quotes of a PromQL (or Go) string."""
    return text.translate(_IN_STRING)


def quoted(text: str) -> Fragment:
    """A PromQL (or Go) string, quotes included."""
    return Fragment(f'"{escaped(text)}"')


def escaped_in_grafana(text: str) -> str:
    """As `escaped`, with `$` and `[` by number: Grafana finds no variable of its own in it, nor in two side by side."""
    text = escaped(text)
    return text.replace("$", "\\x24").replace("[", "\\x5b") if "$" in text or "[" in text else text


def quoted_in_grafana(text: str) -> Fragment:
    """A PromQL string for a dashboard, quotes included; a piece of PromQL keeps its variables."""
    return Fragment(f'"{text if isinstance(text, Fragment) else escaped_in_grafana(text)}"')


Quote = Callable[[str], Fragment]
"""How a text becomes a string of PromQL: that depends on who reads the PromQL first."""


@lru_cache(256)
def seconds(text: str) -> float | None:
    """How long a duration of Prometheus (`1h30m`, `0`) lasts; None for any other text."""
    counts = _DURATION.fullmatch(text)
    if text == "0":
        return 0
    if counts is None or not text:
        return None
    return sum(int(count or 0) * unit for count, unit in zip(counts.groups(), _UNITS.values(), strict=True))


def regex(text: str) -> str:
    """A regular expression (RE2) that matches exactly this text; not yet quoted."""
    return _META.sub(lambda match: "\\" + match[0], text)


def any_of(texts: Iterable[str], *patterns: str) -> str:
    """A regular expression that matches each of the texts and what the patterns match; not yet quoted."""
    return "|".join([*(regex(text) for text in texts), *(pattern for pattern in patterns if pattern)])
