"""A folder of compact rules keeps the contract, also for what all its files share."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from provisioner.kinds.alert_set import AlertSet
from provisioner.reconcile.outcome import State
from provisioner.stores.prometheus import Reloaded
from provisioner.stores.rule_folder import RuleFolder, folder
from tests.contracts.contract import StoreContract

SHARED = "kafka-prod+#.yml"


def rule(topic: str, lag: str) -> dict[str, Any]:
    return {
        "alert": "KafkaConsumerLagHigh",
        "expr": f"vector(1) > 2\n# {lag}",
        "for": "2m",
        "labels": {"kafka_cluster": "prod", "severity": "page", "topic": topic},
        "annotations": {"chat": f"#{topic}", "summary": lag},
        "joins": "topic",
    }


class TestCompactRuleFolder(StoreContract):
    kind = "alerts"

    @pytest.fixture(autouse=True)
    def _fresh(self, tmp_path: Path) -> None:
        self.path = tmp_path / "rules"
        self.complaints: dict[str, str] = {}
        self.refuses = ""
        self.counted: dict[str, int] = {}

    def store(self) -> RuleFolder:
        return RuleFolder(
            folder(self.path, "prod", create=True),
            "prod",
            ["http://p"],
            lambda files: {name: why for name, why in self.complaints.items() if name in files},
            lambda servers: Reloaded(refused=(self.refuses,)) if self.refuses else Reloaded(tuple(servers)),
            self._lacking,
        )

    def _lacking(self, _servers: Any, wanted: Mapping[str, int]) -> None:
        self.counted = dict(wanted)

    def one(self) -> Mapping[str, AlertSet]:
        return {
            name: AlertSet(name, team, (rule(name, "10m"),)) for name, team in zip("abc", ("x", "x", "y"), strict=True)
        }

    def other(self) -> Mapping[str, AlertSet]:
        return {name: AlertSet(name, made.team, (rule(name, "5m"),)) for name, made in self.one().items()}

    def shared(self) -> str:
        return (self.path / SHARED).read_text()

    def test_a_class_stays_while_another_file_names_it(self) -> None:
        """And goes with the last one that does."""
        self.apply(self.one())
        mixed = {**self.one(), "c": self.other()["c"]}
        self.apply(mixed)
        assert self.plan(mixed).changes == ()
        assert "# 10m" in self.shared()
        assert "# 5m" in self.shared()
        self.apply(self.other())
        assert "# 10m" not in self.shared()

    def test_the_shared_file_goes_with_the_last_alert(self) -> None:
        """Nothing of ours is left."""
        self.apply(self.one())
        self.apply(dict.fromkeys(self.one()))
        assert list(self.path.glob("*.yml")) == []

    @pytest.mark.parametrize("text", [None, "", "groups: []\n", "{"])
    def test_a_broken_shared_file_concerns_every_topic(self, text: str | None) -> None:
        """It is written anew."""
        self.apply(self.one())
        if text is None:
            (self.path / SHARED).unlink()
        else:
            (self.path / SHARED).write_text(text)
        assert {change.key.name for change in self.plan(self.one()).changes} == {"a", "b", "c"}
        assert {outcome.state for outcome in self.apply(self.one())} == {State.DONE}
        assert self.plan(self.one()).changes == ()

    def test_a_refused_class_refuses_all_that_use_it(self) -> None:
        """With the name of the file that has it."""
        self.complaints = {SHARED: "parse error"}
        plan = self.plan(self.one())
        assert [SHARED in change.refusals[0].reason for change in plan.changes] == [True] * 3

    def test_a_failed_reload_puts_the_shared_file_back(self) -> None:
        """With the others."""
        self.apply(self.one())
        before = self.shared()
        self.refuses = "no"
        assert {outcome.state for outcome in self.apply(self.other())} == {State.FAILED}
        assert self.shared() == before
        self.refuses = ""
        assert {outcome.state for outcome in self.apply(self.one())} == {State.DONE}
        assert self.shared() == before

    def test_an_unconfirmed_shared_file_is_told_for_every_topic(self) -> None:
        """Its rules are those of all."""
        self.apply(self.one())
        store = self.store()
        store.folder.load()
        store.folder.replace({SHARED: self.shared() + "\n"}, awaiting=True)
        assert {change.key.name for change in self.plan(self.one()).changes} == {"a", "b", "c"}

    def test_prometheus_is_asked_for_every_file(self) -> None:
        """Records count: it lists them, too. Here every topic has a policy of its own."""
        self.apply(self.one())
        assert self.counted == {"kafka-prod+x.yml": 4, "kafka-prod+y.yml": 2, SHARED: 2}
