"""What is in doubt is waited for once, at the end; what depends on it is done then, or not at all."""

from __future__ import annotations

from provisioner.reconcile import engine
from provisioner.reconcile.model import Key
from provisioner.reconcile.outcome import State
from tests.reconcile.test_engine import FLEET, House, Quiet


def test_a_doubt_that_comes_true_is_done_with_what_depends_on_it() -> None:
    """Nothing is left for a second run, and each change has one outcome."""
    house = House()
    house.topics.ghosts = {"b"}
    assert set(house.run(FLEET).values()) == {State.DONE}
    assert house.plan(FLEET).changes == ()


def test_a_doubt_that_stays_skips_its_own_alerts_and_dashboard() -> None:
    """And nothing else."""
    house = House()
    house.topics.doubts = {"b"}
    states = house.run(FLEET)
    assert states[Key("topic", "b")] is State.DOUBT
    assert {key.kind for key, state in states.items() if state is State.SKIPPED} == {"alerts", "dashboard"}
    assert sum(state is State.DONE for state in states.values()) == 9


def test_the_watch_hears_of_a_doubt_at_once_and_of_its_end() -> None:
    """The audit file must not wait for a minute that a killed process never sees."""
    house, watch = House(), Quiet()
    house.topics.ghosts = {"b"}
    house.run(FLEET, watch=watch)
    heard = [outcome.state for outcome in watch.told if outcome.key == Key("topic", "b")]
    assert heard == [State.DOUBT, State.DONE]


def test_nobody_waits_after_a_signal() -> None:
    """The doubt is reported as it is, and what waited for it is stopped."""
    house = House()
    house.topics.ghosts = {"a"}
    lanes = house.lanes(FLEET)
    states = {o.key: o.state for o in engine.apply(engine.plan("prod", lanes), lanes, Quiet(stop_after=2))}
    assert states[Key("topic", "a")] is State.DOUBT
    assert State.DONE in states.values()
    assert states[Key("alerts", "a")] in (State.STOPPED, State.SKIPPED)
