"""How long something lasts, as people write it: `10m`, or the word that switches off what would wait for so long."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Literal

from provisioner.catalog.quoting import quoted
from provisioner.catalog.units import WEEK, Duration, milliseconds, spelled, written
from provisioner.catalog.wrong import shown, wrong

OFF: Literal["none"] = "none"
MOST_WEEKS = 5200
"""100 years. Prometheus counts durations in nanoseconds and ends at 292 years."""

LONGEST_SECONDS = 10_000
"""A lag without a unit is meant in seconds up to here, and in milliseconds from here on."""

LONGEST_TIMEOUT = Duration(3600)
LEAST_DOUBT = Duration(65)
"""Sooner, a change would be called failed that a broker may still carry out."""


def lag(value: Any) -> Any:
    """A duration, or the word that switches the alert off."""
    return value if value == OFF else seconds(value, _lag_hint)


def _lag_hint(value: Any) -> str:
    """`300` is written 5m; -1, 0 and false are written none."""
    off = f"write lag: {OFF} to switch it off"
    if isinstance(value, str):
        text = value.strip().lower()
        near = "" if milliseconds(value) else spelled(text)
        return off if text in _OFF or re.fullmatch("0[a-z]*", text) else f"write lag: {near}" if near else _LAG
    if not isinstance(value, (int, float)):
        return _LAG
    if value is True or value <= 0:
        return _LAG if value is True else off
    ms = int(value * 1000) if value < LONGEST_SECONDS else int(value)
    unit = "seconds" if value < LONGEST_SECONDS else "milliseconds"
    return f"write lag: {written(ms)} for {value} {unit}" if ms % 1000 == 0 and ms <= MOST_WEEKS * WEEK else _LAG


_OFF = ("off", "no", "false", "never", "disabled", "null", "nil", "-1")
_LAG = f"write lag: 10m, or `{OFF}` to switch it off"


def expected(value: Any) -> Any:
    """A time within which something is expected, or the word for no such expectation."""
    return value if value == OFF else seconds(value, _expected_hint)


def _expected_hint(value: Any) -> str:
    near = spelled(value.strip().lower()) if isinstance(value, str) and not milliseconds(value) else ""
    return f"write {near}" if near else f"write 1h, or `{OFF}` where nothing is expected"


def timeout(value: Any) -> Any:
    """How long something is waited for: at least a second, at most an hour."""
    ms = milliseconds(value) if isinstance(value, str) else None
    if ms is not None and ms > LONGEST_TIMEOUT.seconds * 1000:
        raise wrong(f"must be at most {LONGEST_TIMEOUT}, is {quoted(value)}", "write 1h, or less")
    return seconds(value)


def doubt(value: Any) -> Any:
    """A time-out after which what was sent counts as never carried out."""
    wait = timeout(value)
    if wait < LEAST_DOUBT:
        why = "a lost request may be carried out a minute later"
        raise wrong(f"must be at least {LEAST_DOUBT} ({why}), is {quoted(value)}", f"write {LEAST_DOUBT}, or more")
    return wait


def _usual(_: Any) -> str:
    return "write 30s"


def seconds(value: Any, hint: Callable[[Any], str] = _usual) -> Any:
    """A duration of whole seconds, at least one and at most 100 years. `hint`: what to write in place of the value."""
    if isinstance(value, Duration):
        return value
    ms = milliseconds(value) if isinstance(value, str) else None
    if ms is None:
        raise wrong(f"must be a duration such as 90s, 10m or 1h, is {shown(value)}", hint(value))
    if ms < 1000 or ms % 1000:
        raise wrong(f"must be at least 1s, in whole seconds, is {quoted(value)}", hint(value))
    if ms > MOST_WEEKS * WEEK:
        why = f"must be at most {MOST_WEEKS}w (100 years; Prometheus ends at 292), is {quoted(value)}"
        raise wrong(why, hint(value))
    return Duration(ms // 1000)
