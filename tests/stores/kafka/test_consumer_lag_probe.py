"""The child that looks who reads a topic runs our code alone, whatever lies in the folder that we stand in."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from provisioner.stores.kafka import consumer_notes
from provisioner.stores.kafka.connection import Connection
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
