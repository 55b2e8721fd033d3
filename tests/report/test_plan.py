"""A plan as text: when equal changes become one line, and what is said of each kind."""

from __future__ import annotations

import pytest

from provisioner.kinds.topic import Topic
from provisioner.problem import Span
from provisioner.reconcile.model import Action, Change, FieldChange, Key, Plan
from provisioner.report import folding, plan

MANY = {"topic": "topics", "alerts": "alert sets", "dashboard": "dashboards"}
NEW = (FieldChange("partitions", None, "3"),)


def created(kind: str, count: int) -> tuple[Change[Topic], ...]:
    """So many equal changes of that kind."""
    names = [f"name{number}" for number in range(count)]
    return tuple(Change(Key(kind, name), Action.CREATE, None, Topic(3, 3), NEW, Span("x.yaml")) for name in names)


@pytest.mark.parametrize(("kind", "many"), MANY.items())
@pytest.mark.parametrize("more", [False, True], ids=["at the border", "beyond it"])
def test_equal_changes_are_folded_beyond_a_border(kind: str, many: str, more: bool) -> None:
    """Up to it each has its line; beyond it they are counted, in the words of their kind."""
    changes = created(kind, folding.FOLD_BEYOND + more)
    lines = plan.text(Plan("prod", None, changes, {"topic": len(changes)})).splitlines()
    listed = [line for line in lines if line.startswith(f"+ {kind} name")]
    folded = [line for line in lines if line.startswith(f"+ {len(changes)} {many} alike: name0, ")]
    assert (len(listed), len(folded)) == ((0, 1) if more else (len(changes), 0))


def test_verbose_folds_nothing() -> None:
    """Each has its line."""
    changes = created("topic", folding.FOLD_BEYOND + 1)
    lines = plan.text(Plan("prod", None, changes, {"topic": len(changes)}), verbose=True).splitlines()
    assert sum(line.startswith("+ topic name") for line in lines) == len(changes)


@pytest.mark.parametrize(("kind", "words"), [("alerts", "all its alerts"), ("dashboard", "its dashboard")])
def test_what_goes_while_its_topic_stays_is_said_in_the_kinds_words(kind: str, words: str) -> None:
    """Nobody overlooks that nothing watches the topic any more; where the topic goes too, it is no news."""
    going = Change(Key(kind, "a"), Action.DELETE, Topic(1, 1), None, (), Span("x.yaml"))
    topic = Change(Key("topic", "a"), Action.DELETE, Topic(1, 1), None, (), Span("x.yaml"))
    warning = f"! goes, while its topic stays: {words}\n"
    assert warning in plan.text(Plan("prod", None, (going,), {"topic": 1}))
    assert warning not in plan.text(Plan("prod", None, (going, topic), {"topic": 1}))
