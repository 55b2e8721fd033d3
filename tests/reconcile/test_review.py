"""A reviewed plan against the plan of now: exactly what was reviewed is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from provisioner.kinds.topic_spec import TopicSpec
from provisioner.reconcile import engine
from provisioner.reconcile.change import Action
from provisioner.reconcile.model import Consent, Key, Observed
from provisioner.reconcile.plan import Plan
from provisioner.reconcile.review import Agreement, Reviewed, Unreviewed
from tests.reconcile.test_engine import FLEET, House

Catalog = Mapping[str, TopicSpec | None]


def reviewed(plan: Plan) -> dict[Key, Reviewed]:
    return {
        change.key: Reviewed(
            change.key, change.action, change.fields, change.fingerprint, bool(change.refusals), change.span
        )
        for change in plan.changes
    }


def restricted(house: House, then: dict[Key, Reviewed], catalog: Catalog) -> Plan:
    return engine.restrict(house.plan(catalog), house.lanes(catalog), Agreement(then))


def stale(plan: Plan) -> set[Key]:
    return {change.key for change in plan.changes if any(why.by == "stale" for why in change.refusals)}


def test_an_unchanged_plan_passes_whole() -> None:
    """To the digest."""
    house = House()
    then = house.plan(FLEET)
    assert restricted(house, reviewed(then), FLEET).digest == then.digest


def test_what_was_not_reviewed_is_refused_with_what_depends_on_it() -> None:
    """Of four topics one was not in the plan."""
    house = House()
    then = {key: one for key, one in reviewed(house.plan(FLEET)).items() if key.name != "b"}
    plan = restricted(house, then, FLEET)
    assert {change.key.name for change in plan.changes if change.refusals} == {"b"}
    assert sum(not change.refusals for change in plan.changes) == 9


def test_what_changed_meanwhile_is_refused_with_both_versions() -> None:
    """The reviewer saw 1000, there is 5000 by now."""
    house = House()
    house.run(FLEET)
    wish = {**FLEET, "a": TopicSpec(3, 3, {"retention.ms": "9000"})}
    then = reviewed(house.plan(wish))
    house.topics.state["a"] = Observed(TopicSpec(3, 3, {"retention.ms": "5000"}))
    plan = restricted(house, then, wish)
    (refusal,) = plan.changes[0].refusals
    assert refusal.by == "stale"
    assert "retention.ms 1000 -> 9000" in refusal.reason
    assert "retention.ms 5000 -> 9000" in refusal.reason


def test_what_is_as_wanted_already_counts_as_done() -> None:
    """Somebody did it by hand; nothing is refused for that."""
    house = House()
    then = reviewed(house.plan(FLEET))
    house.run(FLEET)
    plan = restricted(house, then, FLEET)
    assert (plan.changes, plan.already_applied) == ((), 12)


def test_what_the_files_no_longer_ask_for_is_refused() -> None:
    """The topic left the files, or they ask for another value that happens to be there."""
    house = House()
    house.run(FLEET)
    wish = {**FLEET, "a": TopicSpec(3, 3, {"retention.ms": "9000"})}
    then = reviewed(house.plan(wish))
    plan = restricted(house, then, FLEET)
    assert stale(plan) == {Key("topic", "a")}
    assert "the files ask for config.retention.ms 1000" in plan.changes[0].refusals[0].reason


def test_a_change_that_the_reviewed_plan_refused_is_not_done() -> None:
    """Nobody agreed to it by agreeing to the plan."""
    house = House()
    then = {key: replace(one, refused=True) for key, one in reviewed(house.plan(FLEET)).items()}
    assert stale(restricted(house, then, FLEET)) == then.keys()


def test_another_topic_of_the_same_name_is_refused() -> None:
    """The same field change of a topic that was made again is another change."""
    house = House()
    house.run(FLEET)
    wish = {**FLEET, "a": TopicSpec(3, 3, {"retention.ms": "9000"})}
    then = reviewed(house.plan(wish))
    house.topics.state["a"] = Observed(house.topics.state["a"].resource, "another-id")
    assert Key("topic", "a") in stale(restricted(house, then, wish))


def test_a_deletion_that_happened_already_counts_as_done() -> None:
    """And one of a topic that the files want again does not."""
    house = House()
    house.run(FLEET)
    then = {key: one for key, one in reviewed(house.plan({**FLEET, "a": None})).items() if one.action is Action.DELETE}
    then = {key: replace(one, refused=False) for key, one in then.items() if key.kind == "topic"}
    del house.topics.state["a"]
    assert restricted(house, then, {**FLEET, "a": None}).already_applied == 1


SAFE = Unreviewed.SAFE


def lenient(house: House, then: dict[Key, Reviewed], catalog: Catalog) -> Plan:
    """As after a merge: what has no danger needs no plan."""
    agreement = Agreement(then, SAFE, hint="press the button", is_exact=False)
    return engine.restrict(house.plan(catalog), house.lanes(catalog), agreement)


def doable(plan: Plan) -> set[str]:
    return {change.key.name for change in plan.changes if not change.refusals and change.key.kind == "topic"}


def test_what_has_no_danger_passes_without_a_plan() -> None:
    """Four topics that nobody reviewed are made."""
    assert doable(lenient(House(), {}, FLEET)) == {"a", "b", "c", "d"}


def test_a_danger_does_not_pass_without_a_plan_whatever_the_file_accepts() -> None:
    """The refusal names the way to agree to it; with its plan it is done."""
    house = House()
    house.run(FLEET)
    wish = {**FLEET, "a": TopicSpec(3, 3, {"retention.ms": "500"}), "b": TopicSpec(3, 3, {"retention.ms": "9000"})}
    consent = Consent("shorter-retention", "500ms")
    plan = house.plan(wish, consent)
    then, lanes = reviewed(plan), house.lanes(wish, (consent,))
    assert doable(plan) == {"a", "b"}
    without = engine.restrict(plan, lanes, Agreement({}, SAFE, hint="press the button", is_exact=False))
    assert doable(without) == {"b"}
    (refusal,) = next(change for change in without.changes if change.key.name == "a").refusals
    assert (refusal.by, refusal.hint) == ("stale", "press the button")
    assert doable(engine.restrict(plan, lanes, Agreement(then, SAFE))) == {"a", "b"}


def test_one_that_is_another_by_now_passes_if_it_has_no_danger() -> None:
    """Somebody changed it by hand between the review and the merge."""
    house = House()
    house.run(FLEET)
    wish = {**FLEET, "a": TopicSpec(3, 3, {"retention.ms": "9000"})}
    then = reviewed(house.plan(wish))
    house.topics.state["a"] = Observed(TopicSpec(3, 3, {"retention.ms": "5000"}))
    assert doable(lenient(house, then, wish)) == {"a"}


def test_a_reviewed_change_that_a_later_merge_took_back_is_no_refusal() -> None:
    """The files ask for it no more: their own plan said so."""
    house = House()
    house.run(FLEET)
    then = reviewed(house.plan({**FLEET, "a": TopicSpec(3, 3, {"retention.ms": "9000"})}))
    assert lenient(house, then, FLEET).changes == ()
