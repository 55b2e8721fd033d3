"""Every alert in time: silent, pending, firing, and over again, by the real promtool and for every profile."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from provisioner.profiles import NAMES
from tests.promtool.fleets import DAYS, HOURS
from tests.promtool.scenario import FIRING, PENDING, Scenario, run
from tests.promtool.stories import BUSY, LAG, STOP, STORIES, one
from tests.promtool.watching import WATCHING

TOLD = [*STORIES, *WATCHING, *HOURS, *DAYS]
COMPACT = [*STORIES, *WATCHING]

pytestmark = [
    pytest.mark.promtool,
    pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed (Debian: prometheus)"),
]


@pytest.fixture(scope="module", params=NAMES)
def said(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    place = tmp_path_factory.mktemp(request.param)
    written = {scenario.name: scenario.write(request.param, place) for scenario in TOLD}
    _, answers = run(list(written.values()))
    return {name: answers[path.name] for name, path in written.items()}


@pytest.mark.parametrize("name", [scenario.name for scenario in TOLD])
def test_alerts_come_and_go_as_told(said: Mapping[str, str], name: str) -> None:
    """In every minute of the story there are exactly the alerts it names."""
    assert said[name] == "SUCCESS"


@pytest.fixture(scope="module", params=NAMES)
def said_of_compact(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    place = tmp_path_factory.mktemp(request.param)
    written = {scenario.name: scenario.write(request.param, place, "compact") for scenario in COMPACT}
    _, answers = run(list(written.values()))
    return {name: answers[path.name] for name, path in written.items()}


@pytest.mark.parametrize("name", [scenario.name for scenario in COMPACT])
def test_compact_rules_tell_the_same_alerts(said_of_compact: Mapping[str, str], name: str) -> None:
    """In the same minutes, with the same labels and annotations."""
    assert said_of_compact[name] == "SUCCESS"


@pytest.mark.parametrize("profile", NAMES)
def test_a_wrong_story_is_found_out(tmp_path: Path, profile: str) -> None:
    """Or the stories above would prove nothing."""
    wrong = Scenario("wrong", one(BUSY, billing=STOP), {0: {}, 42: {LAG: PENDING}, 43: {LAG: FIRING}, 70: {}}, 90)
    code, answers = run([wrong.write(profile, tmp_path)])
    assert code == 1
    assert answers["wrong.test.json"].startswith("FAILED")
    assert "time: 41m" in answers["wrong.test.json"]
