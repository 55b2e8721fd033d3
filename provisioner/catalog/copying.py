"""How fast and when replicas may be copied: what stands there to the value, with words for what is wrong."""

from __future__ import annotations

import re
from typing import Any

from provisioner.catalog.limits import Hours
from provisioner.catalog.quoting import quoted
from provisioner.catalog.units import size_in_bytes, spelled
from provisioner.catalog.wrong import wrong

LEAST_RATE = 1_000_000
"""Bytes a second: with less replicas never catch up, and a reassignment never ends."""

MOST_BYTES = 2**62

HOURS = re.compile(r"([01]?[0-9]|2[0-3])(?::([0-5][0-9]))?-([01]?[0-9]|2[0-3])(?::([0-5][0-9]))?")


def size(value: Any) -> Any:
    """Bytes, as a number or with a unit."""
    count = size_in_bytes(value) if isinstance(value, str) else value
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MOST_BYTES:
        near = spelled(value, size=True) if isinstance(value, str) else ""
        raise wrong(f"must be a size such as 60MiB, is {quoted(value)}", f"write {near or '60MiB'}")
    return count


def copy_rate(value: Any) -> Any:
    """Bytes a second that suffice for a copy to catch up."""
    rate = size(value)
    if rate < LEAST_RATE:
        raise wrong(f"must be at least 1MB a second, or no copy ever catches up; is {quoted(value)}", "write 60MiB")
    return rate


def day_hours(value: Any) -> Any:
    """From one time of day to another one, in UTC."""
    if isinstance(value, Hours):
        return value
    match = HOURS.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise wrong(f"must be two times of day, is {quoted(value)}", 'write hours: "22-06", or "22:30-06:00"')
    since, since_minute, until, until_minute = (int(part or 0) for part in match.groups())
    hours = Hours(since * 60 + since_minute, until * 60 + until_minute)
    if hours.since == hours.until:
        raise wrong(f"begins when it ends: {quoted(value)}", "leave the line away: then it is at any time")
    return hours
