"""Replication factors that one run begins and later ones end, by the command line, on a fake cluster."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from provisioner import cli, opening
from provisioner.commands import waiting
from provisioner.commands.waiting import Patience
from provisioner.errors import UnreachableError
from provisioner.moves.look import Look
from provisioner.reconcile import record
from provisioner.stores.kafka.moving.looking import Factors
from provisioner.stores.kafka.moving.mover import Mover
from provisioner.stores.kafka.timeouts import Timeouts
from tests.fake import FakeCluster
from tests.fake.reassignments import finish
from tests.fake.state import Move
from tests.memory import MemoryLog

QUICK = replace(
    Timeouts(), read=3, send=3, visible=3, lease=2, again_pause=0.05, retry_pause=(0.05, 0.2), look_pause=(0.02, 0.1)
)


@dataclass
class World:
    """`run` is the command line in a pipeline: nothing is waited for."""

    run: Callable[..., tuple[int, str]]
    fake: FakeCluster
    log: MemoryLog

    @property
    def moving(self) -> set[str]:
        return {name for name, _ in self.fake.state.moving}

    def kinds(self, name: str) -> set[str]:
        """What the record has of a topic."""
        words = (record.decoded(raw) for raw in self.log.door().read().values)
        return {word[1].kind for word in words if word and word[1].name == name}

    def is_clean(self) -> bool:
        """No throttle, nothing noted, nothing under way."""
        words = (record.decoded(raw) for raw in self.log.door().read().values)
        moves = [word for word in words if word and word[1].kind == record.MOVES]
        return not moves and not any(self.fake.state.dynamic.values()) and not self.moving


def declare(factor: int, *names: str) -> None:
    rows = "".join(f"  - {{name: {name}, partitions: 2, replication_factor: {factor}}}\n" for name in names)
    Path("topics/pay/orders.yaml").write_text(f"topics:\n{rows}", "utf-8")


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[World]:
    """Three topics of one replica on four brokers, recorded as such; the files ask for three replicas."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CI", "true")
    log = MemoryLog(exists=False)
    with FakeCluster(brokers=4) as fake:
        monkeypatch.setattr(Timeouts, "of", lambda _: QUICK)
        log.cluster_id = fake.cluster_id
        monkeypatch.setattr(opening, "record_log", lambda *_: log.door())
        Path("topics/pay").mkdir(parents=True)
        write_clusters(fake)
        Path("topics/pay/team.yaml").write_text('chat: "#pay"\n', "utf-8")

        def ran(command: str, *more: str) -> tuple[int, str]:
            code = cli.main([*command.split(), "--cluster", "prod", *more])
            return code, capsys.readouterr().out

        for name in ("a", "b", "c"):
            fake.state.add(name, partitions=2, replicas=1)
        declare(1, "a", "b", "c")
        there = World(ran, fake, log)
        assert there.run("apply", "--yes")[0] == 0
        declare(3, "a", "b", "c")
        yield there
    gc.collect()


def write_clusters(fake: FakeCluster, moves: str = "{wave_partitions: 4}") -> None:
    limits = f"{{min_replication_factor: 1, moves: {moves}}}"
    where = f'{{bootstrap: "{fake.bootstrap}", cluster_id: {fake.cluster_id}, limits: {limits}}}'
    Path("topics/clusters.yaml").write_text(f"clusters: {{prod: {where}}}\n", "utf-8")


def test_a_raise_goes_on_by_the_schedule_until_it_is_done(world: World) -> None:
    """Nobody agrees to it twice; what has ended is tidied up by whoever comes by."""
    code, text = world.run("apply", "--yes")
    assert code == 0, text
    assert "STARTED  topic a: replicas of 2 partitions are being copied" in text
    assert "STARTED  topic c: waits: a wave is being copied (4 partitions)" in text
    assert world.moving == {"a", "b"}
    assert world.kinds("c") >= {"approved topic"}
    finish(world.fake.state)
    code, text = world.run("replicas continue")
    assert code == 0, text
    assert world.moving == {"c"}
    finish(world.fake.state)
    code, text = world.run("replicas continue")
    assert (code, "nothing left to do; 1 unchanged" in text) == (0, True)
    assert world.run("replicas continue") == (0, "cluster prod: no replica is on its way\n")
    assert world.is_clean()
    code, text = world.run("apply", "--yes")
    assert (code, "3 unchanged" in text) == (0, True)
    assert {world.kinds(name) == {"topic"} for name in "abc"} == {True}


def test_continue_waits_for_what_an_earlier_run_began(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """And then for what it begins itself; all of it is on record as done."""
    world.run("apply", "--yes")
    assert world.moving == {"a", "b"}
    patient, looks = Patience.__call__, 0

    def ending(self: Patience) -> bool:
        nonlocal looks
        looks += 1
        finish(world.fake.state)
        return patient(self)

    monkeypatch.setattr(waiting, "LOOK", 0.01)
    monkeypatch.setattr(Patience, "__call__", ending)
    code, text = world.run("replicas continue", "--wait", "1m")
    assert code == 0, text
    assert looks >= 2
    assert {name: world.kinds(name) for name in "abc"} == {name: {"topic"} for name in "abc"}
    assert world.is_clean()


def test_a_look_without_an_answer_ends_no_wait(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Brokers die and come back."""
    world.run("apply", "--yes")
    stepped, looks = Mover.step, 0

    def silent_once(self: Mover, factors: Factors) -> Look:
        nonlocal looks
        looks += 1
        if looks == 2:
            finish(world.fake.state)
            raise UnreachableError("no broker answers", "")
        return stepped(self, factors)

    monkeypatch.setattr(waiting, "LOOK", 0.01)
    monkeypatch.setattr(Mover, "step", silent_once)
    assert world.run("replicas continue", "--wait", "1s")[0] == 0
    assert looks > 2
    assert world.moving == {"c"}


def test_a_signal_while_it_waits_begins_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though its turn would have come."""
    world.run("apply", "--yes")

    def interrupted(self: Patience) -> bool:
        finish(world.fake.state)
        self.signals.caught = "SIGINT"
        return False

    monkeypatch.setattr(Patience, "__call__", interrupted)
    assert world.run("replicas continue", "--wait", "1m")[0] == 0
    assert world.moving == set()
    assert world.kinds("c") >= {"approved topic"}


def test_whoever_applies_next_tidies_up(world: World) -> None:
    """Whatever that run is about."""
    write_clusters(world.fake, "{wave_partitions: 500}")
    world.run("apply", "--yes")
    assert world.moving == {"a", "b", "c"}
    finish(world.fake.state)
    code, _ = world.run("apply", "--yes", "--topic", "a")
    assert code == 0
    assert world.is_clean()


def test_status_says_what_runs_and_what_waits(world: World) -> None:
    """For people, and for programs with every byte."""
    world.run("apply", "--yes")
    code, text = world.run("replicas status")
    assert code == 0
    assert "1 topic to come: c\n" in text
    assert "no wave begins: a wave is being copied (4 partitions)\n" in text
    document = json.loads(world.run("replicas status", "--output", "json")[1])
    assert [each["topic"] for each in document["running"]] == ["a", "a", "b", "b"]
    assert document["waiting"] == ["c"]


def test_a_pause_holds_for_an_apply_too_until_somebody_resumes(world: World) -> None:
    """It is on record, with its end and with whom to ask."""
    code, text = world.run("replicas pause", "--for", "8h")
    assert code == 0
    assert "! paused until " in text
    code, text = world.run("apply", "--yes")
    assert code == 0
    assert "waits: paused by " in text
    assert not world.moving
    world.run("replicas continue")
    assert not world.moving
    world.run("replicas resume")
    world.run("replicas continue")
    assert world.moving == {"a", "b"}


def test_cancelled_stands_until_it_is_asked_for_anew(world: World) -> None:
    """Neither the schedule nor the next apply begins it again; by name it is begun."""
    world.run("apply", "--yes")
    code, text = world.run("replicas cancel", "--topic", "a", "--topic", "c")
    assert code == 0
    assert "cancelled: a, c;" in text
    assert world.moving == {"b"}
    finish(world.fake.state)
    world.run("replicas continue")
    code, text = world.run("apply", "--yes")
    assert (code, "2 standing differences" in text) == (0, True)
    assert not world.moving
    assert world.is_clean()
    world.run("apply", "--yes", "--scope", "all", "--topic", "a")
    assert world.moving == {"a"}


def test_files_that_ask_for_something_else_end_it(world: World) -> None:
    """What was agreed to is void then."""
    world.run("apply", "--yes")
    declare(1, "a", "b", "c")
    finish(world.fake.state)
    world.run("replicas continue")
    assert not world.moving
    assert world.is_clean()
    assert "approved topic" not in world.kinds("c")


def test_other_changes_go_through_while_replicas_come(world: World) -> None:
    """Another team's topic is made, and a retention of the very topic too; more of its partitions wait."""
    world.run("apply", "--yes")
    rows = "  - {name: a, partitions: 2, config: {retention.ms: 30d}}\n  - {name: new}\n"
    Path("topics/pay/orders.yaml").write_text(f"topics:\n{rows}", "utf-8")
    code, text = world.run("apply", "--yes")
    assert code == 0, text
    assert "1 topic created, 1 topic updated" in text
    rows = "  - {name: a, partitions: 3, allow: {more-partitions: 3}, config: {retention.ms: 30d}}\n  - {name: new}\n"
    Path("topics/pay/orders.yaml").write_text(f"topics:\n{rows}", "utf-8")
    code, text = world.run("apply", "--yes")
    assert (code, "its partitions are being moved right now" in text) == (3, True)


def test_a_reviewed_raise_needs_no_second_review(world: World) -> None:
    """Where replicas go, and when, is no part of what was agreed to; far more bytes are."""
    world.run("plan", "--out", "plan.json")
    world.fake.state.sizes = {"a": 600_000_000, "b": 10, "c": 10}
    code, text = world.run("apply", "--yes", "--plan", "plan.json")
    assert code == 3
    assert "a   " in text
    assert "reviewed: 0 bytes to copy; now: 2,400,000,000" in text
    assert world.moving == {"b", "c"}


def test_a_refused_span_is_a_usage_error(world: World) -> None:
    """Before anything is asked."""
    assert world.run("replicas pause", "--for", "soon")[0] == 64
    assert world.run("replicas status", "--for", "8h")[0] == 64
    assert world.run("apply", "--yes", "--wait", "soon")[0] == 64


def test_it_waits_where_nobody_stands_behind_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until all of it is in sync, wave after wave."""
    monkeypatch.delenv("CI")
    looks = iter(range(1000))

    def sleep(_: float) -> None:
        next(looks)
        finish(world.fake.state)

    monkeypatch.setattr("provisioner.commands.waiting.time.sleep", sleep)
    code, text = world.run("apply", "--yes")
    assert (code, "3 topics updated" in text) == (0, True)
    assert world.is_clean()
    assert next(looks) > 1


def test_without_a_record_nothing_is_known_of_moves(world: World) -> None:
    """And the change is refused with the line that stands against it."""
    text = Path("topics/clusters.yaml").read_text("utf-8").replace("limits:", "record: none, limits:")
    Path("topics/clusters.yaml").write_text(text, "utf-8")
    opening.record_log = lambda *_: None  # type: ignore[assignment]
    assert world.run("replicas status")[0] == 3
    code, text = world.run("plan")
    assert code == 3
    assert "the cluster keeps no record (record: none)" in text


def test_what_somebody_else_moves_is_left_alone(world: World) -> None:
    """Ours waits, and says for whom."""
    world.fake.state.add("x", replicas=2)
    world.fake.state.moving["x", 0] = Move((1, 2), (1, 2, 3))
    code, text = world.run("apply", "--yes")
    assert code == 0
    assert "waits: another reassignment is running (x)" in text
    assert world.moving == {"x"}
