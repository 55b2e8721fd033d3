"""A new version is a merge request: its pipeline renders both sides, each with its own, and says what differs."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from tests import test_pipeline
from tests.pipeline import gitlab_ci
from tests.pipeline.company import PERSON, git
from tests.pipeline.gitlab_ci import ROOT

EXPRESSION = '> << metric.log_start or "0" | verbatim >>'


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A clone of our example fleet with the templates that it has, which keeps what its jobs leave out of git."""
    origin, folder = tmp_path / "origin", tmp_path / "clone"
    for name in ("topics", "alert_templates", "dashboards"):
        shutil.copytree(ROOT / name, origin / name)
    shutil.copy(ROOT / ".gitlab-ci.yml", origin)
    (origin / ".gitignore").write_text("build\n.gitlab-ci-local*\nupgrade.*\n", "utf-8")
    git(origin, "init", "-q", "-b", "main")
    git(origin, "add", ".")
    git(origin, *PERSON, "commit", "-q", "-m", "Our topics")
    git(tmp_path, "clone", "-q", str(origin), str(folder))
    return folder


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """The programs of an image that has both versions: what differs here is the templates that each finds."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("provisioner", "provisioner-base"):
        script = f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m provisioner "$@"\n'
        (programs / name).write_text(script, "utf-8")
        (programs / name).chmod(0o755)
    return programs


def reviewed(checkout: Path, image: Path, template: str) -> gitlab_ci.Ran:
    """The job `upgrade` of a merge request that has this for the template of the lag alert."""
    git(checkout, "checkout", "-q", "-b", "new-version")
    (checkout / "alert_templates/consumer_lag.yaml").write_text(template, "utf-8")
    git(checkout, *PERSON, "commit", "-q", "-a", "-m", "Another lag alert")
    variables = {**test_pipeline.OURS, **test_pipeline.MERGE_REQUEST, "PATH": f"{image}:/usr/local/bin:/usr/bin:/bin"}
    return gitlab_ci.run(checkout, variables, "upgrade")


def test_a_template_that_changes_is_one_line_in_the_merge_request(checkout: Path, image: Path) -> None:
    """In the job's log, in the files that it leaves, and with an example."""
    before = (checkout / "alert_templates/consumer_lag.yaml").read_text("utf-8")
    ran = reviewed(checkout, image, before.replace(EXPRESSION, f">= {EXPRESSION[2:]}"))
    assert "upgrade" in ran.passed, ran.text
    line = "consumer_lag: expression changed, 8 alerts, 3 teams"
    assert line in ran.text
    assert (checkout / "upgrade.txt").read_text("utf-8") == f"~ {line}\n"
    told = json.loads((checkout / "upgrade.json").read_text("utf-8"))
    assert told["lines"] == [line]
    assert any(row.startswith("+ ") and ">= " in row for row in told["templates"][0]["examples"][0]["diff"])


def test_a_version_that_cannot_render_leaves_a_file_that_says_so(checkout: Path, image: Path) -> None:
    """Empty: the note then says that nothing was compared, and no red job stands in the way."""
    ran = reviewed(checkout, image, "name: consumer_lag\n")
    assert "upgrade" in ran.warned, ran.text
    assert (checkout / "upgrade.json").read_text("utf-8") == ""
