"""Durations and sizes as people write them: `90s`, `10m`, `7d`, `512MiB`; raw numbers stay what Kafka means by them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_MS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
WEEK = _MS["w"]
"""In milliseconds."""

_BYTES = {
    "B": 1,
    **{f"{prefix}B": 1000**power for power, prefix in enumerate("kMGT", 1)},
    **{f"{prefix}iB": 1024**power for power, prefix in enumerate("KMGT", 1)},
}
_ORDER = ("w", "d", "h", "m", "s", "ms")
_LONGEST = 128
"""Characters of a duration or a size; looked at before any pattern is tried."""

_SEVERAL = re.compile("".join(rf"(?:([0-9]{{1,15}}){unit})?" for unit in _ORDER))
"""1h30m: what reports write must be good to paste."""
_NUMBER_AND_UNIT = re.compile(r"([0-9]{1,15})[ ]?([A-Za-z]{1,3})")


@dataclass(frozen=True, slots=True, order=True)
class Duration:
    """A span of time in whole seconds. `str()` is the form that Prometheus and people read: 90s, 10m, 1h30m, 7d."""

    seconds: int

    def __str__(self) -> str:
        return written(self.seconds * 1000)


def milliseconds(text: str) -> int | None:
    """`7d` -> 604800000, `1h30m` -> 5400000; None if this is no duration with a unit."""
    return _milliseconds(text.strip()) if len(text) <= _LONGEST else None


@lru_cache(1024)
def _milliseconds(text: str) -> int | None:
    several = _SEVERAL.fullmatch(text)
    if several and any(several.groups()):
        return sum(int(count or 0) * _MS[unit] for count, unit in zip(several.groups(), _ORDER, strict=True))
    return _times(text, _MS)


def size_in_bytes(text: str) -> int | None:
    """`512MiB` -> 536870912; None if this is no size with a unit."""
    return _times(text.strip(), _BYTES) if len(text) <= _LONGEST else None


_SPELLED = {
    "ms": "millisecond milliseconds millis msec msecs",
    "s": "sec secs second seconds",
    "m": "min mins minute minutes",
    "h": "hr hrs hour hours",
    "d": "day days",
    "w": "week weeks wk wks",
    "KiB": "k kb kib",
    "MiB": "m mb mib",
    "GiB": "g gb gib",
    "TiB": "t tb tib",
}
_LOOSE = re.compile(r"([0-9]{1,15})\s*([A-Za-z]{1,12})")


def spelled(text: str, size: bool = False) -> str:
    """`5min` -> `5m`, `10 Minutes` -> `10m`, as a size `512mb` -> `512MiB`; empty where no unit is near."""
    match = _LOOSE.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    if match is None:
        return ""
    word, units = match[2].lower(), _BYTES if size else _MS
    unit = next((unit for unit, words in _SPELLED.items() if unit in units and word in [unit, *words.split()]), "")
    return f"{match[1]}{unit}" if unit else ""


def duration(text: str) -> Duration | None:
    """`10m` -> Duration(600); None if this is no duration of whole seconds."""
    ms = milliseconds(text)
    return Duration(ms // 1000) if ms is not None and ms >= 1000 and ms % 1000 == 0 else None


def written(ms: int) -> str:
    """Milliseconds in the largest units that fit exactly, two at most, else in seconds: 5400000 -> 1h30m."""
    parts, rest = [], ms
    for unit in ("d", "h", "m", "s", "ms"):
        count, rest = divmod(rest, _MS[unit])
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def written_size(size: int) -> str:
    """Bytes in the largest binary unit that fits exactly: 536870912 -> 512MiB."""
    for unit in ("TiB", "GiB", "MiB", "KiB"):
        if size and size % _BYTES[unit] == 0:
            return f"{size // _BYTES[unit]}{unit}"
    return f"{size}B"


def _times(text: str, units: dict[str, int]) -> int | None:
    match = _NUMBER_AND_UNIT.fullmatch(text)
    factor = units.get(match[2]) if match else None
    return int(match[1]) * factor if match and factor else None
