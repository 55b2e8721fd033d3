"""Sizes, rates and times as people say them: rounded, so not good to paste."""

from __future__ import annotations

import math

_BINARY = tuple((1024**power, f"{prefix}iB") for power, prefix in ((4, "T"), (3, "G"), (2, "M"), (1, "K")))
_EXACT = (*_BINARY[1:], (10**9, "GB"), (10**6, "MB"), (10**3, "kB"))
_STEPS = ((90, 1, "s", 1, ""), (90 * 60, 60, "min", 1, ""), (36 * 3600, 3600, "h", 60, "min"))
"""Below so many seconds: in that unit, with that one for the rest."""


def size(count: int) -> str:
    """51539607552 -> 48 GiB, 1610612736 -> 1.5 GiB."""
    unit, name = next(((unit, name) for unit, name in _BINARY if count >= unit), (1, "B"))
    value = count / unit
    return f"{value:.1f} {name}" if unit > 1 and value < 10 and round(value, 1) % 1 else f"{value:.0f} {name}"


def rate(count: int) -> str:
    """Bytes a second, in the unit that it was written in: 60000000 -> 60 MB/s, 62914560 -> 60 MiB/s."""
    exact = next((f"{count // unit} {name}" for unit, name in _EXACT if count % unit == 0), None)
    return f"{exact or size(count)}/s"


def time(seconds: float) -> str:
    """Rounded up: 833.3 -> 14 min, 12000 -> 3 h 20 min."""
    whole = math.ceil(seconds)
    _, unit, name, small, rest = next((each for each in _STEPS if whole < each[0]), (0, 86400, "d", 3600, "h"))
    if not rest:
        return f"{math.ceil(whole / unit)} {name}"
    count, left = divmod(math.ceil(whole / small) * small, unit)
    return f"{count} {name} {left // small} {rest}" if left else f"{count} {name}"
