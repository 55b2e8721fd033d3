"""Waves begun, waited for and tidied up after, by whichever run comes by."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from provisioner.catalog.limits import Hours, MoveLimits
from provisioner.errors import UnreachableError
from provisioner.moves.notes import Claim, Pause
from provisioner.stores.kafka import reassignments, throttles
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.kafka_python import NoClientError
from provisioner.stores.kafka.moving.claim import WAITING
from provisioner.stores.kafka.moving.ledger import Ledger
from provisioner.stores.kafka.moving.looking import Clock
from provisioner.stores.kafka.moving.mover import BUSY, Mover
from provisioner.stores.kafka.throttle_values import FOLLOWER_LIST, FOLLOWER_RATE, LEADER_LIST, LEADER_RATE
from provisioner.stores.kafka.timeouts import Timeouts
from tests.fake import FakeCluster
from tests.fake.faults import ErrorFor, Hang
from tests.fake.reassignments import finish, placed
from tests.fake.state import Move
from tests.memory import MemoryLog

QUICK = replace(
    Timeouts(), read=2, send=3, visible=2, lease=1.5, again_pause=0.05, retry_pause=(0.05, 0.2), look_pause=(0.02, 0.1)
)
NOON = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
ALL = {"a": 3, "b": 3, "c": 3}


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class World:
    """A fake cluster of four brokers with three topics of one replica, and movers of several runs on it."""

    fake: FakeCluster
    log: MemoryLog = field(default_factory=MemoryLog)
    limits: MoveLimits = field(default_factory=lambda: MoveLimits(rate=2_000_000))

    def mover(self, now: Clock = _now, **limits: object) -> Mover:
        """Of a run of its own."""
        connection = Connection(self.fake.bootstrap, {}, {}, lambda _: None, timeouts=QUICK)
        chosen = replace(self.limits, **limits)  # type: ignore[arg-type]
        return Mover(connection, Ledger(self.log.door(), "topics"), chosen, now)

    @property
    def rates(self) -> dict[int, dict[str, str]]:
        """The throttles that are set on brokers."""
        return {node: dict(own) for node, own in self.fake.state.dynamic.items() if own}

    @property
    def lists(self) -> dict[str, dict[str, str]]:
        """Those on topics."""
        found = {name: dict(topic.configs) for name, topic in self.fake.state.topics.items()}
        return {name: keys for name, keys in found.items() if keys.keys() & {LEADER_LIST, FOLLOWER_LIST}}

    @property
    def moving(self) -> set[str]:
        """The topics that are being reassigned."""
        return {name for name, _ in self.fake.state.moving}

    def noted(self) -> bool:
        """Something of ours is in the record."""
        notes = Ledger(self.log.door(), "topics").read()
        return not notes.is_empty or bool(notes.claims)

    def is_clean(self) -> bool:
        """Nothing of ours is anywhere."""
        return not (self.rates or self.lists or self.moving or self.noted())


@pytest.fixture
def world() -> Iterator[World]:
    with FakeCluster(brokers=4) as fake:
        for name, size in (("a", 3000), ("b", 1000), ("c", 2000)):
            fake.state.add(name, partitions=2, replicas=1)
            assert fake.state.sizes is not None
            fake.state.sizes[name] = size
        yield World(fake)
    gc.collect()


def test_all_that_fits_into_a_wave_begins_under_a_throttle(world: World) -> None:
    """Rates on every broker that sends or gets something, lists on each topic, and all of it noted."""
    look = world.mover().step(ALL)
    assert (look.moving, look.waiting, look.failed) == ({"a", "b", "c"}, (), {})
    assert world.rates.keys() == {1, 2, 3, 4}
    assert {value for own in world.rates.values() for value in own.values()} == {"2000000"}
    assert world.lists.keys() == {"a", "b", "c"}
    assert world.lists["a"][LEADER_LIST] == "0:1,1:2"
    assert world.noted()


def test_what_is_there_stays_and_new_ones_are_appended(world: World) -> None:
    """In the order that prefers leaders."""
    before = {key: part.replicas for name in "abc" for key, part in enumerate(world.fake.state.topics[name].partitions)}
    world.mover().step(ALL)
    assert {at: move.target[0] for (name, at), move in world.fake.state.moving.items() if name == "a"} == {
        at: replicas[0] for at, replicas in before.items()
    }
    assert all(len(set(move.target)) == 3 for move in world.fake.state.moving.values())


def test_the_run_that_sees_the_end_removes_everything(world: World) -> None:
    """Another one than began it."""
    world.mover().step(ALL)
    finish(world.fake.state)
    look = world.mover().step(ALL)
    assert look.ended == ALL.keys()
    assert world.is_clean()


def test_nothing_is_removed_while_something_runs(world: World) -> None:
    """Whatever was asked of that run."""
    world.mover().step(ALL)
    rates, lists = world.rates, world.lists
    look = world.mover().step({})
    assert (world.rates, world.lists) == (rates, lists)
    assert look.moving == {"a", "b", "c"}


def test_the_smallest_topic_comes_first_and_the_next_wave_when_it_has_ended(world: World) -> None:
    """With the throttle kept in between."""
    mover = world.mover(wave_partitions=2)
    order = []
    for _ in range(3):
        look = mover.step(ALL)
        order.append(world.moving)
        assert look.against in ("", "a wave is being copied (2 partitions)")
        assert mover.step(ALL).moving == world.moving
        finish(world.fake.state)
    assert order == [{"b"}, {"c"}, {"a"}]
    assert mover.step(ALL).ended == ALL.keys()
    assert world.is_clean()


def test_a_pause_holds_for_every_run_until_its_time_is_over(world: World) -> None:
    """It is on record, with who wanted it."""
    mover, now = world.mover(), datetime.now(UTC)
    mover.ledger.read()
    mover.ledger.note_pause(Pause(now + timedelta(hours=8), "jo", now))
    mover.ledger.flush()
    look = world.mover().step(ALL)
    assert look.against.startswith("paused by jo, until ")
    assert not world.moving
    assert world.mover(lambda: now + timedelta(hours=9)).step(ALL).moving == ALL.keys()


def test_waves_begin_at_their_hours_alone(world: World) -> None:
    """What runs goes on."""
    night = Hours(22 * 60, 6 * 60)
    look = world.mover(lambda: NOON, hours=night).step(ALL)
    assert look.against == "waves begin at 22:00-06:00 UTC only (limits.moves.hours)"
    assert world.mover(lambda: NOON + timedelta(hours=11), hours=night).step(ALL).moving == ALL.keys()


def test_nothing_begins_beside_somebody_elses_reassignment(world: World) -> None:
    """Nor is it taken for ours."""
    world.fake.state.add("x", replicas=2)
    world.fake.state.moving["x", 0] = Move((1, 2), (1, 2, 3))
    look = world.mover().step(ALL)
    assert look.against == "another reassignment is running (x): wait until it has ended, or cancel it"
    assert world.moving == {"x"}
    assert not world.noted()


def test_nothing_begins_while_a_replica_that_was_there_is_out_of_sync(world: World) -> None:
    """Of any topic."""
    world.fake.state.add("x", replicas=3)
    topic = world.fake.state.topics["x"]
    row = replace(topic.partitions[0], isr=(1, 2))
    world.fake.state.change({"x": replace(topic, partitions=(row,))})
    look = world.mover().step(ALL)
    assert look.against == "1 partition under-replicated (x)"
    assert not world.moving


def test_somebody_elses_throttle_stays_and_nothing_begins(world: World) -> None:
    """It is named, and nothing of ours is left beside it."""
    world.fake.state.dynamic[2] = {LEADER_RATE: "77"}
    look = world.mover().step(ALL)
    assert look.against == f"broker 2: {LEADER_RATE} is set by somebody else (77)"
    assert world.rates == {2: {LEADER_RATE: "77"}}
    assert not world.lists
    assert not world.noted()


def test_the_same_rate_of_somebody_else_is_theirs_all_the_same(world: World) -> None:
    """Taken for ours it would be removed at the end of our copies."""
    theirs = {LEADER_RATE: "2000000", FOLLOWER_RATE: "2000000"}
    world.fake.state.dynamic[2] = dict(theirs)
    look = world.mover().step(ALL)
    assert look.against == f"broker 2: {LEADER_RATE} is set by somebody else (2000000)"
    world.mover().step({})
    assert world.rates == {2: theirs}
    assert not world.noted()


def test_the_claim_of_a_dead_run_goes_when_its_time_is_over(world: World) -> None:
    """Though nothing else of it is left."""
    dead = world.mover(lambda: NOON)
    assert dead.turn.take(0.01)
    world.mover(lambda: NOON).step({})
    assert world.noted()
    world.mover(lambda: NOON + timedelta(minutes=1)).step({})
    assert world.is_clean()


def test_a_throttled_topic_of_somebody_else_fails_alone(world: World) -> None:
    """The others of its wave go on."""
    topic = world.fake.state.topics["b"]
    world.fake.state.change({"b": replace(topic, configs={FOLLOWER_LIST: "0:9"})})
    look = world.mover().step(ALL)
    assert look.failed == {"b": f"{FOLLOWER_LIST} is set by somebody else (0:9)"}
    assert world.moving == {"a", "c"}
    assert world.lists["b"] == {FOLLOWER_LIST: "0:9"}


class Killed(BaseException):
    """The process is gone: nothing of it runs any more."""


@pytest.mark.parametrize("at", ["put", "alter", "after"])
def test_a_run_that_is_killed_anywhere_is_gone_on_with(world: World, monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    """By the next one, when the claim of the dead one holds no more; and nothing is copied twice."""

    def dies(*_: object, **__: object) -> None:
        raise Killed

    place = {"put": (throttles, "put"), "alter": (reassignments, "alter")}.get(at)
    monkeypatch.setattr(Ledger, "flush", _flushing_until_dead(world))
    with monkeypatch.context() as patched:
        if place:
            patched.setattr(*place, dies)
            with pytest.raises(Killed):
                world.mover().step(ALL)
        else:
            world.mover().step(ALL)
    sent = len(world.fake.sent("AlterPartitionReassignments"))
    look = world.mover().step(ALL)
    assert look.moving == ALL.keys()
    assert len(world.fake.sent("AlterPartitionReassignments")) == 1
    assert sent == (1 if at == "after" else 0)
    finish(world.fake.state)
    world.mover().step({})
    assert world.is_clean()


def test_a_move_that_ended_unseen_is_asked_for_as_it_was(world: World) -> None:
    """A broker that is late shows the replicas of before: other targets would move what is there."""
    world.mover().step({"a": 3})
    state, first = world.fake.state, dict(world.fake.state.moving)
    state.moving.clear()
    for (name, number), move in first.items():
        placed(state, name, number, move.before, is_whole=True)
    assert state.sizes is not None
    state.add("x", partitions=1, replicas=1)
    state.sizes["x"] = 9000
    placed(state, "x", 0, (first["a", 0].target[1],), is_whole=True)
    look = world.mover().step({"a": 3})
    assert (look.against, look.refused) == ("", {})
    assert {at: move.target for at, move in state.moving.items()} == {at: move.target for at, move in first.items()}


def _flushing_until_dead(world: World) -> object:
    """A dead process gives no turn back: what its `finally` writes stays away."""

    def flush(self: Ledger) -> None:
        if isinstance(sys.exc_info()[1], Killed):
            self.log._put.clear()  # type: ignore[attr-defined]
            return
        self.log.flush()

    return flush


def test_two_runs_never_begin_at_once(world: World) -> None:
    """The claim of the other one keeps this one waiting; one whose time is over keeps nobody."""
    other = world.mover()
    other.ledger.read()
    other.ledger.note_claim("other", Claim("other", NOON))
    other.ledger.flush()
    assert world.mover(lambda: NOON).step(ALL).against == BUSY
    assert not world.moving
    assert world.mover(lambda: NOON + timedelta(minutes=1)).step(ALL).moving == ALL.keys()


def test_of_two_claims_the_first_one_in_the_log_counts(world: World) -> None:
    """Whatever their clocks say."""
    first, second = world.mover(lambda: NOON).turn, world.mover(lambda: NOON - timedelta(seconds=0.1)).turn
    assert first.take(0.01)
    assert not second.take(0.01)
    first.give_back()
    assert second.take(0.01)


def test_a_rate_that_changes_is_never_noted_twice(world: World) -> None:
    """The old one goes first: of two noted values nobody could say which of them is ours."""
    world.mover(wave_partitions=2).step(ALL)
    finish(world.fake.state)
    world.mover(rate=5_000_000, wave_partitions=2).step(ALL)
    wave = {broker for move in world.fake.state.moving.values() for broker in move.target}
    assert {value for node in wave for value in world.rates[node].values()} == {"5000000"}
    assert world.rates == Ledger(world.log.door(), "topics").read().brokers
    finish(world.fake.state)
    world.mover().step({})
    assert not world.rates
    assert not world.lists


def test_what_the_cluster_refuses_leaves_nothing(world: World) -> None:
    """With the right that is missing."""
    world.fake.script.on("AlterPartitionReassignments", ErrorFor("a", 29), ErrorFor("b", 29), ErrorFor("c", 29))
    look = world.mover().step({"a": 3})
    assert "our user lacks ALTER on the cluster" in look.failed["a"]
    assert world.is_clean()


def test_what_is_moving_has_to_be_known(world: World) -> None:
    """Or a wave would begin on top of another one."""
    world.fake.script.on("ListPartitionReassignments", Hang(), times=None)
    with pytest.raises(UnreachableError, match="what is being moved is not known"):
        world.mover().step(ALL)
    assert not world.moving


def test_cancelled_is_put_back_and_tidied(world: World) -> None:
    """Those that were named, and no other."""
    world.mover().step(ALL)
    look = world.mover().cancel(lambda name: name == "a")
    assert (world.moving, look.failed) == ({"b", "c"}, {})
    assert world.lists.keys() == {"b", "c"}
    assert world.rates
    world.mover().cancel(lambda _: True)
    assert {len(part.replicas) for name in "abc" for part in world.fake.state.topics[name].partitions} == {1}
    assert world.is_clean()


def test_what_cannot_be_cancelled_now_is_not_called_cancelled(world: World) -> None:
    """While another run has the turn."""
    world.mover().step(ALL)
    other = world.mover(lambda: NOON).turn
    assert other.take(0.01)
    with pytest.raises(UnreachableError, match="nothing was put back"):
        world.mover(lambda: NOON).cancel(lambda _: True)
    assert world.moving == ALL.keys()


def test_a_cancel_without_a_client_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """In words, as nothing was sent."""
    world.mover().step(ALL)

    def refused(*_: object) -> None:
        raise NoClientError("no way to log in")

    monkeypatch.setattr(reassignments, "cancel", refused)
    with pytest.raises(UnreachableError, match="nothing was put back: no way to log in"):
        world.mover().cancel(lambda _: True)
    assert world.moving == ALL.keys()


def test_whoever_waits_for_the_turn_says_so_once(world: World) -> None:
    """It may take a minute."""
    said: list[str] = []
    assert world.mover(lambda: NOON).turn.take(0.01)
    assert not world.mover(lambda: NOON).turn.take(0.01, said.append)
    assert said == [WAITING.format(seconds=QUICK.lease)]


def test_a_throttle_that_somebody_removed_hurts_nothing(world: World) -> None:
    """The end is the same."""
    world.mover().step(ALL)
    world.fake.state.dynamic.clear()
    finish(world.fake.state)
    world.mover().step({})
    assert world.is_clean()


def test_a_rate_that_somebody_changed_is_theirs(world: World) -> None:
    """It stays, and ours beside it go."""
    world.mover().step(ALL)
    world.fake.state.dynamic[1][FOLLOWER_RATE] = "9"
    finish(world.fake.state)
    world.mover().step({})
    assert world.rates == {1: {FOLLOWER_RATE: "9"}}


def test_a_wave_larger_than_a_disk_is_refused_in_words(world: World) -> None:
    """Partition by partition, and nothing begins."""
    assert world.fake.state.sizes is not None
    world.fake.state.sizes["a"] = 10**15
    look = world.mover().step({"a": 3})
    assert look.refused.keys() == {"a"}
    assert world.is_clean()


def test_nothing_noted_and_nothing_to_do_asks_little(world: World) -> None:
    """Where everything is, and what runs: and no claim is written."""
    world.mover().step({})
    assert world.log.log == []


def test_a_strange_note_permits_nothing(world: World) -> None:
    """Nor does one of another cluster, or of another repository."""
    key = b'["topics","moves","topic","a"]'
    world.log.log.extend(
        [
            (key, b'{"version":1,"cluster_id":"memory","targets":[]}'),
            (b'["others","moves","broker","1"]', b'{"cluster_id":"memory","throttle":{"x":"1"}}'),
            (b'["topics","moves","broker","2"]', b'{"cluster_id":"elsewhere","throttle":{"x":"1"}}'),
        ]
    )
    assert Ledger(world.log.door(), "topics").read().is_empty
