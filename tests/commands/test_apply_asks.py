"""Whoever applies at a terminal is asked, and only where there is something to agree to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from provisioner import cli
from tests.commands.test_held_back import World, fleet, topic, world, write

__all__ = ["world"]


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], list[str]]:
    """Somebody at a terminal with one answer to everything; the questions."""

    def answering(answer: bool) -> list[str]:
        questions: list[str] = []
        monkeypatch.setattr(cli.Terminal, "interactive", property(lambda _: True))
        monkeypatch.setattr(cli.Terminal, "ask", lambda _, question: questions.append(question) or answer)
        return questions

    return answering


def test_nobody_is_asked_where_everything_is_refused(world: World, answers: Callable[[bool], list[str]]) -> None:
    """Their yes would do nothing, and their no would hide that something is refused."""
    fleet(1, days=7)
    world.run("apply", "--yes")
    fleet(1, days=3)
    questions = answers(False)
    code, shown = world.run("apply", "--lane", "topics")
    assert (code, questions) == (3, [])
    assert "1 refused" in shown


def test_an_undo_by_name_shows_both_values_and_its_hazard_and_asks(
    world: World, answers: Callable[[bool], list[str]]
) -> None:
    """A no leaves the hand fix, a yes undoes it."""
    entry = Path("topics", "team-000", "orders.yaml")
    fleet(1, days=7)
    world.run("apply", "--yes")
    by_hand(world, days=14)
    write("team-000/orders.yaml", entry.read_text() + "    allow: {shorter-retention: 7d}\n")
    undo = ["--scope", "all", "--topic", topic(0)]
    questions = answers(False)
    _, shown = world.run("apply", *undo)
    assert (questions, world.days(topic(0))) == (["Apply this to prod?"], 14)
    assert "1209600000 (14d) -> 604800000 (7d)" in shown
    assert "by hand since it was applied: 604800000 (7d) -> 1209600000 (14d)" in shown
    assert "shorter-retention: records older than 7d become deletable at once" in shown
    answers(True)
    assert world.run("apply", *undo)[0] == 0
    assert world.days(topic(0)) == 7


def by_hand(world: World, days: int) -> None:
    """Somebody sets another retention."""
    seen = world.store.state[topic(0)]
    config = {**seen.resource.config, "retention.ms": str(days * 86_400_000)}
    world.store.state[topic(0)] = replace(seen, given=replace(seen.resource, config=config))
