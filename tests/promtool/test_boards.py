"""What the dashboard shows, in time, by the real promtool and for every profile."""

from __future__ import annotations

import shutil
from collections.abc import Mapping

import pytest

from provisioner.profiles import NAMES
from tests import declared
from tests.promtool.boards import Board
from tests.promtool.scenario import run
from tests.promtool.stories import one
from tests.promtool.timelines import grow, hole, late, stay, stopped

pytestmark = [
    pytest.mark.promtool,
    pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed (Debian: prometheus)"),
]

AGE = "Lag as time"
LATE = "Unread and older than the threshold"
UNREAD = "Lag in messages by group"
SKEW = "Partition skew by consumption"
LONG = grow(60, 500)
EAGER = {**declared.BILLING, "lag": "2m"}

BOARDS = [
    Board(
        "lag as time is the age of the oldest unread message while messages come evenly",
        AGE,
        one(LONG, billing=stopped(LONG, 400)),
        {399: {"billing": 0}, 403: {"billing": 180}, 410: {"billing": 600}, 430: {"billing": 1800}},
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
        {432: {"billing": 120}, 436: {"billing": 360}, 470: {"billing": 900}},
    ),
    Board(
        "messages that were deleted are no age",
        AGE,
        one(LONG[:420] + stay(LONG[420], 80), stay(0, 425) + stay(LONG[420], 75), billing=stopped(LONG, 400)),
        {424: {"billing": 1440}, 426: {"billing": 0}, 499: {"billing": 0}},
    ),
    Board(
        "messages that were deleted are not older than the threshold",
        LATE,
        one(LONG[:420] + stay(LONG[420], 80), stay(0, 425) + stay(LONG[420], 75), billing=stopped(LONG, 400)),
        {424: {"billing": 840}, 426: {"billing": 0}, 499: {"billing": 0}},
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
        {at: {"billing": 60.0 * (at - 300)} for at in (399, 405, 409, 411, 417)},
    ),
    Board(
        "a hole in the scrapes does not turn the value of the alert green",
        LATE,
        one(hole(LONG, 400, 404), billing=hole(stopped(LONG, 300), 400, 404)),
        {402: {"billing": 60.0 * 92}, 410: {"billing": 60.0 * 99}, 412: {"billing": 60.0 * 99}, 414: {"billing": 6240}},
    ),
    Board(
        "a hole in the scrapes makes no healthy group red",
        LATE,
        one(hole(LONG, 400, 404), billing=hole(late(LONG, 1), 400, 404)),
        {at: {"billing": 0} for at in (402, 404, 410, 414)},
    ),
    Board(
        "a window is never wider than half of the most eager threshold",
        AGE,
        one(hole(LONG, 400, 404), billing=hole(LONG, 400, 404)),
        {399: {"billing": 0}, 402: {}, 404: {"billing": 0}},
        consumers=EAGER,
    ),
    Board(
        "a stopped group has no skew however unevenly the topic grows",
        SKEW,
        one([at * 97 + at * at % 89 for at in range(500)], billing=stay(1, 500)),
        {400: {}},
    ),
]


@pytest.fixture(scope="module", params=NAMES)
def shown(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    place = tmp_path_factory.mktemp(request.param)
    written = {board.name: board.write(request.param, place) for board in BOARDS}
    _, answers = run(list(written.values()))
    return {name: answers[path.name] for name, path in written.items()}


@pytest.mark.parametrize("name", [board.name for board in BOARDS])
def test_a_panel_shows_what_is_true(shown: Mapping[str, str], name: str) -> None:
    """At each of the story's minutes, for each group."""
    assert shown[name] == "SUCCESS"
