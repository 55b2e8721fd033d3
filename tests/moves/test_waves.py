"""Moves in waves."""

from __future__ import annotations

import random
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.moves.move import Move
from provisioner.moves.waves import Bounds, Wave, waves


def moved(topic: str, number: int, size: int | None = 100, copies: int = 1) -> Move:
    return Move(topic, number, (1,), tuple(range(2, 2 + copies)), 1, size)


def names(done: tuple[Wave, ...]) -> list[str]:
    """t0 t1 for two partitions of t in a wave."""
    return [" ".join(f"{move.topic}{move.number}" for move in wave.moves) for wave in done]


def test_the_smallest_topics_come_first() -> None:
    """So that most topics are safe early."""
    moves = [moved("big", 0, 900), moved("small", 0, 10), moved("middle", 0, 500)]
    assert names(waves(moves, Bounds(600, 9))) == ["small0 middle0", "big0"]


def test_a_topic_counts_with_all_its_copies() -> None:
    """Two replicas of 100 are 200 bytes."""
    assert waves([moved("t", 0, 100, copies=2)], Bounds(999, 9))[0].bytes_to_copy == 200


def test_a_topic_stays_together_where_it_fits() -> None:
    """There is room for half of it in the first wave, and it waits for the second one."""
    moves = [moved("a", 0), *(moved("b", at) for at in (1, 0))]
    assert names(waves(moves, Bounds(200, 9))) == ["a0", "b0 b1"]


def test_a_topic_larger_than_a_wave_is_parted_by_number() -> None:
    """By bytes, or by partitions."""
    moves = [moved("t", at) for at in range(5)]
    assert names(waves(moves, Bounds(250, 9))) == ["t0 t1", "t2 t3", "t4"]
    assert names(waves(moves, Bounds(9999, 3))) == ["t0 t1 t2", "t3 t4"]


def test_a_partition_larger_than_the_bound_is_a_wave_of_its_own() -> None:
    """No wave can be smaller."""
    moves = [moved("a", 0, 10), moved("b", 0, 20), moved("b", 1, 5000), moved("b", 2, 20)]
    assert names(waves(moves, Bounds(100, 9))) == ["a0 b0", "b1", "b2"]


def test_topics_of_unknown_size_come_last_and_count_as_partitions() -> None:
    """They may be the largest."""
    moves = [moved("a", 0, None), moved("a", 1, None), moved("b", 0, 5000)]
    assert names(waves(moves, Bounds(5000, 2))) == ["b0", "a0 a1"]


def test_no_moves_are_no_waves() -> None:
    """Not an empty one."""
    assert waves([], Bounds(1, 1)) == ()


@pytest.mark.parametrize("bounds", [(0, 1), (1, 0)])
def test_a_wave_without_room_for_anything_is_an_error(bounds: tuple[int, int]) -> None:
    """It would never end."""
    with pytest.raises(ValueError, match="needs room"):
        Bounds(*bounds)


MOVES = st.lists(
    st.builds(moved, st.sampled_from("abcde"), st.integers(0, 8), st.none() | st.integers(0, 300), st.integers(1, 3)),
    unique_by=lambda move: (move.topic, move.number),
)


@given(MOVES, st.integers(1, 800), st.integers(1, 6), st.integers(0, 99))
def test_waves_cover_every_move_once_and_keep_their_bounds(moves: list[Move], size: int, most: int, seed: int) -> None:
    """However the moves were listed; and a topic that fits into a wave is in one."""
    done = waves(moves, Bounds(size, most))
    flat = [move for wave in done for move in wave.moves]
    assert sorted(flat, key=repr) == sorted(moves, key=repr)
    assert all(wave.fits(Bounds(size, most)) for wave in done)
    for topic, its in groupby(sorted(flat, key=lambda move: move.topic), key=lambda move: move.topic):
        if Wave(tuple(its)).fits(Bounds(size, most)):
            assert sum(any(move.topic == topic for move in wave.moves) for wave in done) == 1
    shuffled = random.Random(seed).sample(moves, len(moves))
    assert waves(shuffled, Bounds(size, most)) == done
