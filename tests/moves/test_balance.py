"""How good a placement is, on random clusters, against the best that can be had."""

from __future__ import annotations

import random
from collections import Counter
from math import ceil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provisioner.moves.cluster import Cluster
from provisioner.moves.placement import Placement, place
from tests.moves.clusters import Wish, cluster, partition, wishes
from tests.moves.optimum import choices, crowding, ideal, lowest_top
from tests.pace import within

SLOW = [HealthCheck.too_slow]


def bytes_before(cluster: Cluster) -> dict[int, int]:
    return {each.id: each.used or 0 for each in cluster.live}


def counts_before(cluster: Cluster) -> dict[int, int]:
    return {each.id: sum(each.id in one.replicas for one in cluster.partitions) for each in cluster.live}


def bytes_after(cluster: Cluster, placement: Placement) -> dict[int, int]:
    loads = Counter(bytes_before(cluster))
    for move in placement.moves:
        loads.update(dict.fromkeys(move.added, move.size or 0))
    return dict(loads)


def counts_after(cluster: Cluster, placement: Placement) -> dict[int, int]:
    counts = Counter(counts_before(cluster))
    counts.update(broker for move in placement.moves for broker in move.added)
    return dict(counts)


@given(wishes())
@settings(max_examples=200, suppress_health_check=SLOW)
def test_what_is_there_stays_and_what_is_new_is_on_live_brokers(wish: Wish) -> None:
    """Each move is what the partition has, then new brokers, alive and each once, up to the factor."""
    known = {each.key: each for each in wish.cluster.partitions}
    live = {each.id for each in wish.cluster.live}
    for move in place(wish.cluster, wish.factors).moves:
        assert move.after[: len(move.before)] == move.before == known[move.topic, move.number].replicas
        assert set(move.added) <= live - set(move.before)
        assert len(set(move.after)) == len(move.after) == wish.factors[move.topic]


@given(wishes())
@settings(max_examples=200, suppress_health_check=SLOW)
def test_every_partition_that_lacks_replicas_is_moved_or_refused_and_no_other(wish: Wish) -> None:
    """Once."""
    placement = place(wish.cluster, wish.factors)
    lacking = [one.key for one in wish.cluster.partitions if len(one.replicas) < wish.factors[one.topic]]
    moved = [(each.topic, each.number) for each in placement.moves]
    assert sorted(moved + [(each.topic, each.number) for each in placement.refused]) == sorted(lacking)


@given(wishes())
@settings(max_examples=200, suppress_health_check=SLOW)
def test_racks_are_as_spread_as_they_can_be(wish: Wish) -> None:
    """No other choice of live brokers has fewer replicas in the partition's fullest rack, then in the next one."""
    known = {each.key: each for each in wish.cluster.partitions}
    for move in place(wish.cluster, wish.factors).moves:
        best = choices(known[move.topic, move.number], len(move.added), wish.cluster)[0]
        assert crowding(move.after, wish.cluster) == crowding((*move.before, *best), wish.cluster)


@given(wishes())
@settings(max_examples=200, suppress_health_check=SLOW, deadline=None)
def test_the_bytes_of_every_broker_are_within_the_largest_partition_of_the_ideal(wish: Wish) -> None:
    """The ideal may even cut replicas into pieces; every broker is near it, not only the fullest."""
    placement = place(wish.cluster, wish.factors)
    best = ideal(wish.cluster, placement.moves, lambda move: move.size or 0, bytes_before(wish.cluster))
    loads = bytes_after(wish.cluster, placement)
    assert max((abs(loads[each] - best[each]) for each in loads), default=0) <= wish.cluster.largest


@given(wishes(brokers=5, partitions=4))
@settings(max_examples=100, suppress_health_check=SLOW, deadline=None)
def test_the_fullest_broker_is_within_the_largest_partition_of_the_best_plan(wish: Wish) -> None:
    """Of all plans, by trying them."""
    placement = place(wish.cluster, wish.factors)
    if placement.moves:
        best = lowest_top(wish.cluster, placement.moves, bytes_before(wish.cluster))
        assert max(bytes_after(wish.cluster, placement).values()) <= best + wish.cluster.largest


@pytest.mark.parametrize("kind", ["equal", "empty"])
@given(data=st.data())
@settings(max_examples=200, suppress_health_check=SLOW, deadline=None)
def test_counts_are_within_one_of_the_ideal_where_partitions_are_equal(kind: str, data: st.DataObject) -> None:
    """Also where they are empty; and no plan has fewer replicas on the fullest broker."""
    wish = data.draw(wishes(kind))
    placement = place(wish.cluster, wish.factors)
    best = ideal(wish.cluster, placement.moves, lambda _: 1, counts_before(wish.cluster))
    counts = counts_after(wish.cluster, placement)
    assert max((abs(counts[each] - best[each]) for each in counts), default=0) <= 1
    if counts:
        assert max(counts.values()) == ceil(max(best.values()))


@pytest.mark.parametrize("kind", ["mixed", "unknown", "equal"])
@given(data=st.data())
@settings(max_examples=150, suppress_health_check=SLOW)
def test_equal_input_in_another_order_gives_the_equal_plan(kind: str, data: st.DataObject) -> None:
    """Brokers, partitions and factors, however they were listed."""
    wish = data.draw(wishes(kind))
    brokers = data.draw(st.permutations(wish.cluster.brokers))
    partitions = data.draw(st.permutations(wish.cluster.partitions))
    factors = dict(reversed([*wish.factors.items()]))
    assert place(Cluster(tuple(brokers), tuple(partitions)), factors) == place(wish.cluster, wish.factors)


@pytest.mark.parametrize("racks", ["-" * 30, "abc" * 10])
def test_thousands_of_equal_partitions_end_up_even_to_the_replica(racks: str) -> None:
    """From one replica each, dropped anywhere, to three."""
    dice = random.Random(7)
    there = [partition(f"t{at // 6}", at % 6, dice.randint(1, 30)) for at in range(3000)]
    wish = cluster(racks, there)
    placement = place(wish, {each.topic: 3 for each in there})
    assert set(counts_after(wish, placement).values()) == {300}


def test_a_thousand_topics_are_placed_in_two_seconds() -> None:
    """Six partitions each, from one replica to three, of all sizes, on thirty brokers."""
    dice = random.Random(7)
    there = [
        partition(f"t{at // 6}", at % 6, dice.randint(1, 30), size=int(dice.paretovariate(1.1) * 10**6))
        for at in range(6000)
    ]
    wish = cluster("abc" * 10, there)
    with within(2):
        placement = place(wish, {each.topic: 3 for each in there})
    assert len(placement.moves) == 6000
