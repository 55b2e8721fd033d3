"""What the dashboard shows, in time, by the real promtool and for every profile."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from functools import cache

import pytest

from provisioner.profiles import NAMES, named
from tests import declared
from tests.promtool.boards import Board
from tests.promtool.scenario import run
from tests.promtool.stories import DLQ, dead_letters, one, several
from tests.promtool.timelines import Exported, Partition, grow, hole, late, stay, stopped

pytestmark = [
    pytest.mark.promtool,
    pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed (Debian: prometheus)"),
]

AGE = "Lag in minutes"
LATE = "Late messages by partition"
UNREAD = "Unread messages by group"
TABLE = "Consumer groups"
LONG = grow(60, 500)
SLOW = [value // 2 for value in LONG]
FAST = LONG[:400] + [min(LONG[400] + max(0, at - 430) * 180, LONG[at]) for at in range(400, 500)]
BURST = stay(0, 400) + stay(100, 100)
EAGER = {**declared.BILLING, "lag": "2m"}
TWO = [EAGER, {**declared.BILLING, "group": "planner", "lag": "30m"}]
MANY = [
    {**EAGER, "group": "billing"},
    {**declared.BILLING, "group": "planner", "lag": "30m"},
    {**declared.BILLING, "group": "printer", "lag": "5m"},
    {**declared.BILLING, "group": "packer", "lag": "5m"},
    {**declared.BILLING, "group": "ledger", "lag": "10m", "transactional": 500},
    {**declared.BILLING, "group": "console-consumer-of-ours", "lag": "3m"},
    {**declared.BILLING, "group": "nobody", "lag": "none"},
]
"""Limits of one group and of two, one with offsets that transactions leave, one of a group that is called as those that
nobody looks at; beside the topic's own, of 10 minutes."""
ALL_STOP = [*(each["group"] for each in MANY), "auditing", "console-consumer-9"]
IN_TIME, STUCK, TOO_SLOW, STOPPED, CATCHING_UP = 0, 1, 2, 6, 10
"""Numbers of the state, as the panel's mappings have them in words: `test_the_states_have_words`."""


def late_at(name: str, exported: Sequence[Exported], shown: Mapping[int, float]) -> Board:
    """Late messages of the one partition there is."""
    return Board(name, LATE, exported, {at: {"0": value} for at, value in shown.items()}, by="partition")


def state(name: str, exported: Sequence[Exported], shown: Mapping[int, float]) -> Board:
    """Of the group `billing`."""
    return Board(name, TABLE, exported, {at: {"billing": value} for at, value in shown.items()}, reference="state")


def now(name: str, exported: Sequence[Exported], shown: Mapping[int, float]) -> Board:
    """How far `billing` is behind, in seconds, by the table."""
    return Board(name, TABLE, exported, {at: {"billing": value} for at, value in shown.items()}, reference="age")


def all_stop() -> list[Exported]:
    """Each group of MANY, one that nobody declared and one that nobody looks at, in minute 400."""
    return [Exported([Partition(LONG, {group: stopped(LONG, 400) for group in ALL_STOP})])]


def states(minute: int, *late: str) -> dict[int, Mapping[str, float]]:
    """Every group that has a limit stands still; those are late."""
    limited = [group for group in ALL_STOP if group not in ("nobody", "console-consumer-9")]
    return {minute: {group: STOPPED if group in late else 4 for group in limited}}


EAGER_ONES = ("billing", "printer", "packer", "console-consumer-of-ours")
BOARDS = [
    Board(
        "lag in minutes is the age of the oldest unread message while messages come evenly",
        AGE,
        one(LONG, billing=stopped(LONG, 400)),
        {399: {"billing": 0}, 403: {"billing": 3}, 410: {"billing": 10}, 430: {"billing": 30}},
    ),
    Board(
        "a topic made again shows no age of messages that are gone",
        AGE,
        one(LONG[:420] + grow(60, 80), billing=LONG[:420] + grow(60, 80)),
        {at: {"billing": 0} for at in (419, 421, 425, 440, 480, 499)},
    ),
    Board(
        "a group that stopped on a topic made again shows its age as far as it is known",
        AGE,
        one(LONG[:420] + grow(60, 80), billing=LONG[:420] + stopped(grow(60, 80), 10)),
        {432: {"billing": 2}, 436: {"billing": 6}, 470: {"billing": 15}},
    ),
    Board(
        "messages that were deleted are no age",
        AGE,
        one(LONG[:420] + stay(LONG[420], 80), stay(0, 425) + stay(LONG[420], 75), billing=stopped(LONG, 400)),
        {424: {"billing": 24}, 426: {"billing": 0}, 499: {"billing": 0}},
    ),
    late_at(
        "messages that were deleted are not late",
        one(LONG[:420] + stay(LONG[420], 80), stay(0, 425) + stay(LONG[420], 75), billing=stopped(LONG, 400)),
        {424: 840, 426: 0, 499: 0},
    ),
    Board(
        "messages that were deleted are no lag",
        UNREAD,
        one(LONG, stay(0, 425) + [value - 300 for value in LONG[425:]], billing=stopped(LONG, 400)),
        {399: {"billing": 0}, 424: {"billing": 1440}, 426: {"billing": 300}, 450: {"billing": 300}},
    ),
    Board(
        "a hole in the scrapes does not turn the age green when it comes by a step",
        AGE,
        one(hole(LONG, 400, 404), billing=hole(stopped(LONG, 300), 400, 404)),
        {at: {"billing": at - 300.0} for at in (399, 405, 409, 411, 417)},
    ),
    late_at(
        "a hole in the scrapes does not turn the value of the alert dark",
        one(hole(LONG, 400, 404), billing=hole(stopped(LONG, 300), 400, 404)),
        {402: 60.0 * 92, 410: 60.0 * 99, 412: 60.0 * 99, 414: 6240},
    ),
    late_at(
        "a hole in the scrapes makes no healthy group late",
        one(hole(LONG, 400, 404), billing=hole(late(LONG, 1), 400, 404)),
        dict.fromkeys((402, 404, 410, 414), 0.0),
    ),
    Board(
        "a window is never wider than half of the most eager limit",
        AGE,
        one(hole(LONG, 400, 404), billing=hole(LONG, 400, 404)),
        {399: {"billing": 0}, 402: {}, 404: {"billing": 0}},
        consumers=EAGER,
    ),
    Board(
        "a stopped group reads nothing however unevenly the topic grows",
        TABLE,
        one([at * 97 + at * at % 89 for at in range(500)], billing=stay(1, 500)),
        {400: {"billing": 0}},
        reference="rate",
    ),
    Board(
        "each group has its own limit",
        TABLE,
        one(LONG, billing=LONG, planner=LONG),
        {400: {"billing": 120, "planner": 1800}},
        consumers=TWO,
        reference="limit",
    ),
    Board(
        "partitions are late by the limit of the group that reads them",
        "Partitions late",
        one(LONG, billing=stopped(LONG, 400), planner=stopped(LONG, 390)),
        {402: {"": 0}, 404: {"": 1}, 415: {"": 1}},
        consumers=TWO,
        by="",
    ),
    Board(
        "groups are late each by its own limit, however many there are",
        TABLE,
        all_stop(),
        {
            **states(407, *EAGER_ONES),
            **states(412, *EAGER_ONES, "auditing"),
            **states(425, *EAGER_ONES, "auditing", "ledger"),
            **states(435, *EAGER_ONES, "auditing", "ledger", "planner"),
        },
        consumers=MANY,
        reference="state",
    ),
    Board(
        "many groups have their own limits, and some have none",
        TABLE,
        all_stop(),
        {
            400: {
                "billing": 120,
                "planner": 1800,
                "printer": 300,
                "packer": 300,
                "ledger": 600,
                "console-consumer-of-ours": 180,
                "auditing": 600,
            }
        },
        consumers=MANY,
        reference="limit",
    ),
    Board(
        "each limit of a group that is there is drawn once",
        AGE,
        one(LONG, billing=LONG, planner=LONG, printer=LONG, packer=LONG),
        {400: {"2m": 2, "30m": 30, "5m": 5}},
        consumers=MANY,
        reference="L",
        by="limit",
    ),
    Board(
        "a partition is late once, whichever of its groups it is",
        "Partitions late",
        all_stop(),
        {401: {"": 0}, 404: {"": 1}, 435: {"": 1}},
        consumers=MANY,
        by="",
    ),
    Board(
        "messages are late in as many groups as have not read them",
        LATE,
        all_stop(),
        {404: {"0": 2 * 60 + 60}, 412: {"0": 60 * (10 + 9 + 7 + 7 + 2)}},
        consumers=MANY,
        by="partition",
    ),
    Board(
        "a topic that nobody reads has no reader and is not in time",
        "Partitions late",
        one(LONG),
        {400: {"": -1}},
        by="",
    ),
    Board(
        "a topic of which there are no metrics is unknown",
        "Partitions late",
        [Exported([Partition(LONG)], topic="another")],
        {400: {}},
        by="",
    ),
    now("the table tells the age to within a scrape", one(LONG, billing=stopped(LONG, 400)), {399: 0, 410: 540}),
    now("a burst is as old as it is", one(BURST, billing=stay(0, 500)), {399: 0, 412: 720, 450: 3000}),
    now(
        "the table tells no age of messages that were deleted",
        one(LONG[:420] + stay(LONG[420], 80), stay(0, 425) + stay(LONG[420], 75), billing=stopped(LONG, 400)),
        {424: 1380, 426: 0},
    ),
    now(
        "the table tells no age of messages of a topic that was there before",
        one(LONG[:420] + grow(60, 80), billing=LONG[:420] + stopped(grow(60, 80), 10)),
        {419: 0, 425: 0, 432: 60},
    ),
    now(
        "a hole in the scrapes changes no age",
        one(hole(LONG, 400, 404), billing=hole(stopped(LONG, 300), 400, 404)),
        {at: 60.0 * (at - 301) for at in (399, 405, 417)},
    ),
    state("a group that reads as fast as is produced is in time", one(LONG, billing=late(LONG, 1)), {450: IN_TIME}),
    state(
        "a group that stopped is late from its limit on", one(LONG, billing=stopped(LONG, 400)), {408: 4, 415: STOPPED}
    ),
    state("a group that reads half of what comes is too slow", several((LONG, SLOW), (LONG, SLOW)), {450: TOO_SLOW}),
    state(
        "a group that stands still on one of three partitions is stuck there",
        several((LONG, LONG), (LONG, LONG), (LONG, stopped(LONG, 400))),
        {405: IN_TIME, 415: STUCK},
    ),
    state(
        "a group that reads faster than is produced catches up",
        one(LONG, billing=FAST),
        {425: STOPPED, 435: CATCHING_UP, 445: 8},
    ),
    state(
        "what transactions leave is not late, and more is",
        one(stay(0, 100) + stay(100, 400), billing=stay(0, 100) + stay(99, 400)),
        {300: STOPPED},
    ),
    Board(
        "letters of the last hour are counted for an hour",
        "In the last hour",
        dead_letters(stay(0, 400) + stay(3, 100)),
        {399: {"": 0}, 405: {"": 3}, 459: {"": 3}, 461: {"": 0}},
        by="",
        topic=DLQ,
    ),
    Board(
        "letters are counted in the minute in which they came",
        "Dead letters a minute",
        dead_letters(stay(0, 400) + stay(3, 100)),
        {399: {"": 0}, 400: {"": 3}, 402: {"": 0}},
        by="",
        topic=DLQ,
    ),
]


FEW = [
    "lag in minutes is the age of the oldest unread message while messages come evenly",
    "messages that were deleted are not late",
    "the table tells the age to within a scrape",
    "a group that reads half of what comes is too slow",
]
"""What is shown of an exporter that is known from documents alone."""


def drawn(profile: str) -> list[Board]:
    """All of them, or the few; none where the exporter does not give what the board needs."""
    known = named(profile)
    if known.lacks(declared.shipped().dashboards["topic"].needs):
        return []
    return BOARDS if known.is_run else [board for board in BOARDS if board.name in FEW]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Mapping[str, str]]:
    """What promtool says of each board of a profile; all of them in one run."""

    @cache
    def answered(profile: str) -> Mapping[str, str]:
        place = tmp_path_factory.mktemp(profile)
        written = {board.name: board.write(profile, place) for board in drawn(profile)}
        _, answers = run(list(written.values()))
        return {name: answers[path.name] for name, path in written.items()}

    return answered


@pytest.mark.parametrize(("profile", "name"), [(profile, board.name) for profile in NAMES for board in drawn(profile)])
def test_a_panel_shows_what_is_true(shown: Callable[[str], Mapping[str, str]], profile: str, name: str) -> None:
    """At each of the story's minutes, for each group."""
    assert shown(profile)[name] == "SUCCESS"


def test_only_one_exporter_has_no_board() -> None:
    """It does not say where a log begins. If another one comes, say so here."""
    assert {profile: len(drawn(profile)) for profile in NAMES if not named(profile).is_run} == {
        "otel_kafkametrics": len(FEW),
        "redpanda": 0,
    }
