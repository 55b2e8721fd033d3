"""The stores that need no network keep the contract."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from provisioner.kinds.alerts import AlertSet
from provisioner.kinds.dashboard import Dashboard
from provisioner.kinds.topic import Topic
from provisioner.reconcile.lanes import Store
from provisioner.reconcile.model import Outcome, State
from provisioner.stores.dashboard_folder import DashboardFolderStore
from provisioner.stores.folder import Folder
from provisioner.stores.rule_folder import RuleFolder
from tests.contracts.contract import StoreContract
from tests.memory import MemoryStore


class TestMemory(StoreContract):
    @pytest.fixture(autouse=True)
    def _fresh(self) -> None:
        self.memory: MemoryStore[Topic] = MemoryStore()

    def store(self) -> Store[Any]:
        return self.memory

    def one(self) -> Mapping[str, Topic]:
        return {name: Topic(3, 3, {"retention.ms": "1"}) for name in "abc"}

    def other(self) -> Mapping[str, Topic]:
        return {name: Topic(6, 3, {}) for name in "abc"}


def rule(topic: str, lag: str) -> dict[str, Any]:
    labels = {"topic": topic, "severity": "page"}
    return {
        "alert": "KafkaConsumerLagHigh",
        "expr": f"vector(1) > 2\n# {lag}",
        "for": "2m",
        "labels": labels,
        "annotations": {"summary": lag},
    }


class TestRuleFolder(StoreContract):
    kind = "alerts"

    @pytest.fixture(autouse=True)
    def _fresh(self, tmp_path: Path) -> None:
        self.path = tmp_path / "rules"
        self.refuses = ""

    def store(self) -> RuleFolder:
        tell = lambda addresses: self.refuses or None  # noqa: E731
        return RuleFolder(Folder(self.path, "prod-alerts"), "prod", ["http://p"], check=lambda files: {}, tell=tell)

    def one(self) -> Mapping[str, AlertSet]:
        return {
            name: AlertSet(name, team, (rule(name, "10m"),)) for name, team in zip("abc", ("x", "x", "y"), strict=True)
        }

    def other(self) -> Mapping[str, AlertSet]:
        return {name: AlertSet(name, made.team, (rule(name, "5m"),)) for name, made in self.one().items()}

    def states(self, outcomes: list[Outcome]) -> set[State]:
        return {outcome.state for outcome in outcomes}

    def files(self) -> dict[str, str]:
        return {path.name: path.read_text() for path in self.path.glob("*.yml")}

    def test_a_failed_reload_puts_the_old_files_back(self) -> None:
        """Prometheus keeps what it had, and so does the folder."""
        self.apply(self.one())
        before = self.files()
        self.refuses = "prometheus did not take the rules"
        outcomes = self.apply(self.other())
        assert self.states(outcomes) == {State.FAILED}
        assert "the old files are back" in outcomes[0].comment
        assert self.files() == before
        self.refuses = ""
        assert self.states(self.apply(self.other())) == {State.DONE}

    def test_a_failed_first_reload_leaves_no_file(self) -> None:
        """What was not there before is not there after."""
        self.refuses = "no"
        self.apply(self.one())
        assert self.files() == {}

    def test_a_rule_changed_by_hand_is_drift(self) -> None:
        """The file itself is read where its hash is not the one we noted."""
        self.apply(self.one())
        for path in self.path.glob("*.yml"):
            path.write_text(path.read_text().replace("for: 2m", "for: 9h"))
        assert {change.key.name for change in self.plan(self.one()).changes} == set("abc")
        self.apply(self.one())
        assert self.plan(self.one()).changes == ()

    def test_a_broken_file_is_written_anew(self) -> None:
        """It costs nothing but the writing."""
        self.apply(self.one())
        for path in self.path.glob("*.yml"):
            path.write_text("groups: [")
        self.apply(self.one())
        assert self.plan(self.one()).changes == ()

    def test_a_lost_manifest_loses_no_rule(self) -> None:
        """Not even those of topics that this apply does not touch."""
        self.apply(self.one())
        (self.path / ".provisioner-prod-alerts.json").unlink()
        assert self.plan(self.one()).changes == ()
        self.apply({**self.one(), "a": self.other()["a"]})
        assert self.plan({**self.one(), "a": self.other()["a"]}).changes == ()

    def test_somebody_elses_file_stays(self) -> None:
        """Whatever its name."""
        self.path.mkdir()
        (self.path / "theirs.yml").write_text("groups: []\n")
        self.apply(self.one())
        self.apply(dict.fromkeys(self.one()))
        assert set(self.files()) == {"theirs.yml"}

    def test_what_promtool_refuses_is_refused_in_the_plan(self) -> None:
        """Only the alerts in that file."""
        store = self.store()
        store.check = lambda files: {name: "bad expression" for name in files if "+x" in name}
        lane = self.lane(self.one())
        store.read(list(self.one()))
        from dataclasses import replace

        from provisioner.reconcile import engine

        plan = engine.plan("prod", [replace(lane, store=store)])
        assert {change.key.name for change in plan.changes if change.refusals} == {"a", "b"}


class TestDashboardFolder(StoreContract):
    kind = "dashboard"

    @pytest.fixture(autouse=True)
    def _fresh(self, tmp_path: Path) -> None:
        self.path = tmp_path / "dashboards"

    def store(self) -> DashboardFolderStore:
        return DashboardFolderStore(Folder(self.path, "prod-dashboards"), "prod")

    def one(self) -> Mapping[str, Dashboard]:
        return {
            name: Dashboard(json.dumps({"title": name, "uid": "1", "panels": []}))
            for name in ("a.v1", "b.v1", "c" * 249)
        }

    def other(self) -> Mapping[str, Dashboard]:
        return {name: Dashboard(json.dumps({"title": f"{name}!", "uid": "1", "panels": []})) for name in self.one()}

    def test_files_lie_in_a_folder_named_after_the_cluster(self) -> None:
        """Two clusters may share the destination."""
        self.apply(self.one())
        assert (self.path / "prod" / "a.v1.json").is_file()
