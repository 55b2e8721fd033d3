"""What was agreed to and not done stays approved, on record, and a later run tries it again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from provisioner import cli, opening
from provisioner.reconcile import record
from provisioner.reconcile.model import Key
from tests.memory import MemoryLog
from tests.scenarios.test_scenarios import Live

CLUSTERS = "clusters: {prod: {bootstrap: 'kafka:9092', cluster_id: sandbox-cluster-id}}\n"


class World(NamedTuple):
    """A cluster and its record in memory, and a way to run a command against them."""

    run: Callable[..., tuple[int, str]]
    store: Live
    log: MemoryLog

    def approved(self) -> set[str]:
        values = self.log.door().read().values
        return {word[1].name for raw in values if (word := record.decoded(raw)) and word[1].kind == "approved topic"}

    def days(self, name: str) -> int:
        return int(self.store.state[name].resource.config["retention.ms"]) // 86_400_000


def declare(**days: str) -> None:
    entries = "".join(f"  - {{name: {name}, config: {{retention.ms: {text}}}}}\n" for name, text in days.items())
    Path("topics/pay/orders.yaml").write_text(f"topics:\n{entries}", "utf-8")


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> World:
    """Two topics, applied and on record."""
    monkeypatch.chdir(tmp_path)
    store, log = Live(), MemoryLog(exists=False, cluster_id="sandbox-cluster-id")
    monkeypatch.setattr(opening, "kafka_topics", lambda *_: store)
    monkeypatch.setattr(opening, "record_log", lambda *_: log.door())
    Path("topics/pay").mkdir(parents=True)
    Path("topics/clusters.yaml").write_text(CLUSTERS, "utf-8")
    Path("topics/pay/team.yaml").write_text('chat: "#pay"\n', "utf-8")

    def ran(command: str, *more: str) -> tuple[int, str]:
        code = cli.main([command, "--cluster", "prod", *more])
        return code, capsys.readouterr().out

    there = World(ran, store, log)
    declare(a="7d", b="7d")
    assert ran("apply", "--yes")[0] == 0
    return there


def fail(world: World, **days: str) -> None:
    """A reviewed plan of which the change of `a` fails."""
    declare(**days)
    assert world.run("plan", "--out", "plan.json")[0] == 0
    world.store.fails = {"a"}
    assert world.run("apply", "--yes", "--plan", "plan.json")[0] == 1
    world.store.fails = set()


def test_what_failed_stays_approved_and_is_done_by_the_next_try(world: World) -> None:
    """And what was done is not approved any more."""
    fail(world, a="14d", b="14d")
    assert world.approved() == {"a"}
    code, text = world.run("apply", "--yes", "--approved")
    assert (code, world.days("a"), world.approved()) == (0, 14, set())
    assert "1 topic updated" in text
    code, text = world.run("apply", "--yes", "--approved")
    assert code == 0
    assert "nothing that was agreed to is left to do" in text


def test_only_what_was_approved_is_tried_again(world: World) -> None:
    """What somebody merged since waits for its own run, of the same topic too."""
    fail(world, a="14d", b="7d")
    declare(a="14d", b="30d", c="7d")
    assert world.run("apply", "--yes", "--approved")[0] == 0
    assert (world.days("a"), world.days("b"), "c" in world.store.state) == (14, 7, False)


def test_what_fails_again_stays_approved(world: World) -> None:
    """Until it is done."""
    fail(world, a="14d", b="7d")
    world.store.fails = {"a"}
    assert world.run("apply", "--yes", "--approved")[0] == 1
    assert world.approved() == {"a"}


def test_what_the_files_changed_since_is_approved_no_more(world: World) -> None:
    """Nobody agreed to the new value."""
    fail(world, a="14d", b="7d")
    declare(a="30d", b="7d")
    code, text = world.run("apply", "--yes", "--approved")
    assert (code, world.days("a"), world.approved()) == (3, 7, set())
    assert "reviewed: update config.retention.ms 604800000 -> 1209600000" in text
    assert "Press `plan again`" in text


def test_a_run_of_something_else_leaves_what_is_approved(world: World) -> None:
    """A plan of another topic; and one of the same topic makes it needless."""
    fail(world, a="14d", b="7d")
    assert world.run("apply", "--yes", "--topic", "b")[0] == 0
    assert world.approved() == {"a"}
    assert world.run("apply", "--yes")[0] == 0
    assert (world.days("a"), world.approved()) == (14, set())


def test_what_a_killed_run_set_out_to_do_is_on_record(world: World) -> None:
    """It was written before anything was sent."""
    declare(a="14d", b="14d")
    assert world.run("plan", "--out", "plan.json")[0] == 0
    world.store.dies_after = world.store.writes
    assert world.run("apply", "--yes", "--plan", "plan.json")[0] == 1
    assert world.approved() == {"a", "b"}


def test_a_hazard_is_done_though_its_consent_alone_was_not_enough(world: World) -> None:
    """The reviewed plan was the second key, and stays it."""
    Path("topics/pay/orders.yaml").write_text(
        "topics:\n  - {name: a, config: {retention.ms: 1d}, allow: {shorter-retention: 1d}}\n"
        "  - {name: b, config: {retention.ms: 7d}}\n",
        "utf-8",
    )
    assert world.run("plan", "--out", "plan.json")[0] == 0
    world.store.fails = {"a"}
    assert world.run("apply", "--yes", "--plan", "plan.json")[0] == 1
    world.store.fails = set()
    assert world.run("apply", "--yes", "--approved")[0] == 0
    assert world.days("a") == 1


def test_an_approval_that_is_not_understood_permits_nothing(world: World) -> None:
    """Somebody wrote into the record; the count is said."""
    fail(world, a="14d", b="7d")
    key = record.encoded("topics", record.of_approval(Key("topic", "a")))
    newest = next(value for raw, value in reversed(world.log.log) if raw == key)
    assert newest is not None
    spoiled = json.dumps({**json.loads(newest), "fields": "all"}, separators=(",", ":")).encode()
    world.log.log.append((key, spoiled))
    code, text = world.run("apply", "--yes", "--approved")
    assert (code, world.days("a")) == (0, 7)
    assert "1 approvals of the record are not understood" in text


@pytest.mark.parametrize("more", [["--plan", "p.json", "--approved"], ["--approved", "--scope", "all"]])
def test_two_words_about_what_was_agreed_to_are_refused(world: World, more: list[str]) -> None:
    """They contradict each other."""
    assert world.run("apply", "--yes", *more)[0] == 64
