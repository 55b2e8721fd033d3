"""`--report NAME=FILE`: the result in files, too; what cannot be written is known before anything is done."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from provisioner import cli, opening
from provisioner.files import FileFault
from provisioner.report.formats import FORMATS
from provisioner.stores import report_file
from tests.scenarios.test_scenarios import HERE, Live, live

STORY = HERE / "plan-create"
COMMANDS = [
    "validate",
    "plan",
    "plan --cluster prod",
    "apply --cluster prod --yes",
    "drift",
    "import --cluster prod --team payments",
]
PAGE = Path(__file__).parents[2] / "docs/commands/plan.md"
BOTH = "--report json=reports/a.json --report text=reports/a.txt"


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(STORY / "topics", tmp_path / "topics")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def store(clone: Path, monkeypatch: pytest.MonkeyPatch) -> Live:
    """The cluster of the story."""
    made = live(STORY / "live.yaml")
    monkeypatch.setattr(opening, "kafka_topics", lambda *_: made)
    monkeypatch.setattr(opening, "record_log", lambda *_: None)
    return made


def ran(capsys: pytest.CaptureFixture[str], command: str) -> tuple[int, str, str]:
    code: Any = cli.main(command.split())
    printed = capsys.readouterr()
    return code, printed.out, printed.err


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("output", ["text", "json"])
def test_a_report_is_what_stdout_shows_in_that_format(
    clone: Path, store: Live, capsys: pytest.CaptureFixture[str], command: str, output: str
) -> None:
    """The plan of an apply included."""
    _, shown, _ = ran(capsys, f"{command} --output {output} {BOTH}")
    assert (clone / f"reports/a.{'txt' if output == 'text' else 'json'}").read_text("utf-8") == shown
    version = 2 if command.startswith("plan") else 1
    assert json.loads((clone / "reports/a.json").read_text("utf-8"))["format_version"] == version
    assert sorted(path.name for path in (clone / "reports").iterdir()) == ["a.json", "a.txt"]


@pytest.mark.parametrize("command", COMMANDS)
def test_problems_in_the_files_are_reported_too(
    clone: Path, store: Live, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    (clone / "topics/payments/orders.yaml").write_text("topics: [{name: 1}]\n")
    code, shown, _ = ran(capsys, f"{command} {BOTH}")
    assert code == 1
    assert json.loads((clone / "reports/a.json").read_text("utf-8"))["problems"]
    assert (clone / "reports/a.txt").read_text("utf-8") == shown


@pytest.mark.parametrize(
    ("report", "why"),
    [
        ("json", "--report json: NAME=FILE is wanted"),
        ("json=", "--report json=: NAME=FILE is wanted"),
        ("jsn=x", "did you mean 'json'?"),
        ("xml=x", "formats: text, json, gitlab-codequality"),
        ("json=topics", "--report json=topics: no regular file"),
        ("json=link", "--report json=link: a link is not followed here"),
        ("json=clone.txt/x", "--report json=clone.txt/x: "),
        ("json=x --report text=x", "--report text=x: another report goes there"),
    ],
)
def test_a_report_that_cannot_be_written_is_wrong_usage_and_nothing_is_done(
    clone: Path, store: Live, capsys: pytest.CaptureFixture[str], report: str, why: str
) -> None:
    """Not even a topic is made of what could not be reported; and the place is as it was."""
    (clone / "clone.txt").write_text("")
    (clone / "link").symlink_to("clone.txt")
    before = sorted(path.name for path in clone.iterdir())
    code, shown, err = ran(capsys, f"apply --cluster prod --yes --report {report}")
    assert (code, shown, why in err) == (64, "", True)
    assert store.state == live(STORY / "live.yaml").state
    assert sorted(path.name for path in clone.iterdir()) == before


def test_a_report_that_fails_in_the_end_is_said_and_keeps_back_no_other(
    clone: Path, store: Live, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk was filled meanwhile: what was done is shown, and the exit code is no success."""
    write = report_file.write

    def full(path: Path, text: str) -> None:
        if path.name == "a.json":
            raise FileFault(path, "unreadable", "No space left on device", "check the disk")
        write(path, text)

    monkeypatch.setattr(report_file, "write", full)
    code, shown, err = ran(capsys, f"apply --cluster prod --yes {BOTH}")
    assert (code, "Applied to prod: " in shown) == (1, True)
    assert "error: --report json=reports/a.json: No space left on device\n  = check the disk" in err
    assert (clone / "reports/a.txt").read_text("utf-8") == shown


def test_a_file_that_was_there_is_replaced_as_a_whole(
    clone: Path, store: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever reads it meanwhile has the old one to its end."""
    (clone / "a.json").write_text("old " * 10_000)
    with (clone / "a.json").open() as reader:
        ran(capsys, "plan --cluster prod --report json=a.json")
        assert reader.read() == "old " * 10_000
    assert json.loads((clone / "a.json").read_text("utf-8"))["cluster"] == "prod"


def test_a_closed_stdout_keeps_no_result_from_its_file(
    clone: Path, store: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`provisioner apply ... | head -1` ends in the middle of the text."""
    monkeypatch.setattr(cli.Terminal, "show", broken)
    monkeypatch.setattr(os, "dup2", lambda *_: None)
    assert cli.main(["plan", "--report", "text=a.txt"]) == 1
    assert "Plan: " in (clone / "a.txt").read_text("utf-8")


def broken(*_: object) -> None:
    raise BrokenPipeError


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("command", ["validate", "plan", "apply", "drift", "import"])
def test_the_help_names_each_format(capsys: pytest.CaptureFixture[str], command: str, name: str) -> None:
    """It is written out there, since looking the formats up would make it slow; so is it on the page."""
    with pytest.raises(SystemExit):
        cli.main([command, "--help"])
    assert name in "".join(capsys.readouterr().out.split())
    assert f"`{name}`" in PAGE.read_text("utf-8")
