"""What is noted of moves comes back as it was, and nothing else is taken for a note."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from provisioner.moves import notes
from provisioner.moves.notes import Claim, Noted, Notes, Pause

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def written(document: dict[str, Any]) -> Any:
    return json.loads(json.dumps(document))


def test_notes_come_back_as_they_were() -> None:
    """Numbers are keys of JSON, and so texts there."""
    noted = Noted({0: (1,), 12: (2,)}, {0: (1, 2, 3), 12: (2, 3, 1)}, {"leader": "0:1"})
    assert notes.topic(written(notes.of_topic(noted))) == noted
    pause = Pause(NOW + timedelta(hours=8), "jo", NOW)
    assert notes.pause(written(notes.of_pause(pause))) == pause
    assert notes.pause(written(notes.of_pause(Pause(None, "jo", NOW)))) == Pause(None, "jo", NOW)
    assert notes.claim("t", written(notes.of_claim(Claim("t", NOW)))) == Claim("t", NOW)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"before": {}, "targets": [], "throttle": {}},
        {"before": {}, "targets": {"x": [1]}, "throttle": {}},
        {"before": {}, "targets": {"0": ["1"]}, "throttle": {}},
        {"before": {}, "targets": {"0": [True]}, "throttle": {}},
        {"before": {}, "targets": {}, "throttle": {"a": 1}},
    ],
)
def test_what_is_no_note_is_none(document: dict[str, Any]) -> None:
    """Whoever reads leaves it out."""
    with pytest.raises((ValueError, TypeError, KeyError, AttributeError)):
        notes.topic(document)


def test_a_moment_without_a_zone_is_none() -> None:
    """Nobody knows when that was."""
    with pytest.raises(ValueError, match="no zone"):
        notes.claim("t", {"at": "2026-11-29T12:00:00"})


def test_a_pause_and_a_claim_hold_for_their_time() -> None:
    """A claim from the future holds as long as one from the past: clocks differ both ways."""
    assert Pause(NOW, "jo", NOW).holds(NOW - timedelta(seconds=1))
    assert not Pause(NOW, "jo", NOW).holds(NOW)
    assert Pause(None, "jo", NOW).holds(NOW + timedelta(days=999))
    lease = timedelta(minutes=1)
    ages = [timedelta(seconds=seconds) for seconds in (0, 59, -59, 61, -61)]
    assert [Claim("t", NOW - age).holds(NOW, lease) for age in ages] == [True, True, True, False, False]


def test_all_targets_by_partition() -> None:
    """Of every topic."""
    assert Notes({"a": Noted(targets={1: (1, 2)})}).targets == {("a", 1): (1, 2)}
    assert Notes().is_empty
    assert not Notes(brokers={1: {"rate": "1"}}).is_empty
