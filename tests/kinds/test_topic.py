"""What a wanted topic takes over from the live one, and what is dangerous about the rest."""

from __future__ import annotations

from typing import Any

import pytest

from provisioner.kinds import TOPICS
from provisioner.kinds.topic_spec import TopicSpec
from provisioner.reconcile.model import Hazard, Observed, Wanted
from tests.topics import asked, live

VENDORS = "confluent.value.schema.validation"


def hazards(seen: Observed[TopicSpec] | None, want: Wanted[TopicSpec]) -> list[Hazard]:
    spec = want.resource
    return list(TOPICS.hazards(seen, want, TOPICS.resolved(spec, want, seen) if spec else None))


def after(seen: Observed[TopicSpec], **policy: Any) -> TopicSpec:
    return TOPICS.resolved(TopicSpec(3, 3), asked(TopicSpec(3, 3), **policy), seen)


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("dropped", [frozenset[str](), frozenset({VENDORS})])
def test_an_override_that_we_do_not_know_is_never_removed(keep: bool, dropped: frozenset[str]) -> None:
    """Whatever the cluster says of undeclared overrides, and also where a file named it at the base."""
    there = live(3, 3, {VENDORS: "true"})
    assert after(there, keep_undeclared=keep, dropped=dropped) == there.resource


def test_an_override_that_we_do_not_know_is_said_beside_a_change() -> None:
    """As a note: nobody has to consent to what is left alone."""
    there = live(3, 3, {VENDORS: "true", "segment.jitter.ms": "5"})
    (note,) = [hazard for hazard in hazards(there, asked(TopicSpec(3, 3))) if hazard.field == f"config.{VENDORS}"]
    assert (note.asks, note.possible) == (False, True)
    assert "left as it is" in note.reason


def test_an_extra_config_goes_only_where_a_file_asks_for_that() -> None:
    """By a consent to inherit it, or by a line that the base had; and then it asks."""
    there = live(3, 3, {VENDORS: "true", "other.key": "1"})
    policy = {"dropped": frozenset({VENDORS, "other.key"}), "extra": frozenset({VENDORS})}
    assert after(there, **policy).config == {"other.key": "1"}
    asking = [(hazard.slug, hazard.value) for hazard in hazards(there, asked(TopicSpec(3, 3), **policy)) if hazard.asks]
    assert asking == [("extra-config", f"{VENDORS}=inherited")]
    assert after(there, extra=frozenset({VENDORS})) == there.resource


def test_an_extra_config_asks_for_its_very_value() -> None:
    """As text: whatever it is, nothing here knows which way is dangerous."""
    want = asked(TopicSpec(3, 3, {VENDORS: "false"}), extra=frozenset({VENDORS}))
    assert [hazard.value for hazard in hazards(live(3, 3, {VENDORS: "true"}), want)] == [f"{VENDORS}=false"]
    assert hazards(None, want) == []


RESOLVED: dict[str, tuple[dict[str, Any], dict[str, str], dict[str, Any], dict[str, str]]] = {
    "a default that is inherited is not set": ({"defaults": {"a"}}, {"a": "1"}, {"inherited": {"a": "1"}}, {}),
    "a default that is not inherited is set": ({"defaults": {"a"}}, {"a": "1"}, {"inherited": {"a": "2"}}, {"a": "1"}),
    "a default on which brokers differ is not set": ({"defaults": {"a"}}, {"a": "1"}, {"unsettled": {"a"}}, {}),
    "a value of the topic's own is set all the same": ({}, {"a": "1"}, {"inherited": {"a": "1"}}, {"a": "1"}),
}


@pytest.mark.parametrize("case", RESOLVED)
def test_what_a_topic_is_to_be_depends_on_what_it_inherits(case: str) -> None:
    """Each line of the table is the rule that it is called by."""
    policy, config, facts, wanted = RESOLVED[case]
    spec = TopicSpec(3, 3, config)
    frozen = {name: frozenset(value) for name, value in policy.items()}
    assert TOPICS.resolved(spec, asked(spec, **frozen), live(3, 3, {}, **facts)).config == wanted
    assert TOPICS.resolved(spec, asked(spec, **frozen), None) == spec
