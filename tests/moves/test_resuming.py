"""A move that was noted and does not show is asked for again as it was."""

from __future__ import annotations

import pytest

from provisioner.moves.cluster import Broker, Cluster
from provisioner.moves.move import Move
from provisioner.moves.notes import Noted, Notes
from provisioner.moves.resuming import resumed

FOUR = Cluster(tuple(Broker(each, free=1000) for each in (1, 2, 3, 4)), ())
MOVE = Move("a", 0, (1,), (2, 3), 1, 100)


def noted(*target: int) -> Notes:
    return Notes({"a": Noted({0: (1,)}, {0: target})})


def test_it_has_the_same_targets() -> None:
    """Where it has ended and a broker is late to show it, asking for it again changes nothing."""
    (move,) = resumed([MOVE], noted(1, 4, 3), FOUR)
    assert (move.before, move.added) == ((1,), (4, 3))


@pytest.mark.parametrize("target", [(), (1, 4), (2, 1, 4), (1, 4, 5), (4, 1, 2, 3)])
def test_what_fits_no_longer_is_placed_anew(target: tuple[int, ...]) -> None:
    """Another factor, other replicas that are there already, a broker that is dead or unknown."""
    assert resumed([MOVE], noted(*target), FOUR) == [MOVE]


def test_a_full_disk_is_no_target_any_more() -> None:
    """Though it was one when it was noted; one of which nothing is known stays one."""
    full = Cluster(tuple(Broker(each, free={4: 50, 3: None}.get(each, 1000)) for each in (1, 2, 3, 4)), ())
    assert resumed([MOVE], noted(1, 4, 3), full) == [MOVE]
    (move,) = resumed([MOVE], noted(1, 3, 2), full)
    assert move.added == (3, 2)


def test_what_nobody_noted_stays_as_it_was_placed() -> None:
    """Nothing is remembered of it."""
    assert resumed([MOVE], Notes(), FOUR) == [MOVE]
