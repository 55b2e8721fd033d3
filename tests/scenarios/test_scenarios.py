"""Whole stories: files in, a command, the complete output. `pytest --update-scenarios` rewrites expected.txt.

A scenario is a folder: `command` (the arguments), `topics/` (or what the command names), `live.yaml` (the topics of the
cluster, optional) and `expected.txt`, which reads like a screenshot: stdout, stderr lines behind `2> `, the exit code.
"""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from provisioner import cli, wiring
from provisioner.kinds.topic import Topic
from provisioner.reconcile.model import Observed, Reading
from provisioner.stores.memory import MemoryStore

HERE = Path(__file__).parent
SCENARIOS = sorted(path.parent for path in HERE.glob("*/command"))


class Live(MemoryStore[Topic]):
    """A cluster in memory that knows its id."""

    def read(self, names: Any) -> Reading[Topic]:
        reading = super().read(names)
        return Reading(reading.found, reading.unsure, unmanaged=reading.unmanaged, source="sandbox-cluster-id")


def live(path: Path) -> Live:
    told = yaml.safe_load(path.read_text("utf-8")) if path.exists() else {}
    topics = {name: _topic(data, f"id-of-{name}") for name, data in (told.get("topics") or {}).items()}
    return Live(
        {name: Observed(topic, topic.topic_id) for name, topic in topics.items()}, unsure=told.get("unsure") or {}
    )


def _topic(data: dict[str, Any], topic_id: str) -> Topic:
    config, inherited = ({k: str(v) for k, v in data.get(part, {}).items()} for part in ("config", "inherited"))
    return Topic(data.get("partitions", 3), data.get("replicas", 3), config, inherited=inherited, topic_id=topic_id)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda path: path.name)
def test_scenario(
    scenario: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], request: Any
) -> None:
    """The command prints exactly what its expected.txt shows."""
    shutil.copytree(scenario, tmp_path / "here")
    monkeypatch.chdir(tmp_path / "here")
    for name in ("GITLAB_CI", "NO_COLOR", "KAFKA_USER", "KAFKA_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    store = live(scenario / "live.yaml")
    monkeypatch.setattr(wiring, "kafka_topics", lambda catalog, bench: store)
    shown = "\n".join(_ran(line, capfd) for line in (scenario / "command").read_text("utf-8").splitlines())
    if request.config.getoption("--update-scenarios"):
        (scenario / "expected.txt").write_text(shown, "utf-8")
    assert shown == (scenario / "expected.txt").read_text("utf-8")


def _ran(line: str, capfd: pytest.CaptureFixture[str]) -> str:
    try:
        code: Any = cli.main(shlex.split(line))
    except SystemExit as stop:
        code = stop.code
    out, err = capfd.readouterr()
    told = "".join(f"2> {each}\n" for each in err.splitlines())
    return _timeless(f"$ provisioner {line}\n{out}{told}exit {code}\n")


def _timeless(text: str) -> str:
    import re

    text = re.sub(r"; \d+\.\d s\.", "; 0.0 s.", text)
    return re.sub(r"digest [0-9a-f]{16}", "digest (16 hex digits)", text)


def test_there_are_scenarios() -> None:
    """An empty folder would pass for the wrong reason."""
    assert len(SCENARIOS) > 5
