"""A plan as text: when equal changes become one line, and what is said of each kind."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from provisioner.kinds import KINDS
from provisioner.kinds.alert_set import AlertSet
from provisioner.kinds.board_file import Dashboard
from provisioner.kinds.topic_spec import TopicSpec
from provisioner.problem import Span
from provisioner.reconcile.change import Action, Change
from provisioner.reconcile.model import FieldChange, Key
from provisioner.reconcile.plan import Plan
from provisioner.report import folding, plan, terminal
from tests.plain_kind import PlainKind


def text(made: Plan, verbose: bool = False) -> str:
    return terminal.text(plan.lines(made, verbose))


ALL = tuple(KINDS.values())
ALL_DECLARED = dict.fromkeys((kind.name for kind in ALL), 1)
MANY = {"topic": "topics", "alerts": "alert sets", "dashboard": "dashboards"}
NEW = (FieldChange("partitions", None, "3"),)


def created(kind: str, count: int) -> tuple[Change[Any], ...]:
    """So many equal changes of that kind."""
    resource: Any = {"topic": TopicSpec(3, 3), "alerts": AlertSet("x", "t", ()), "dashboard": Dashboard("{}")}[kind]
    names = [f"name{number}" for number in range(count)]
    return tuple(Change(Key(kind, name), Action.CREATE, None, resource, NEW, Span("x.yaml")) for name in names)


@pytest.mark.parametrize(("kind", "many"), MANY.items())
@pytest.mark.parametrize("more", [False, True], ids=["at the border", "beyond it"])
def test_equal_changes_are_folded_beyond_a_border(kind: str, many: str, more: bool) -> None:
    """Up to it each has its line; beyond it they are counted, in the words of their kind."""
    changes = created(kind, folding.FOLD_BEYOND + more)
    lines = text(Plan("prod", None, changes, ALL_DECLARED, kinds=ALL)).splitlines()
    listed = [line for line in lines if line.startswith(f"+ {kind} name")]
    folded = [line for line in lines if line.startswith(f"+ {len(changes)} {many} alike: name0, ")]
    assert (len(listed), len(folded)) == ((0, 1) if more else (len(changes), 0))


def test_verbose_folds_nothing() -> None:
    """Each has its line."""
    changes = created("topic", folding.FOLD_BEYOND + 1)
    lines = text(Plan("prod", None, changes, ALL_DECLARED, kinds=ALL), verbose=True).splitlines()
    assert sum(line.startswith("+ topic name") for line in lines) == len(changes)


@pytest.mark.parametrize(("kind", "words"), [("alerts", "all its alerts: A (page)"), ("dashboard", "its dashboard")])
def test_what_goes_while_its_topic_stays_is_said_in_the_kinds_words(kind: str, words: str) -> None:
    """Nobody overlooks that nothing watches the topic any more; where the topic goes too, it is no news."""
    watched: Any = AlertSet("a", "t", ({"alert": "A", "labels": {"severity": "page"}},))
    resource = watched if kind == "alerts" else Dashboard("{}")
    of = {"it": Key("topic", "a")}
    going = Change(Key(kind, "a"), Action.DELETE, resource, None, (), Span("x.yaml"), members=of)
    topic = Change(Key("topic", "a"), Action.DELETE, TopicSpec(1, 1), None, (), Span("x.yaml"))
    warning = f"! goes, while its topic stays: {words}\n"
    assert warning in text(Plan("prod", None, (going,), ALL_DECLARED, kinds=ALL))
    assert warning not in text(Plan("prod", None, (going, topic), ALL_DECLARED, kinds=ALL))


def test_a_kind_without_words_of_its_own_is_told_field_by_field() -> None:
    """Below its line; and it is counted in the last line as what people declare."""
    change = Change(Key("thing", "a"), Action.UPDATE, None, None, (FieldChange("size", "1", None),), Span("x.yaml"))
    lines = text(Plan("prod", None, (change,), {"thing": 1}, kinds=(PlainKind(),))).splitlines()
    assert lines[0] == "cluster prod: 1 thing declared, 0 unmanaged"
    assert lines[1].startswith("~ thing a")
    assert lines[2] == "    size  1 -> (not set)"
    assert lines[3].startswith("Plan: 0 to create, 1 to update, 0 to delete, 0 refused; 0 unchanged.")


def test_what_is_made_for_a_resource_is_shown_and_counted_beside_it_whatever_its_kind() -> None:
    """It has no line of its own, and what a reviewer reads of it stands below that of what it belongs to."""
    kinds = (PlainKind(), PlainKind("part", derived=True, nouns=("part", "parts")))
    new = (FieldChange("size", None, "1"),)
    thing, part = (Change(Key(kind.name, "a"), Action.CREATE, None, None, new, Span("x.yaml")) for kind in kinds)
    part = replace(part, members={"it": thing.key})
    lines = text(Plan("prod", None, (thing, part), {"thing": 1}, kinds=kinds)).splitlines()
    assert lines[1].endswith("x.yaml:1   with part")
    assert lines[2:4] == ["    size  (not set) -> 1"] * 2
    assert lines[4].startswith("Plan: 1 to create, 0 to update, 0 to delete, 0 refused (+ 1 part); 0 unchanged.")
