"""Since when: a span or a time, in the words of the record."""

from __future__ import annotations

import pytest

from provisioner.commands.since import started
from provisioner.errors import UsageError

NOW = "2026-11-29T03:10:00.000+00:00"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("24h", "2026-11-28T03:10:00.000+00:00"),
        ("1h30m", "2026-11-29T01:40:00.000+00:00"),
        ("2026-11-28", "2026-11-28T00:00:00.000+00:00"),
        ("2026-11-28T22:00+01:00", "2026-11-28T21:00:00.000+00:00"),
    ],
)
def test_a_span_or_a_time_is_a_moment(text: str, moment: str) -> None:
    """In UTC, so that it compares with what is on record as text."""
    assert started(text, NOW) == moment


@pytest.mark.parametrize("text", ["", "yesterday", "24", "500ms", "999999999999d", "0001-01-01T00:00+23:00"])
def test_anything_else_is_no_time(text: str) -> None:
    """Nor is a span that goes back before all calendars."""
    with pytest.raises(UsageError):
        started(text, NOW)
