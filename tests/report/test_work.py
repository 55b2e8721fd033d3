"""What changes set going that takes long: of one in its own words, of a thousand one line a team, with their sum."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from provisioner.kinds import TOPICS
from provisioner.kinds.topic_spec import TopicFacts, TopicSpec
from provisioner.problem import Span
from provisioner.reconcile import diff
from provisioner.reconcile.change import Change
from provisioner.reconcile.model import Key, Observed, Prepared, Wanted, Work
from provisioner.reconcile.plan import Plan
from provisioner.report import plan, terminal, work

GIB = 1024**3


def raised(name: str, team: str, size: int = GIB, unsized: int = 0) -> Change[Any]:
    want = Wanted(TopicSpec(6, 3), Span("x.yaml", 1), team)
    made = diff.change(Key("topic", name), want, Observed(TopicSpec(6, 1), facts=TopicFacts()), TOPICS)
    assert made
    own = Work(12, 3, size, unsized, 20.0, (f"adds 12 replicas of {name}",))
    return replace(made, prepared=Prepared(work=own))


def text(*changes: Change[Any], verbose: bool = False) -> str:
    return terminal.text(plan.lines(Plan("prod", "id", changes, {"topic": len(changes)}, kinds=(TOPICS,)), verbose))


def test_a_thousand_raises_are_a_line_a_team_with_totals() -> None:
    """Bytes and times differ from topic to topic, and part no line."""
    changes = [raised(f"t{n:04}", ("a", "b")[n % 2], (n // 2 + 1) * 1024**2) for n in range(1000)]
    shown = text(*changes)
    assert shown.count("500 topics alike") == 2
    assert shown.count("adds 6,000 replicas in all, about 122 GiB to copy") == 2
    assert "adds 12 replicas of" not in shown
    assert len(shown.splitlines()) < 14


def test_one_raise_is_told_in_its_own_words() -> None:
    """As is each of a thousand, where everything is listed."""
    assert "note: adds 12 replicas of orders.v1" in text(raised("orders.v1", "a"))
    assert text(*(raised(f"t{n}", "a") for n in range(9)), verbose=True).count("note: adds 12 replicas of t") == 9


def test_what_is_not_known_is_not_in_the_sum() -> None:
    """The rest is the least that it can be."""
    several = [Work(4, 2, GIB, 0, 10), Work(4, 2, 0, 2, 0)]
    assert work.total(several) == (
        "adds 8 replicas in all, at least 1 GiB to copy, the bytes of 2 partitions not known, "
        "at least 10 s one after the other; the smallest first"
    )
    assert work.total([Work(2, 1)]) == "adds 2 replicas in all, nothing to copy; the smallest first"
