"""What `plan --out` wrote is what `apply --plan` does, wherever it lives."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from provisioner import cli, opening
from tests.scenarios.test_scenarios import HERE, live

STORY = HERE / "plan-create"


def test_a_reviewed_plan_is_applied_with_its_alerts_and_dashboards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """They are at destinations of their own, and in the plan file by those."""
    shutil.copytree(STORY / "topics", tmp_path / "topics")
    monkeypatch.chdir(tmp_path)
    clusters = Path("topics/clusters.yaml")
    places = "".join(
        f"    {kind}: {{type: files, folder: {kind}, create: true}}\n" for kind in ("alerts", "dashboards")
    )
    clusters.write_text(clusters.read_text("utf-8") + places, "utf-8")
    store = live(STORY / "none.yaml")
    monkeypatch.setattr(opening, "kafka_topics", lambda *_: store)
    monkeypatch.setattr(opening, "record_log", lambda *_: None)
    assert cli.main(["plan", "--cluster", "prod", "--out", "plan.json"]) == 0
    capsys.readouterr()
    assert cli.main(["apply", "--cluster", "prod", "--yes", "--plan", "plan.json"]) == 0
    assert "1 topic created, 1 alert set created, 1 dashboard created" in capsys.readouterr().out
