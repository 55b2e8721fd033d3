"""How far copies are, how fast they go, and what a line says of it."""

from __future__ import annotations

import pytest

from provisioner.moves import words
from provisioner.moves.look import Copy, Look, Pace

MIB = 1024**2
BOTH = "copying 2 partitions of 1 topic: 40 MiB of 200 MiB (20 %)"
RUNS = Look((Copy("a", 0, 100 * MIB, 20 * MIB), Copy("a", 1, 100 * MIB, 20 * MIB)), ("a", "b"))


@pytest.mark.parametrize(
    ("look", "rate", "line"),
    [
        (RUNS, None, f"{BOTH}; 1 topic waits"),
        (
            RUNS,
            10 * MIB,
            "copying 2 partitions of 1 topic: 40 MiB of 200 MiB (20 %), 10 MiB/s, about 16 s left; 1 topic waits",
        ),
        (Look((Copy("a", 0),)), 5, "copying 1 partition of 1 topic: how much of it is there is not known"),
        (Look((Copy("a", 0, 0, 0),)), None, "copying 1 partition of 1 topic: 0 B of 0 B (100 %)"),
    ],
)
def test_a_line_of_progress(look: Look, rate: int | None, line: str) -> None:
    """What is not known is not guessed."""
    assert words.progress(look, rate) == line


def test_the_rate_is_that_since_the_look_before() -> None:
    """None at first, after a gap, and where a new wave has begun."""
    pace = Pace()
    looks = [(0, 0.0), (100, 10.0), (None, 20.0), (300, 30.0), (500, 40.0), (20, 50.0)]
    rates = [pace.rate(Look((Copy("a", 0, 1000, copied),)), at) for copied, at in looks]
    assert rates == [None, 10, None, None, 20, None]
