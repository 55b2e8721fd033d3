"""`--output json`: one JSON document and nothing else on stdout, whoever reads it and whatever it says."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from provisioner import cli
from tests.scenarios.test_scenarios import HERE

COMMANDS = [
    "validate",
    "plan",
    "plan --cluster prod",
    "apply --cluster prod --yes",
    "drift",
    "import --cluster prod --team payments",
]


@pytest.fixture(autouse=True)
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """GitLab's log shows colours though it is no terminal."""
    shutil.copytree(HERE / "plan-create/topics", tmp_path / "topics")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITLAB_CI", "true")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return tmp_path


def ran(capsys: pytest.CaptureFixture[str], command: str) -> tuple[int, str]:
    code: Any = cli.main(command.split())
    return code, capsys.readouterr().out


@pytest.mark.parametrize("command", COMMANDS)
def test_problems_in_the_files_are_json_too(clone: Path, capsys: pytest.CaptureFixture[str], command: str) -> None:
    """The same document for every command, alarming words and all."""
    (clone / "topics/payments/orders.yaml").write_text("topics: [{name: x.FAILED, 'error: ': 1}]\n")
    code, text = ran(capsys, f"{command} --output json")
    assert code == 1
    assert json.loads(text)["problems"]
    assert "\x1b" not in text


def test_what_people_read_has_colours_in_gitlab(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (clone / "topics/payments/orders.yaml").write_text("topics: [{name: x.FAILED, 'error: ': 1}]\n")
    assert "\x1b[31;1merror:" in ran(capsys, "validate")[1]
