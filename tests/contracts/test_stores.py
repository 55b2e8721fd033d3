"""The stores that need no network keep the contract."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from provisioner.kinds import ALERTS, DASHBOARDS
from provisioner.kinds.alert_set import AlertSet
from provisioner.kinds.board_file import Dashboard
from provisioner.kinds.topic_spec import TopicSpec
from provisioner.problem import Span
from provisioner.reconcile import engine
from provisioner.reconcile.lanes import Lane, Store
from provisioner.reconcile.model import Wanted
from provisioner.reconcile.on_demand import Deferred
from provisioner.reconcile.outcome import Outcome, State
from provisioner.stores import dashboard_folder
from provisioner.stores.dashboard_folder import DashboardFolderStore
from provisioner.stores.prometheus import Reloaded
from provisioner.stores.rule_folder import RuleFolder, folder
from tests.contracts.contract import Quiet, StoreContract
from tests.memory import MemoryStore


class TestMemory(StoreContract):
    @pytest.fixture(autouse=True)
    def _fresh(self) -> None:
        self.memory: MemoryStore[TopicSpec] = MemoryStore()

    def store(self) -> Store[Any]:
        return self.memory

    def one(self) -> Mapping[str, TopicSpec]:
        return {name: TopicSpec(3, 3, {"retention.ms": "1"}) for name in "abc"}

    def other(self) -> Mapping[str, TopicSpec]:
        return {name: TopicSpec(6, 3, {}) for name in "abc"}


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
        self.refuses, self.silent, self.known = "", "", ""
        self.lacks: str | None = None

    def store(self) -> RuleFolder:
        place, servers = folder(self.path, "prod", create=True), ["http://p", "http://q"]
        return RuleFolder(place, "prod", servers, lambda files: {}, self._tell, lambda servers, files: self.lacks)

    def _tell(self, servers: Sequence[str]) -> Reloaded:
        """Both refuse, or the second one is silent, or both take the rules."""
        if self.refuses:
            return Reloaded(refused=(self.refuses,))
        return Reloaded(("http://p",), silent=(self.silent,)) if self.silent else Reloaded(tuple(servers))

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

    def test_a_reload_that_nobody_confirmed_is_done_again_by_the_next_run(self) -> None:
        """Also where that run was killed between the new files and the reload."""
        self.apply(self.one())
        store = self.store()
        store.folder.load()
        file = "kafka-prod+x.yml"
        text = (store.folder.text(file) or "").replace("2m", "3m")
        store.folder.replace({file: text}, awaiting=True)
        waiting = {
            name: AlertSet(name, each.team, ({**each.rules[0], "for": "3m"},)) for name, each in self.one().items()
        }
        waiting["c"] = self.one()["c"]
        plan = self.plan(waiting)
        assert {(c.key.name, *(f.field for f in c.fields)) for c in plan.changes} == {("a", "loaded"), ("b", "loaded")}
        assert self.states(self.apply(waiting)) == {State.DONE}
        assert self.plan(waiting).changes == ()

    def test_a_removed_file_that_nobody_confirmed_is_told_by_the_others(self) -> None:
        """Prometheus may still have its rules."""
        self.apply(self.one())
        store = self.store()
        store.folder.load()
        store.folder.replace({"kafka-prod+y.yml": None}, awaiting=True)
        left = {name: each for name, each in self.one().items() if name != "c"}
        assert {change.key.name for change in self.plan(left).changes} == {"a", "b"}
        assert self.states(self.apply(left)) == {State.DONE}
        assert self.plan(left).changes == ()

    def test_a_failed_reload_that_is_rolled_back_and_not_confirmed_is_done_again(self) -> None:
        self.apply(self.one())
        self.refuses = "no answer"
        self.apply(self.other())
        self.refuses = ""
        assert {change.key.name for change in self.plan(self.one()).changes} == set("abc")
        assert self.states(self.apply(self.one())) == {State.DONE}
        assert self.plan(self.one()).changes == ()

    def test_a_silent_server_beside_one_that_took_the_rules_is_a_warning(self) -> None:
        """Half of a pair is down: the rules are in force, and the other half is told by the next run."""
        self.silent = "http://q cannot be reached"
        outcomes = self.apply(self.one())
        assert {(outcome.state, outcome.comment) for outcome in outcomes} == {(State.DONE, self.silent)}
        assert {(c.key.name, *(f.field for f in c.fields)) for c in self.plan(self.one()).changes} == {
            (name, "loaded") for name in "abc"
        }
        self.silent = ""
        assert self.states(self.apply(self.one())) == {State.DONE}
        assert self.plan(self.one()).changes == ()

    def test_rules_that_no_server_lists_are_not_done(self) -> None:
        """A reload succeeds as well where rule_files: names another folder."""
        self.lacks = "http://p was reloaded, and does not have the rules"
        outcomes = self.apply(self.one())
        assert {(outcome.state, outcome.comment) for outcome in outcomes} == {(State.FAILED, self.lacks)}
        assert self.plan(self.one()).changes != ()
        self.lacks = None
        assert self.states(self.apply(self.one())) == {State.DONE}
        assert self.plan(self.one()).changes == ()

    def test_a_file_is_what_it_holds_and_not_what_the_manifest_says_of_it(self) -> None:
        """A hash that fits is no proof that the alerts are in it."""
        self.apply(self.one())
        store = self.store()
        store.folder.load()
        store.folder.replace({"kafka-prod+x.yml": "groups: []\n"})
        assert {change.key.name for change in self.plan(self.one()).changes} == {"a", "b"}

    def test_two_applies_at_once_lose_nothing_of_each_other(self) -> None:
        """Both read before either writes; the alerts of one team lie in one file."""
        first, second = self.store(), self.store()
        for store in (first, second):
            store.read(list(self.one()))
        changes = self.plan(self.one()).changes
        for store, change in zip((first, second), changes, strict=False):
            assert self.states(list(store.write([change]))) == {State.DONE}
        left = {change.key.name for change in self.plan(self.one()).changes}
        assert left == {change.key.name for change in changes[2:]}

    def test_a_full_disk_is_named_as_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.apply(self.one())

        def full(handle: int) -> None:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            outcomes = self.apply(self.other())
        assert self.states(outcomes) == {State.FAILED}
        assert "No space left on device; the old files stay" in outcomes[0].comment
        assert self.plan(self.one()).changes == ()

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

    def of(self, *inputs: str) -> Lane[AlertSet]:
        """The alerts as of these inputs; making any that is known already fails."""
        digests = dict(zip("abc", inputs, strict=True))

        def made(name: str) -> AlertSet:
            assert digests[name] not in self.known, f"{name} was rendered for nothing"
            return replace(self.one()[name], rules=(rule(name, digests[name]),))

        wanted = {
            name: Wanted(Deferred(partial(made, name)), Span("x.yaml"), inputs=digest * 32)
            for name, digest in digests.items()
        }
        return Lane(ALERTS, wanted, self.store())

    def test_what_is_made_of_the_same_is_not_made_again(self) -> None:
        """Nor is a file taken apart that nothing of is to change."""
        self.known = ""
        apart: list[str] = []
        lane = self.of(*"111")
        assert self.states(list(engine.apply(engine.plan("prod", [lane]), [lane], Quiet()))) == {State.DONE}
        self.known = "1"
        lane = self.of(*"112")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("provisioner.kinds.rule_files.unpack", lambda text: apart.append(text) or {})
            plan = engine.plan("prod", [self.of(*"111")])
        assert (plan.changes, apart) == ((), [])
        plan = engine.plan("prod", [lane])
        assert [change.key.name for change in plan.changes] == ["c"]
        assert self.states(list(engine.apply(plan, [lane], Quiet()))) == {State.DONE}
        self.known = "12"
        assert engine.plan("prod", [self.of(*"112")]).changes == ()

    @pytest.mark.parametrize("noted", ["", "2" * 32])
    def test_what_was_found_to_be_as_wanted_need_not_be_made_by_the_next_run(self, noted: str) -> None:
        """After another release, or a template whose new text changes nothing: of the other topics nothing is lost."""
        lane = self.of(*"111")
        list(engine.apply(engine.plan("prod", [lane]), [lane], Quiet()))
        place = self.path / ".provisioner-prod-alerts.json"
        place.write_text(place.read_text().replace(f'"a": "{"1" * 32}"', f'"a": "{noted}"'))
        before = self.files()
        lane = self.of(*"111")
        plan = engine.plan("prod", [lane])
        assert (plan.changes, {key.name for key in plan.recognized}) == ((), {"a"})
        assert list(engine.apply(plan, [lane], Quiet())) == []
        self.known = "1"
        assert engine.plan("prod", [self.of(*"111")]).recognized == {}
        assert self.files() == before

    def test_what_another_run_wrote_meanwhile_is_not_taken_for_what_was_read(self) -> None:
        """It may be made of something else."""
        lane = self.of(*"111")
        list(engine.apply(engine.plan("prod", [lane]), [lane], Quiet()))
        store = self.store()
        store.read("abc")
        self.apply(self.other())
        store.remember({"a": "1" * 32})
        self.known = ""
        assert {change.key.name for change in engine.plan("prod", [self.of(*"111")]).changes} == set("abc")

    def test_a_change_that_is_hidden_in_the_manifest_as_well_is_found_by_drift(self) -> None:
        """A plan goes by hashes and digests; whoever wrote the rule could write those."""
        lane = self.of(*"111")
        list(engine.apply(engine.plan("prod", [lane]), [lane], Quiet()))
        store = self.store()
        store.folder.load()
        file, noted = "kafka-prod+x.yml", store.folder.noted
        text = (store.folder.text(file) or "").replace("for: 2m", "for: 9h")
        store.folder.replace({file: text}, inputs=noted.inputs)
        lane = self.of(*"111")
        assert engine.plan("prod", [lane]).changes == ()
        assert {change.key.name for change in engine.differences("prod", [lane]).changes} == {"a", "b"}

    def test_only_the_files_that_change_are_shown_to_promtool(self) -> None:
        """Two hundred teams' files are not checked for one team's change."""
        self.apply(self.one())
        shown: list[str] = []
        store = self.store()
        store.check = lambda files: {name: "" for name in files if shown.append(name)}  # type: ignore[func-returns-value]
        engine.plan("prod", [replace(self.lane({**self.one(), "c": self.other()["c"]}), store=store)])
        assert shown == ["kafka-prod+y.yml"]

    def test_a_topic_in_the_files_of_two_teams_is_put_right(self) -> None:
        """As after a kill between the two files of a topic that moved."""
        self.apply(self.one())
        moved = {**self.one(), "a": replace(self.one()["a"], team="y")}
        text = (self.path / "kafka-prod+x.yml").read_text()
        self.apply(moved)
        (self.path / "kafka-prod+x.yml").write_text(text)
        assert {change.key.name for change in self.plan(moved).changes} == {"a"}
        self.apply(moved)
        assert "topic: a" not in self.files()["kafka-prod+x.yml"]
        assert self.plan(moved).changes == ()

    def test_what_promtool_refuses_is_refused_in_the_plan(self) -> None:
        """Only the alerts in that file."""
        store = self.store()
        store.check = lambda files: {name: "bad expression" for name in files if "+x" in name}
        lane = self.lane(self.one())
        store.read(list(self.one()))
        plan = engine.plan("prod", [replace(lane, store=store)])
        assert {change.key.name for change in plan.changes if change.refusals} == {"a", "b"}


class TestDashboardFolder(StoreContract):
    kind = "dashboard"

    @pytest.fixture(autouse=True)
    def _fresh(self, tmp_path: Path) -> None:
        self.path = tmp_path / "dashboards"

    def store(self) -> DashboardFolderStore:
        return DashboardFolderStore(dashboard_folder.folder(self.path, "prod", create=True), "prod")

    def one(self) -> Mapping[str, Dashboard]:
        return {
            name: Dashboard(json.dumps({"title": name, "uid": "1", "panels": []}))
            for name in ("a.v1", "b.v1", "c" * 249)
        }

    def other(self) -> Mapping[str, Dashboard]:
        return {name: Dashboard(json.dumps({"title": f"{name}!", "uid": "1", "panels": []})) for name in self.one()}

    def of(self, digest: str) -> Lane[Dashboard]:
        wanted = {
            name: Wanted(Deferred(partial(self._made, name)), Span("x.yaml"), inputs=digest * 32) for name in self.one()
        }
        return Lane(DASHBOARDS, wanted, self.store())

    def _made(self, name: str) -> Dashboard:
        self.renderings.append(name)
        return self.one()[name]

    def test_what_was_found_to_be_as_wanted_need_not_be_made_by_the_next_run(self) -> None:
        """Its file is as it was; only the note of what it is made of is new."""
        self.apply(self.one())
        for made in (sorted(self.one()), []):
            self.renderings: list[str] = []
            lane = self.of("1")
            plan = engine.plan("prod", [lane])
            assert (plan.changes, sorted(self.renderings)) == ((), made)
            assert list(engine.apply(plan, [lane], Quiet())) == []

    def test_files_lie_in_a_folder_named_after_the_cluster(self) -> None:
        """Two clusters may share the destination."""
        self.apply(self.one())
        assert (self.path / "prod" / "a.v1.json").is_file()
