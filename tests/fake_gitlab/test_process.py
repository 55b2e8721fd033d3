"""The fake as a process: what end-to-end tests have."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.fake_gitlab.project import TOKEN

ROOT = Path(__file__).parents[2]


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    words = [sys.executable, "-m", "tests.fake_gitlab", "--state", str(tmp_path / "state"), "--port", "0"]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield process.stdout.readline().strip()
        process.terminate()
        process.wait()


def test_what_was_posted_is_in_its_file(url: str, tmp_path: Path) -> None:
    document = {"title": "x", "description": "/close\n```\n/close\n```"}
    asked = requests.post(f"{url}/projects/1/issues", json=document, headers={"PRIVATE-TOKEN": TOKEN}, timeout=30)
    assert asked.status_code == 201
    kept = json.loads((tmp_path / "state/state.json").read_text("utf-8"))
    assert [each["title"] for each in kept["issues"]] == ["x"]
    assert kept["quick_actions"] == ["/close"]


def test_it_is_told_its_state_and_its_faults_from_outside(url: str) -> None:
    root = url.removesuffix("/api/v4")
    requests.put(f"{root}/_fake/faults", json={"faults": [{"do": "fails", "times": 1, "status": 500}]}, timeout=30)
    requests.put(f"{root}/_fake/state", json={"commits": [{"id": "abc", "parent_ids": []}]}, timeout=30)
    path, token = f"{url}/projects/1/repository/commits/abc", {"PRIVATE-TOKEN": TOKEN}
    assert [requests.get(path, headers=token, timeout=30).status_code for _ in range(2)] == [500, 200]
    assert requests.get(f"{root}/_fake/state", timeout=30).json()["commits"][0]["id"] == "abc"
