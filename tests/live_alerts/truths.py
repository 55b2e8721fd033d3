"""Whether an alert ought to be there at a moment, by the ledger alone: nothing here knows an expression or a metric."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from tests.live_alerts.ledger import Ledger, Place

HOUR, WEEK = 3600.0, 7 * 86400.0
Truth = Callable[[Ledger, float], bool]
Span = tuple[float, float]
TICK = 0.5
"""Seconds between two looks at the truth."""


def age(ledger: Ledger, group: str, topic: str, when: float) -> float | None:
    """Of the oldest message that the group has not read and still could, where it ever committed, in seconds."""
    oldest = [first for first in _firsts(ledger, group, topic, when) if first <= when]
    return when - min(oldest) if oldest and not _is_gone(ledger, group, when) else None


def _firsts(ledger: Ledger, group: str, topic: str, when: float) -> Iterator[float]:
    for place in ledger.places(topic, when):
        committed = ledger.commits[group, place].at(when)
        if committed is not None:
            first = ledger.written[place].first(max(committed, ledger.starts[place].at(when) or 0))
            yield from [] if first is None else [first]


def _is_gone(ledger: Ledger, group: str, when: float) -> bool:
    return when >= ledger.gone.get(group, float("inf"))


def late(group: str, topic: str, limit: float) -> Truth:
    """Its oldest unread message is older than `limit` seconds."""
    return lambda ledger, when: (age(ledger, group, topic, when) or 0) > limit


def unread(group: str, topic: str, limit: float, watched: float) -> Truth:
    """It commits some partitions, and never one with old messages that came while it was there, and watched."""

    def holds(ledger: Ledger, when: float) -> bool:
        places = ledger.places(topic, when)
        first = min((each.times[0] for place in places if (each := ledger.commits[group, place]).times), default=when)
        return when >= first + limit + watched and any(
            ledger.written[place].between(first, when - limit)
            for place in places
            if ledger.commits[group, place].at(when) is None
        )

    return holds


def lost(group: str, topic: str, recent: float) -> Truth:
    """Messages that it had not read were deleted in the last `recent` seconds."""

    def holds(ledger: Ledger, when: float) -> bool:
        return any(_lost(ledger, group, place, when, recent) for place in ledger.places(topic, when))

    return holds


def _lost(ledger: Ledger, group: str, place: Place, when: float, recent: float) -> bool:
    start, committed = ledger.starts[place].at(when), ledger.commits[group, place].at(when)
    moved = ledger.starts[place].moved(when)
    if start is None or committed is None or moved is None or when - moved >= recent:
        return False
    return ledger.written[place].count(committed, start) > 0


def silent(topic: str, within: float) -> Truth:
    """Nothing was written for so many seconds."""
    return lambda ledger, when: not _count(ledger, topic, when - within, when)


def standing(group: str, topic: str, within: float) -> Truth:
    """It has committed before, and nothing new for so many seconds."""

    def holds(ledger: Ledger, when: float) -> bool:
        steps = [ledger.commits[group, place] for place in ledger.places(topic, when)]
        before = [each.at(when - within) for each in steps]
        return any(one is not None for one in before) and before == [each.at(when) for each in steps]

    return holds


def skewed(topic: str, factor: float) -> Truth:
    """Its largest partition got so many times the average in the last half hour."""

    def holds(ledger: Ledger, when: float) -> bool:
        counts = [ledger.written[place].between(when - HOUR / 2, when) for place in ledger.places(topic, when)]
        return max(counts) * len(counts) > factor * sum(counts)

    return holds


def against_last_week(topic: str, holds: Callable[[int, int], bool]) -> Truth:
    """By the messages of the last hour and of the same hour a week before."""
    return lambda ledger, when: holds(
        _count(ledger, topic, when - HOUR, when), _count(ledger, topic, when - HOUR - WEEK, when - WEEK)
    )


def received(topic: str) -> Truth:
    """It got a message in the last fifteen minutes."""
    return lambda ledger, when: bool(_count(ledger, topic, when - HOUR / 4, when))


def gone(group: str) -> Truth:
    """Its offsets are deleted, for as long as a hole in the scrapes may be."""
    return lambda ledger, when: when >= ledger.gone.get(group, float("inf")) + 300


def since(begin: float, end: float = float("inf")) -> Truth:
    """What was done to an exporter: from so many seconds after the beginning on, until others."""
    return lambda ledger, when: begin <= when - ledger.began < end


def many(teams: Sequence[tuple[str, Truth]], least: int) -> Truth:
    """So many teams have a group that is late."""
    return lambda ledger, when: len({team for team, is_late in teams if is_late(ledger, when)}) >= least


def _count(ledger: Ledger, topic: str, begin: float, end: float) -> int:
    return sum(ledger.written[place].between(begin, end) for place in ledger.places(topic, end))


def spans(truth: Truth, ledger: Ledger, begin: float, end: float) -> list[Span]:
    """From when to when it holds; one that holds at `end` ends there."""
    found: list[Span] = []
    opened: float | None = None
    for step in range(int((end - begin) / TICK) + 1):
        when = begin + step * TICK
        if truth(ledger, when):
            opened = when if opened is None else opened
        elif opened is not None:
            found.append((opened, when))
            opened = None
    return found if opened is None else [*found, (opened, end)]
