"""With a base only what the files changed is ours; everything else stands."""

from __future__ import annotations

from collections.abc import Mapping
from string import ascii_lowercase

import pytest

from provisioner.errors import RefusedError
from provisioner.kinds import TOPICS
from provisioner.kinds.topic_spec import TopicSpec
from provisioner.problem import Span
from provisioner.reconcile import engine
from provisioner.reconcile.change import Action
from provisioner.reconcile.kind import Pruning
from provisioner.reconcile.lanes import Lane
from provisioner.reconcile.model import Hazard, Observed, Wanted
from provisioner.reconcile.plan import Plan
from tests.memory import MemoryStore
from tests.plain_kind import PlainKind

Catalog = Mapping[str, TopicSpec | None]


def want(catalog: Catalog) -> dict[str, Wanted[TopicSpec]]:
    return {name: Wanted(made, Span("topics/pay/x.yaml")) for name, made in catalog.items()}


def planned(now: Catalog, live: Mapping[str, TopicSpec], then: Catalog | None, orphans: bool = False) -> Plan:
    store = MemoryStore({name: Observed(made) for name, made in live.items()})
    base = None if then is None else want(then)
    return engine.plan(
        "prod", [Lane(PlainKind(pruning=Pruning.MARKED) if orphans else TOPICS, want(now), store, base=base)], "abc"
    )


def fields(plan: Plan) -> set[str]:
    return {field.field for change in plan.changes for field in change.fields}


def test_without_a_base_everything_is_ours() -> None:
    """Also what somebody set by hand."""
    plan = planned({"a": TopicSpec(3, 3)}, {"a": TopicSpec(3, 3, {"segment.ms": "1"})}, None)
    assert (fields(plan), plan.standing) == ({"config.segment.ms"}, ())


def test_a_hand_fix_stands_and_the_files_own_change_goes_on() -> None:
    """Two fields of one topic, told apart."""
    now, then = TopicSpec(3, 3, {"segment.ms": "2"}), TopicSpec(3, 3, {"segment.ms": "1"})
    plan = planned({"a": now}, {"a": TopicSpec(3, 3, {"segment.ms": "1", "flush.ms": "9"})}, {"a": then})
    assert fields(plan) == {"config.segment.ms"}
    assert [field.field for field in plan.standing[0].fields] == ["config.flush.ms"]
    assert plan.changes[0].after == TopicSpec(3, 3, {"segment.ms": "2", "flush.ms": "9"})


def test_a_key_dropped_from_the_files_is_a_removal_of_ours() -> None:
    """Nobody set it by hand: a file did."""
    plan = planned(
        {"a": TopicSpec(3, 3)}, {"a": TopicSpec(3, 3, {"segment.ms": "1"})}, {"a": TopicSpec(3, 3, {"segment.ms": "1"})}
    )
    assert fields(plan) == {"config.segment.ms"}


def test_what_nobody_made_yet_is_made_whatever_the_base_asked() -> None:
    """Only a record tells that it was there once: tests/reconcile/test_verdict.py."""
    plan = planned({"late": TopicSpec(3, 3), "new": TopicSpec(3, 3)}, {}, {"late": TopicSpec(3, 3)})
    assert [change.key.name for change in plan.changes] == ["late", "new"]
    assert plan.standing == ()


def test_a_topic_that_became_absent_is_ours() -> None:
    """And one that was absent at the base, and that somebody made again, stands."""
    live = {"a": TopicSpec(3, 3), "b": TopicSpec(3, 3)}
    plan = planned({"a": None, "b": None}, live, {"a": TopicSpec(3, 3), "b": None})
    assert [(change.key.name, change.action) for change in plan.changes] == [("a", Action.DELETE)]
    assert [change.key.name for change in plan.standing] == ["b"]


def test_what_we_wrote_and_nobody_touched_is_ours() -> None:
    """A new version of this program renders other text; that is no hand fix."""
    store = MemoryStore({"a": Observed(TopicSpec(3, 3, {"segment.ms": "1"}), untouched=True)})
    same = want({"a": TopicSpec(3, 3, {"segment.ms": "2"})})
    plan = engine.plan("prod", [Lane(TOPICS, same, store, base=same)])
    assert (len(plan.changes), plan.standing) == (1, ())


def test_what_only_we_write_is_written_again_where_it_is_missing() -> None:
    """A lost disk is no hand fix: rules and dashboards come back with the next apply."""
    same = want({"a": TopicSpec(3, 3)})
    lane = Lane(PlainKind("alerts", Pruning.MARKED), same, MemoryStore[TopicSpec](), base=same)
    assert [change.action for change in engine.plan("prod", [lane]).changes] == [Action.CREATE]


def test_a_danger_that_only_the_files_show_makes_a_change_without_fields() -> None:
    """Refused without consent, although nothing differs on the cluster."""
    store = MemoryStore({"a": Observed(TopicSpec(3, 3))})
    told = Hazard("other-message", "its readers know the old one", "v2")
    now = {"a": Wanted(TopicSpec(3, 3), Span("x.yaml"), hazards=(told,))}
    plan = engine.plan("prod", [Lane(TOPICS, now, store, base=want({"a": TopicSpec(3, 3)}))])
    assert [(change.fields, change.refusals[0].by) for change in plan.changes] == [((), "consent")]


def test_a_catalog_that_lost_more_than_a_third_of_the_base_is_refused() -> None:
    """A wrong folder must not look like a wish; a third exactly still goes, and so does a small repository."""
    then = {name: TopicSpec(3, 3) for name in ascii_lowercase[:21]}
    planned({name: then[name] for name in ascii_lowercase[:14]}, {}, then)
    with pytest.raises(RefusedError, match="8 of the 21"):
        planned({name: then[name] for name in ascii_lowercase[:13]}, {}, then)
    planned({"a": then["a"]}, {}, {name: then[name] for name in ascii_lowercase[:19]})


def test_without_a_base_the_names_that_we_wrote_tell_what_was_lost() -> None:
    """By the manifest of the rule files."""
    live = {name: TopicSpec(3, 3) for name in ascii_lowercase}
    with pytest.raises(RefusedError, match="24 of the 26"):
        planned({name: live[name] for name in "ab"}, live, None, orphans=True)
