"""Durations and sizes."""

from __future__ import annotations

import pytest

from provisioner.catalog.units import Duration, duration, milliseconds, size_in_bytes, written, written_size


@pytest.mark.parametrize(
    ("text", "ms"),
    [("90s", 90_000), ("10m", 600_000), ("7d", 604_800_000), ("5ms", 5), ("1w", 604_800_000), ("1h30m", 5_400_000)],
)
def test_durations_are_milliseconds(text: str, ms: int) -> None:
    """Each unit has its factor."""
    assert milliseconds(text) == ms


@pytest.mark.parametrize("text", ["", "10", "10 years", "m", "1.5h", "-1d", "10M", "30m1h", "1h1h", "1h 30m", "1h30"])
def test_other_text_is_no_duration(text: str) -> None:
    """No unit, no guess."""
    assert milliseconds(text) is None


@pytest.mark.parametrize(
    ("text", "size"), [("512MiB", 536_870_912), ("1kB", 1000), ("20GiB", 21_474_836_480), ("7B", 7)]
)
def test_sizes_are_bytes(text: str, size: int) -> None:
    """Binary and decimal units differ."""
    assert size_in_bytes(text) == size


@pytest.mark.parametrize("seconds", [1, 59, 60, 61, 3600, 5400, 86_400, 90_061, 604_800])
def test_a_duration_is_written_so_that_it_can_be_read_again(seconds: int) -> None:
    """A hint that says `write lag: 5h30m` can be followed."""
    assert duration(str(Duration(seconds))) == Duration(seconds)


def test_a_threshold_is_of_whole_seconds() -> None:
    """Half a second is no threshold."""
    assert duration("1500ms") is None
    assert duration("2s") == Duration(2)


def test_large_numbers_are_written_in_large_units() -> None:
    """As people would."""
    assert (written(604_800_000), written(5_400_000), written(0)) == ("7d", "1h30m", "0s")
    assert (written_size(1024**3), written_size(1000)) == ("1GiB", "1000B")
