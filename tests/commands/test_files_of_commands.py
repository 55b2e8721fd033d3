"""Files that the command line names, where a merge request put something else in their place."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from provisioner import cli, opening
from provisioner.report import planfile
from tests.scenarios.test_scenarios import HERE, live

STORY = HERE / "plan-create"


@pytest.fixture(autouse=True)
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone, and a file beside it that is nobody's business."""
    shutil.copytree(STORY, tmp_path / "here")
    (tmp_path / "victim").write_text("victim")
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr(opening, "kafka_topics", lambda *_: live(STORY / "live.yaml"))
    monkeypatch.setattr(opening, "record_log", lambda *_: None)
    return tmp_path / "here"


def ran(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code: Any = cli.main(list(arguments))
    return code, "".join(capsys.readouterr())


def test_a_link_in_the_place_of_the_plan_is_not_written_through(
    clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (clone / "plan.json").symlink_to("../victim")
    code, text = ran(capsys, "plan", "--cluster", "prod", "--out", "plan.json")
    assert (code, "--out plan.json: a link is not followed here" in text) == (64, True)
    assert (clone.parent / "victim").read_text() == "victim"


@pytest.mark.parametrize("place", ["link", "pipe", "folder", "device"])
def test_a_plan_is_read_from_a_regular_file_alone(clone: Path, capsys: pytest.CaptureFixture[str], place: str) -> None:
    path = clone / "plan.json"
    if place == "link":
        path.symlink_to("../victim")
    elif place == "pipe":
        os.mkfifo(path)
    elif place == "folder":
        path.mkdir()
    else:
        path = Path("/dev/zero")
    code, text = ran(capsys, "apply", "--yes", "--cluster", "prod", "--plan", str(path))
    assert (code, "cannot be read" in text) == (64, True)


def test_a_plan_larger_than_one_can_be_is_not_read(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ran(capsys, "plan", "--cluster", "prod", "--out", "plan.json")
    monkeypatch.setattr(planfile, "MAX_BYTES", 100)
    code, text = ran(capsys, "apply", "--yes", "--cluster", "prod", "--plan", "plan.json")
    assert (code, "cannot be read" in text) == (64, True)
    code, text = ran(capsys, "plan", "--cluster", "prod", "--out", "plan.json")
    assert (code, "one --lane at a time" in text) == (64, True)


@pytest.mark.parametrize("name", ["audit.jsonl", "build"])
def test_an_audit_file_that_is_a_link_keeps_the_run_from_sending(
    clone: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """Nothing is changed of which no line can be written."""
    (clone / name).symlink_to("../victim" if name != "build" else "..")
    options = ["--audit", name] if name != "build" else []
    code, text = ran(capsys, "apply", "--yes", "--cluster", "prod", *options)
    assert (code, "cannot be written: a link is not followed here" in text) == (1, True)
    assert (clone.parent / "victim").read_text() == "victim"
    assert not (clone.parent / "audit").exists()
