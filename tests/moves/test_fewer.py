"""Which replicas go."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.moves.cluster import Cluster, Partition
from provisioner.moves.fewer import Floor, fewer
from provisioner.moves.move import Reason
from tests.moves.clusters import Wish, cluster, partition, wishes

FLOOR = Floor(2, {"t": 1, "u": 1})


def dropped(there: Cluster, factor: int, floor: Floor = FLOOR) -> tuple[int, ...]:
    (drop,) = fewer(there, {"t": factor}, floor).drops
    return drop.dropped


def reason(there: Partition, factor: int, floor: Floor = FLOOR) -> Reason:
    (refused,) = fewer(cluster("----", [there]), {"t": factor}, floor).refused
    return refused.reason


def test_the_leader_stays_though_its_broker_is_the_fullest() -> None:
    """And the order of what stays is as it was."""
    there = cluster("---", [partition("t", 0, 1, 2, 3), partition("u", 0, 1, size=9000), partition("u", 1, 2)])
    (drop,) = fewer(there, {"t": 2}, FLOOR).drops
    assert drop.after == (1, 3)


def test_first_goes_what_is_not_in_sync() -> None:
    """Though it is alone in its rack."""
    late = replace(partition("t", 0, 1, 2, 3), isr=frozenset({1, 2}))
    assert dropped(cluster("aab", [late]), 2) == (3,)


def test_then_goes_what_shares_its_rack_with_most() -> None:
    """Though the other broker is fuller."""
    there = cluster("aab", [partition("t", 0, 1, 2, 3), partition("u", 0, 3, size=9000)])
    assert dropped(there, 2) == (2,)


def test_then_goes_what_is_on_the_fullest_broker() -> None:
    """By bytes."""
    there = cluster("---", [partition("t", 0, 1, 2, 3), partition("u", 0, 3, size=9000), partition("u", 1, 2)])
    assert dropped(there, 2) == (3,)


def test_what_was_dropped_before_makes_its_broker_lighter() -> None:
    """Of two equal partitions each broker loses one."""
    there = cluster("---", [partition("t", at, 1, 2, 3) for at in range(2)])
    drops = fewer(there, {"t": 2}, FLOOR).drops
    assert sorted(each.dropped for each in drops) == [(2,), (3,)]


@pytest.mark.parametrize(
    ("factor", "floor", "why"),
    [
        (2, Floor(3, {"t": 1}), Reason.BELOW_MINIMUM),
        (2, Floor(2, {"t": 2}), Reason.NOT_ABOVE_MIN_INSYNC),
        (2, Floor(2, {"t": 3}), Reason.NOT_ABOVE_MIN_INSYNC),
        (1, Floor(1, {"t": 1}), Reason.NOT_ABOVE_MIN_INSYNC),
        (0, Floor(0, {"t": 1}), Reason.BELOW_MINIMUM),
        (2, Floor(2, {}), Reason.MIN_INSYNC_UNKNOWN),
    ],
)
def test_it_never_goes_to_min_insync_replicas_or_below_the_minimum(factor: int, floor: Floor, why: Reason) -> None:
    """What min.insync.replicas is must be known."""
    assert reason(partition("t", 0, 1, 2, 3), factor, floor) is why


def test_what_moves_has_no_leader_or_too_few_in_sync_is_refused() -> None:
    """Each with its reason."""
    whole = partition("t", 0, 1, 2, 3, 4)
    assert reason(replace(whole, removing=frozenset({4})), 2) is Reason.MOVING
    assert reason(replace(whole, leader=None), 2) is Reason.NO_LEADER
    assert reason(replace(whole, isr=frozenset({1})), 3, Floor(2, {"t": 2})) is Reason.FEW_IN_SYNC


@given(wishes(), st.integers(1, 3))
def test_it_drops_and_never_the_leader_nor_one_in_sync_before_one_that_is_not(wish: Wish, least: int) -> None:
    """On random clusters; listed in another order they lose the same."""
    floor = Floor(least, {f"t{at}": 1 for at in range(3)})
    known = {each.key: each for each in wish.cluster.partitions}
    result = fewer(wish.cluster, wish.factors, floor)
    for drop in result.drops:
        there = known[drop.topic, drop.number]
        assert len(drop.after) == wish.factors[drop.topic] >= max(2, least)
        assert there.leader in drop.after
        assert set(drop.after) <= there.isr or not set(drop.dropped) & there.isr
    turned = Cluster(wish.cluster.brokers[::-1], wish.cluster.partitions[::-1])
    assert fewer(turned, wish.factors, floor) == result
