"""Exit codes."""

from __future__ import annotations

import itertools

import pytest

from provisioner.commands import exits
from provisioner.problem import Span
from provisioner.reconcile.change import Action, Change
from provisioner.reconcile.model import Key, Refusal
from provisioner.reconcile.outcome import Outcome, State
from provisioner.reconcile.plan import Plan


def change(refused: bool = False) -> Change[object]:  # type: ignore[type-var]
    why = (Refusal("consent", "x"),) if refused else ()
    return Change(Key("topic", "a"), Action.CREATE, None, None, (), Span("x"), refusals=why)


def plan(*changes: Change[object], stopped: bool = False) -> Plan:  # type: ignore[type-var]
    return Plan("prod", None, changes, stopped={"alerts": "down"} if stopped else {})


def test_the_gravest_code_counts() -> None:
    """In whatever order they came."""
    for codes in itertools.permutations([64, 1, 4, 3, 2, 0]):
        assert exits.worst(codes) == 64
        assert exits.worst([code for code in codes if code != 64]) == 1
        assert exits.worst([code for code in codes if code not in (64, 1)]) == 4
        assert exits.worst([code for code in codes if code not in (64, 1, 4)]) == 3


@pytest.mark.parametrize(
    ("made", "detailed", "code"),
    [
        (plan(), True, 0),
        (plan(change()), False, 0),
        (plan(change()), True, 2),
        (plan(change(), change(refused=True)), True, 3),
        (plan(change(refused=True), stopped=True), True, 4),
    ],
)
def test_a_plan_ends_with_what_it_found(made: Plan, detailed: bool, code: int) -> None:
    """Pending changes count only where that is asked for."""
    assert exits.of_plan(made, detailed) == code


@pytest.mark.parametrize(
    ("states", "code"),
    [
        ([], 0),
        ([State.DONE, State.STARTED], 0),
        ([State.DONE, State.REFUSED, State.SKIPPED], 3),
        ([State.DONE, State.FAILED, State.REFUSED], 1),
        ([State.DOUBT], 1),
        ([State.STOPPED], 1),
    ],
)
def test_an_apply_ends_with_its_gravest_outcome(states: list[State], code: int) -> None:
    """A skipped change counts as what caused it."""
    assert exits.of_outcomes(plan(), [Outcome(Key("topic", "a"), state) for state in states]) == code
