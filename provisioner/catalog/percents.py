"""Shares and factors as people write them for alerts: `50%`, `300%`, 2."""

from __future__ import annotations

import math
import re
from typing import Any

from provisioner.catalog.durations import OFF
from provisioner.catalog.quoting import quoted
from provisioner.catalog.wrong import shown, wrong

MOST_PERCENT = 100_000
MOST_SKEW = 1_000
PERCENT = r"[0-9]{1,6} ?%"
_PERCENT = re.compile(PERCENT)


def drop(value: Any) -> Any:
    """`50%`: the part that is missing; below all of it, which is what expect_traffic_within tells."""
    return _percent(value, "drop", 99, "write expect_traffic_within: 1h where nothing at all is what to tell")


def rise(value: Any) -> Any:
    """`300%`: what has come on top, so that 100% is twice as much."""
    return _percent(value, "rise", MOST_PERCENT, f"write rise: 300%, at most {MOST_PERCENT}%")


def _percent(value: Any, field: str, most: int, otherwise: str) -> Any:
    if value == OFF:
        return OFF
    if not isinstance(value, str) or not _PERCENT.fullmatch(value):
        raise wrong(f"must be a percentage such as 50%, is {shown(value)}", f"write {field}: {_near(value)}")
    percent = int(value.rstrip(" %"))
    if not 1 <= percent <= most:
        raise wrong(f"must be from 1% to {most}%, is {quoted(value)}", otherwise if percent else f"write {field}: 50%")
    return percent


def _near(value: Any) -> str:
    """What a bare number most likely means: 0.5 is a half, 50 is percent."""
    text = str(value)[:20]
    number = float(text) if re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", text) else 0.0
    percent = round(number * 100) if 0 < number < 1 else round(number)
    return f"{percent}%" if 1 <= percent <= MOST_PERCENT else "50%"


def skew(value: Any) -> Any:
    """How many times the average the largest partition may get: above 1, which is what an even topic has."""
    if value == OFF:
        return OFF
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise wrong(f"must be a number such as 2, is {shown(value)}", "write skew: 2, without quotes")
    if not 1 < value <= MOST_SKEW:
        why = "the largest partition over the average, and an even topic has 1"
        raise wrong(f"must be above 1 and at most {MOST_SKEW} ({why}), is {quoted(value)}", "write skew: 2")
    return value
