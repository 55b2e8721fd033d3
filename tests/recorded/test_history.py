"""The truth itself, on histories small enough to be reckoned by hand."""

from __future__ import annotations

import pytest

from tests.recorded.clock import END, STEP, last_scrape
from tests.recorded.history import NEVER, Band, History, Partition, State

MINUTES = 60
STEPS = MINUTES * 60 // STEP + 1


def _history(*committed: list[int], starts: int = 0, born: int = 0) -> History:
    """Partitions that get four messages a minute, one each step; `committed`: what the group `g` has read of each."""
    ends = [step - born if step >= born else 1000 + step for step in range(STEPS)]
    partitions = [Partition(ends, [starts] * STEPS, {"g": read}) for read in committed]
    return History("prod", "t", END - MINUTES * 60, partitions, {"g": [1] * STEPS}, born=born)


def _stopped(minutes: int) -> list[int]:
    """Read to the end until so many minutes ago."""
    return [min(step, STEPS - 1 - minutes * 4) for step in range(STEPS)]


ALL = list(range(STEPS))


def test_the_oldest_unread_message_is_that_of_the_worst_partition() -> None:
    history = _history(ALL, _stopped(10), _stopped(20))
    assert history.age("g", END) == 20 * 60 - STEP
    assert history.unread("g", END) == 40 + 80
    assert history.unread("g", END, "1") == 40


def test_what_is_read_has_no_age() -> None:
    history = _history(ALL, [NEVER] * STEPS)
    assert (history.age("g", END), history.unread("g", END)) == (0, 0)


def test_what_is_deleted_is_not_unread() -> None:
    history = _history(_stopped(20), starts=STEPS - 1 - 8)
    assert (history.unread("g", END), history.age("g", END)) == (8, 2 * 60 - STEP)


@pytest.mark.parametrize(("limit", "late"), [(0, 40), (60, 36), (600, 0), (900, 0)])
def test_late_messages_were_there_so_long_ago(limit: int, late: int) -> None:
    assert _history(_stopped(10)).late("g", limit, END) == late


def test_nothing_is_late_that_was_written_before_the_topic_was_made_again() -> None:
    assert _history([0] * STEPS, born=STEPS - 9).late("g", 600, END) == 0
    assert _history([0] * STEPS, born=STEPS - 9).unread("g", END) == 8


def test_rates_are_the_least_and_the_most_between_two_scrapes() -> None:
    assert _history(ALL).produced(END - 120, END) == Band(1 / STEP, 1 / STEP)
    assert _history(_stopped(1)).consumed(["g"], END - 120, END) == Band(0, 1 / STEP)


@pytest.mark.parametrize(
    ("committed", "state"),
    [
        ([ALL, ALL], State.IN_TIME),
        ([_stopped(30), _stopped(30)], State.STOPPED),
        ([ALL, _stopped(30)], State.STUCK),
        ([[step // 2 for step in ALL]] * 2, State.TOO_SLOW),
        ([[max(0, 2 * step - STEPS - 44) for step in ALL]] * 2, State.CATCHING_UP),
    ],
    ids=lambda value: str(value) if isinstance(value, State) else "",
)
def test_the_state_of_a_group_is_the_first_that_holds(committed: list[list[int]], state: State) -> None:
    assert _history(*committed).state("g", 600, END, 300) == state


def test_a_scrape_that_was_not_answered_leaves_the_one_before() -> None:
    assert last_scrape(END - 89.5 * 60) == last_scrape(END - 90 * 60) == END - 90 * 60 - 30
