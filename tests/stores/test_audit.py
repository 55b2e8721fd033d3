"""The audit file says what was sent, and what became of it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from provisioner.commands import recorded
from provisioner.reconcile import engine
from provisioner.reconcile.outcome import State
from provisioner.stores.audit import AuditFile
from tests.reconcile.test_engine import FLEET, House


def audited(path: Path, house: House) -> list[State]:
    plan, lanes = house.plan(FLEET), house.lanes(FLEET)
    audit = AuditFile(path, plan, {"commit": "abc", "user": "me"}, lambda: "2026-01-01T00:00:00.000+00:00")
    return [outcome.state for outcome in engine.apply(plan, lanes, audit)]


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_every_change_has_its_sending_and_its_end(tmp_path: Path) -> None:
    """In that order, with who, when, which plan, before and after."""
    path = tmp_path / "deep" / "audit.jsonl"
    audited(path, House())
    found = [line for line in lines(path) if (line["kind"], line["name"]) == ("topic", "a")]
    assert [line["event"] for line in found] == ["sending", "done"]
    assert found[0]["planned"]["partitions"] == {"before": None, "after": "3"}
    assert found[1]["seen"]["partitions"] == {"before": None, "after": "3"}
    assert {found[1][name] for name in ("commit", "user", "cluster")} == {"abc", "me", "prod"}


def test_lines_are_added_to_those_of_earlier_runs(tmp_path: Path) -> None:
    """Nothing is ever overwritten."""
    path = tmp_path / "audit.jsonl"
    audited(path, House())
    first = path.read_text()
    audited(path, House())
    assert path.read_text().startswith(first)


def test_nothing_is_sent_where_the_file_cannot_be_written(tmp_path: Path) -> None:
    """What is not on record is not done."""
    house = House()
    (tmp_path / "file").write_text("")
    assert set(audited(tmp_path / "file" / "audit.jsonl", house)) <= {State.STOPPED, State.SKIPPED}
    assert house.topics.state == {}


def test_outside_of_gitlab_git_knows_who_runs_it(tmp_path: Path) -> None:
    """The address of git's own configuration; the pipeline's user where there is one; the system's where neither is."""
    assert recorded.run_of(tmp_path, {"USER": "me"})["user"] == "me"
    for arguments in (["init", "-q"], ["config", "user.email", "ann@example.com"]):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True)
    assert recorded.run_of(tmp_path, {"USER": "me"})["user"] == "ann@example.com"
    assert recorded.run_of(tmp_path, {"GITLAB_USER_LOGIN": "bob"})["user"] == "bob"
