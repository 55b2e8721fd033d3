"""Every alert in time: silent, pending, firing, and over again, by the real promtool and for every profile."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from provisioner.profiles import NAMES, named
from tests.promtool.fleets import DAYS, HOURS
from tests.promtool.scenario import FIRING, PENDING, Scenario, run
from tests.promtool.stories import BUSY, LAG, STOP, STORIES, one
from tests.promtool.watching import WATCHING

TOLD = [*STORIES, *WATCHING, *HOURS, *DAYS]
FEW = [
    "a stopped group is silent then pending then firing and resolves after it caught up",
    "a group eleven minutes behind fires",
    "five messages in an idle topic fire",
    "a hole in the scrapes does not set back the waiting",
    "a topic made again is no false alarm",
    "two groups are two alerts",
]
"""What is told of an exporter that is known from documents alone. Every story costs seconds."""
COMPACT = [*STORIES, *WATCHING]

pytestmark = [
    pytest.mark.promtool,
    pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed (Debian: prometheus)"),
]


def rows(layout: str, stories: Mapping[str, Sequence[Scenario]]) -> list[Any]:
    """(profile, name of a story). All of an exporter are one run of promtool: two workers would each do all of them."""
    return [
        pytest.param(profile, story.name, marks=pytest.mark.xdist_group(f"timelines-{layout}-{profile}"))
        for profile, chosen in stories.items()
        for story in chosen
    ]


def told(profile: str) -> list[Scenario]:
    """All of one exporter, all but the days of the other that is run, the few of those from documents."""
    if profile == NAMES[0]:
        return TOLD
    return [story for story in TOLD if (story not in DAYS if named(profile).is_run else story.name in FEW)]


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Mapping[str, str]]:
    """What promtool says of each story of a profile; all of them in one run."""

    @cache
    def answered(profile: str) -> Mapping[str, str]:
        place = tmp_path_factory.mktemp(profile)
        written = {scenario.name: scenario.write(profile, place) for scenario in told(profile)}
        _, answers = run(list(written.values()))
        return {name: answers[path.name] for name, path in written.items()}

    return answered


@pytest.mark.parametrize(("profile", "name"), rows("readable", {profile: told(profile) for profile in NAMES}))
def test_alerts_come_and_go_as_told(said: Callable[[str], Mapping[str, str]], profile: str, name: str) -> None:
    """In every minute of the story there are exactly the alerts it names."""
    assert said(profile)[name] == "SUCCESS"


@pytest.mark.skipif("PYTEST_XDIST_WORKER" not in os.environ, reason="one process tells all of it anyway")
def test_one_worker_tells_all_of_an_exporter(request: pytest.FixtureRequest) -> None:
    """Each other one would run promtool over all its stories again: a minute or two."""
    names = [item.nodeid for item in request.session.items if "/test_timelines.py" in item.nodeid]
    groups = {name.rpartition("@")[2] for name in names if "[kminion-" in name}
    assert groups == {"timelines-readable-kminion", "timelines-compact-kminion"}


def test_of_each_exporter_something_is_told() -> None:
    """A story that gets another name is not lost for those that have few."""
    assert {len(told(profile)) for profile in NAMES} == {len(TOLD), len(TOLD) - len(DAYS), len(FEW)}


def told_compact(profile: str) -> list[Scenario]:
    """All of one exporter, the few of the other that is run."""
    return COMPACT if profile == NAMES[0] else [story for story in COMPACT if story.name in FEW]


@pytest.fixture(scope="module")
def said_of_compact(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Mapping[str, str]]:
    @cache
    def answered(profile: str) -> Mapping[str, str]:
        place = tmp_path_factory.mktemp(f"compact-{profile}")
        written = {scenario.name: scenario.write(profile, place, "compact") for scenario in told_compact(profile)}
        _, answers = run(list(written.values()))
        return {name: answers[path.name] for name, path in written.items()}

    return answered


@pytest.mark.parametrize(
    ("profile", "name"),
    rows("compact", {profile: told_compact(profile) for profile in NAMES if named(profile).is_run}),
)
def test_compact_rules_tell_the_same_alerts(
    said_of_compact: Callable[[str], Mapping[str, str]], profile: str, name: str
) -> None:
    """In the same minutes, with the same labels and annotations."""
    assert said_of_compact(profile)[name] == "SUCCESS"


@pytest.mark.parametrize("profile", NAMES)
def test_a_wrong_story_is_found_out(tmp_path: Path, profile: str) -> None:
    """Or the stories above would prove nothing."""
    wrong = Scenario("wrong", one(BUSY, billing=STOP), {0: {}, 42: {LAG: PENDING}, 43: {LAG: FIRING}, 70: {}}, 90)
    code, answers = run([wrong.write(profile, tmp_path)])
    assert code == 1
    assert answers["wrong.test.json"].startswith("FAILED")
    assert "time: 41m" in answers["wrong.test.json"]
