"""`provisioner owners` in a real repository, and what `validate` says there with a base."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from provisioner import cli

GIT = ("git", "-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "init.defaultBranch=main")


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    here = tmp_path / "a clone #1"
    for team in ("payments", "platform"):
        (here / "kafka [all]/topics" / team).mkdir(parents=True)
        (here / "kafka [all]/topics" / team / "team.yaml").write_text(f'mention: "@{team}/leads"\n')
    (here / "kafka [all]/topics/clusters.yaml").write_text(
        'clusters:\n  prod: {bootstrap: "kafka:9092", cluster_id: any, team: platform}\n'
    )
    monkeypatch.chdir(here)
    git("init", "-q")
    return here


def git(*words: str) -> None:
    subprocess.run([*GIT, *words], check=True, capture_output=True)


def committed(message: str) -> None:
    git("add", "-A")
    git("commit", "-q", "-m", message)


RULES = ["/kafka\\ \\[all\\]/topics/ @platform/leads", "/kafka\\ \\[all\\]/topics/payments/ @payments/leads"]


def test_rules_say_the_way_from_the_top_wherever_the_command_is_run(
    clone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(clone / "kafka [all]")
    assert cli.main(["owners", "--write"]) == 0
    assert (clone / "CODEOWNERS").read_text("utf-8").splitlines()[2:4] == RULES
    assert "wrote ../CODEOWNERS" in capsys.readouterr().err
    monkeypatch.chdir(clone)
    assert cli.main(["owners", "kafka [all]/topics"]) == 0
    assert cli.main(["validate", "kafka [all]/topics"]) == 0
    assert "no problems" in capsys.readouterr().out


def test_with_a_base_todays_file_is_looked_at(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A merge request that changes who approves is told so; that the base was out of step is nothing of its own."""
    folder = "kafka [all]/topics"
    cli.main(["owners", folder, "--write"])
    committed("in step")
    (clone / folder / "payments/team.yaml").write_text('approvers: "@payments/heads"\n')
    capsys.readouterr()
    assert cli.main(["validate", folder, "--base", "HEAD"]) == 0
    assert "names others for 'kafka [all]/topics/payments/'" in capsys.readouterr().out
    committed("out of step")
    cli.main(["owners", folder, "--write"])
    capsys.readouterr()
    assert cli.main(["validate", folder, "--base", "HEAD"]) == 0
    assert "teams/codeowners" not in capsys.readouterr().out


def test_what_the_first_place_holds_decides_which_file_is_written(clone: Path) -> None:
    (clone / ".gitlab").mkdir()
    (clone / ".gitlab/CODEOWNERS").write_text("* @all")
    (clone / "docs").mkdir()
    (clone / "docs/CODEOWNERS").write_text("")
    assert cli.main(["owners", "kafka [all]/topics", "--write"]) == 0
    assert (clone / ".gitlab/CODEOWNERS").read_text() == "* @all"
    assert (clone / "docs/CODEOWNERS").read_text().startswith("# begin kafka-topic-provisioner")
    assert not (clone / "CODEOWNERS").exists()


def test_a_folder_whose_name_ends_a_line_is_refused(
    clone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It would begin a rule of its own."""
    (clone / "kafka [all]").rename(clone / "kafka\n* @attacker")
    assert cli.main(["owners", "kafka\n* @attacker/topics", "--write"]) == 64
    assert "cannot hold" in capsys.readouterr().err
    assert not (clone / "CODEOWNERS").exists()
