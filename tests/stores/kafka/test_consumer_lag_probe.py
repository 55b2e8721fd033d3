"""The child that looks who reads a topic runs our code alone, whatever lies in the folder that we stand in."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from provisioner.stores.kafka import consumer_lag_probe, consumer_notes
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.timeouts import Timeouts
from tests.fake import FakeCluster

TRAP = "import sys; open({trap!r}, 'a').write(__name__ + sys.stdin.read())\n"


def test_modules_of_the_working_folder_are_not_imported(
    fake: FakeCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trap = tmp_path / "trap"
    for name in ("json.py", "confluent_kafka.py", "sitecustomize.py", "provisioner/__init__.py", "usercustomize.py"):
        path = tmp_path / "here" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(TRAP.format(trap=str(trap)))
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("PYTHONPATH", f":{':'.join(path for path in sys.path if path)}")
    consumer_notes._usage(Connection(fake.bootstrap, {}, {}, lambda _: None), ["a.v1"])
    assert not trap.exists()


def test_the_probe_understands_what_it_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """It shares no type with us: a word that it did not know would be a note that is always missing."""
    questions: list[dict[str, Any]] = []

    def run(*_: object, **options: Any) -> subprocess.CompletedProcess[str]:
        questions.append(json.loads(options["input"]))
        return subprocess.CompletedProcess([], 0, '{"topics": {}, "unread_groups": 0, "silent_brokers": 0}')

    monkeypatch.setattr(subprocess, "run", run)
    consumer_notes._usage(Connection("127.0.0.1:1", {}, {}, print, timeouts=Timeouts(grace=7)), ["a.v1"])
    (question,) = questions
    probe = consumer_lag_probe.Probe(question["settings"], **question["seconds"])
    assert (question["topics"], probe.answer, probe.grace, probe.groups, probe.rate) == (["a.v1"], 5, 7, 20, 1)
