"""What the faults of moves look for is found where it is: a leader that moved, a copy made twice, a replica lost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from provisioner.sandbox import Sandbox
from tests.faults import moves_invariants
from tests.faults.moves_case import MovesCase
from tests.faults.moves_fault import Hurt
from tests.faults.moves_witness import Row, Sample

GOOD = Row((1, 4, 2, 3), frozenset({1}), 1, frozenset({4, 2, 3}))
DONE = Row((1, 2, 3), frozenset({1, 2, 3}), 1)


@pytest.fixture
def case(tmp_path: Path) -> MovesCase:
    """One partition on broker 1, of 100 messages."""
    made = MovesCase(Sandbox("none", tmp_path, "id", "256m", ()), tmp_path, 0, each=100)
    made.before = {(made.one, 0): (1,)}
    return made


def looked(case: MovesCase, *rows: Row, apart: float = 1) -> None:
    case.witness.samples = [Sample(at * apart, {(case.one, 0): row}, {}) for at, row in enumerate(rows)]


def copied(case: MovesCase, grown: int, there: int) -> None:
    copy = (case.one, 0, 2)
    case.witness.seen, case.witness.last = {copy}, {copy: there}
    case.witness.grown[copy] = grown


def test_what_goes_well_is_no_violation(case: MovesCase) -> None:
    """Replicas come, the leader stays, each byte came once."""
    looked(case, GOOD, DONE)
    copied(case, 20_000_000, 20_000_000)
    assert list(moves_invariants.watched(case, Hurt([]))) == []
    assert list(moves_invariants.placed(case, Hurt([]), {(case.one, 0): DONE})) == []
    assert list(moves_invariants.once(case, Hurt([]))) == []


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (replace(GOOD, leader=4), "M1"),
        (replace(GOOD, replicas=(4, 2, 3)), "M3"),
        (replace(GOOD, isr=frozenset({4})), "M3"),
    ],
)
def test_each_look_counts(case: MovesCase, row: Row, said: str) -> None:
    """Though the end is as it should be."""
    looked(case, GOOD, row, DONE)
    (found,) = moves_invariants.watched(case, Hurt([]))
    assert found.startswith(said)


def test_nobody_vouches_for_what_nobody_saw(case: MovesCase) -> None:
    """A witness that is late, or blind."""
    looked(case, GOOD, DONE, apart=60)
    assert list(moves_invariants.watched(case, Hurt([]))) == ["nobody looked on for 60 s"]
    looked(case)
    assert list(moves_invariants.watched(case, Hurt([])))


@pytest.mark.parametrize("row", [replace(DONE, replicas=(2, 1, 3)), replace(DONE, isr=frozenset({1, 2})), GOOD])
def test_the_end_is_three_replicas_appended_and_in_sync(case: MovesCase, row: Row) -> None:
    """In this order."""
    assert any("M7" in text for text in moves_invariants.placed(case, Hurt([]), {(case.one, 0): row}))


def test_three_replicas_in_two_racks_are_not_spread(case: MovesCase) -> None:
    """Brokers 1 and 4 share one."""
    row = Row((1, 4, 2), frozenset({1, 4, 2}), 1)
    assert any("not in every rack" in text for text in moves_invariants.placed(case, Hurt([]), {(case.one, 0): row}))


@pytest.mark.parametrize(("grown", "there"), [(40_000_000, 20_000_000), (1_000_000, 1_000_000)])
def test_bytes_that_came_twice_or_not_at_all_are_counted(case: MovesCase, grown: int, there: int) -> None:
    """By what is on the disks."""
    copied(case, grown, there)
    assert any("M2" in text for text in moves_invariants.once(case, Hurt([])))


def test_a_log_that_came_and_went_is_a_stray(case: MovesCase) -> None:
    """Neither an old replica nor a new one."""
    copied(case, 20_000_000, 20_000_000)
    case.witness.seen.add((case.one, 0, 4))
    assert any("M4" in text for text in moves_invariants.once(case, Hurt([])))
