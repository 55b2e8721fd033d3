"""Alerts and dashboards on record: what somebody edited stands, what is missing comes back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from provisioner import cli, opening
from tests.memory import MemoryLog
from tests.scenarios.test_scenarios import Live

CLUSTERS = """\
clusters:
  prod:
    bootstrap: kafka:9092
    cluster_id: sandbox-cluster-id
    alerts: {type: files, folder: rules, create: true}
    dashboards: {type: files, folder: boards, create: true}
"""
RULES = Path("rules/kafka-prod+pay.yml")

Run = Callable[..., tuple[int, str]]


def declare(**lags: str) -> None:
    """Topics of one team, so that their alerts share a file."""
    entries = "".join(f"  - {{name: {name}.v1, lag: {lag}}}\n" for name, lag in lags.items())
    for name, text in {
        "clusters.yaml": CLUSTERS,
        "pay/team.yaml": 'chat: "#pay"\n',
        "pay/t.yaml": "topics:\n" + entries,
    }.items():
        path = Path("topics", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """One command against a cluster and a record in memory."""
    monkeypatch.chdir(tmp_path)
    store, log = Live(), MemoryLog(exists=False, cluster_id="sandbox-cluster-id")
    monkeypatch.setattr(opening, "kafka_topics", lambda *_: store)
    monkeypatch.setattr(opening, "record_log", lambda *_: log.door())

    def ran(command: str, *more: str) -> tuple[int, str]:
        code = cli.main([command, "--cluster", "prod", *more])
        return code, capsys.readouterr().out

    return ran


def edited() -> None:
    """Somebody silences one alert by hand."""
    text = RULES.read_text("utf-8")
    assert "for: 2m" in text
    RULES.write_text(text.replace("for: 2m", "for: 99m", 1), "utf-8")


def test_an_edited_alert_stands_and_is_told(run: Run) -> None:
    """Also in the run that changes another alert of its file, and in those after it."""
    declare(a="10m", b="10m")
    assert run("apply", "--yes")[0] == 0
    edited()
    assert "1 standing difference" in run("apply", "--yes")[1]
    declare(a="10m", b="20m")
    code, text = run("apply", "--yes")
    assert (code, "1 alert set updated" in text, "for: 99m" in RULES.read_text("utf-8")) == (0, True, True), text
    declare(a="10m", b="30m")
    assert run("apply", "--yes")[0] == 0
    assert "for: 99m" in RULES.read_text("utf-8")
    code, text = run("drift")
    assert (code, "changed by hand" in text) == (2, True)


def test_an_edited_alert_that_the_files_ask_otherwise_is_written_over_and_said(run: Run) -> None:
    """The plan says whose work goes."""
    declare(a="10m")
    run("apply", "--yes")
    edited()
    declare(a="20m")
    text = run("plan")[1]
    assert "edited by hand since it was applied: that is written over" in text
    run("apply", "--yes")
    assert "for: 99m" not in RULES.read_text("utf-8")


def test_an_edited_alert_goes_back_by_name(run: Run) -> None:
    """`--scope all --topic`."""
    declare(a="10m")
    run("apply", "--yes")
    edited()
    assert run("apply", "--yes", "--scope", "all", "--topic", "a.v1")[0] == 0
    assert "for: 99m" not in RULES.read_text("utf-8")


def test_a_missing_file_of_alerts_comes_back(run: Run) -> None:
    """Nobody deletes an alert as a fix."""
    declare(a="10m")
    run("apply", "--yes")
    RULES.unlink()
    assert "1 alert set created" in run("apply", "--yes")[1]


def test_a_new_form_of_ours_waits_before_an_edited_alert(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """And is written where nobody edited."""
    declare(a="10m", b="10m")
    run("apply", "--yes")
    edited()
    monkeypatch.setattr("provisioner.kinds.rendering.FORM", 99)
    monkeypatch.setattr("provisioner.kinds.alert_rules.go_template", lambda text: f"{text}".replace("#pay", "#room"))
    code, text = run("apply", "--yes")
    assert (code, "for: 99m" in RULES.read_text("utf-8"), "#room" in RULES.read_text("utf-8")) == (0, True, True), text


def test_two_repositories_share_a_folder(run: Run) -> None:
    """Each has files and a manifest of its own, and prunes nothing of the other."""
    declare(a="10m")
    run("apply", "--yes")
    Path("topics/pay/t.yaml").write_text("topics:\n  - {name: other.v1}\n")
    clusters = Path("topics/clusters.yaml")
    clusters.write_text("repository: platform-topics\n" + clusters.read_text("utf-8"), "utf-8")
    code, text = run("apply", "--yes")
    assert (code, "deleted" in text) == (0, False), text
    assert RULES.exists()
    assert Path("boards/prod/a.v1.json").exists()
    assert sorted(path.name for path in Path("rules").glob("kafka*")) == [
        "kafka-platform-topics%40prod+pay.yml",
        "kafka-prod+pay.yml",
    ]
