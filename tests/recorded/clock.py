"""The instant at which the recording ends. Times are seconds since 1970, in UTC; incidents are told in minutes ago."""

from __future__ import annotations

from datetime import UTC, datetime

END = int(datetime(2026, 3, 10, 14, 40, tzinfo=UTC).timestamp())
"""A Tuesday afternoon."""
WEEK = 7 * 86_400
SCRAPE = 30
STEP = 15
"""Seconds between two simulated states; every second one is scraped."""
HOLE = (END - 90 * 60, END - 89 * 60)
"""The exporter answers no scrape from the one to the other."""


def ago(minutes: float) -> int:
    """So many minutes before the end."""
    return END - round(minutes * 60)


def is_scraped(when: int) -> bool:
    """Whether Prometheus has a sample of this instant."""
    return when % SCRAPE == 0 and not HOLE[0] <= when < HOLE[1]


def last_scrape(when: float) -> int:
    """The last scrape that was answered, at this time or before it."""
    at = int(when) // SCRAPE * SCRAPE
    while not is_scraped(at):
        at -= SCRAPE
    return at
