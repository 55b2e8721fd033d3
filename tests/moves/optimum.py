"""The best that can be had on a small cluster, by trying everything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from itertools import combinations, product

from provisioner.moves.cluster import Cluster, Partition
from provisioner.moves.move import Move

Sets = list[frozenset[int]]


def crowding(replicas: Iterable[int], cluster: Cluster) -> list[int]:
    """Replicas in each rack, the fullest rack first: the lower the list, the more spread they are."""
    return sorted(Counter(cluster.racks[each] for each in replicas).values(), reverse=True)


def choices(partition: Partition, count: int, cluster: Cluster) -> Sets:
    """Every set of live brokers for so many new replicas that spreads the partition as far as can be."""
    free = [each.id for each in cluster.live if each.id not in partition.replicas]
    sets = [frozenset(each) for each in combinations(free, count)]
    least = min(crowding((*partition.replicas, *each), cluster) for each in sets)
    return [each for each in sets if crowding((*partition.replicas, *each), cluster) == least]


def subsets(items: Iterable[int]) -> Iterable[frozenset[int]]:
    pool = sorted(items)
    return (frozenset(each) for size in range(1, len(pool) + 1) for each in combinations(pool, size))


def ideal(
    cluster: Cluster, moves: Iterable[Move], weight: Callable[[Move], int], fixed: Mapping[int, int]
) -> dict[int, Fraction]:
    """Broker -> its load where the loads are as even as can be and replicas might be cut into pieces.

    Of all sets of brokers the one whose least possible load is highest on average cannot do better than that; then the
    rest likewise.
    """
    known = {each.key: each for each in cluster.partitions}
    sets = [(weight(each), choices(known[each.topic, each.number], len(each.added), cluster)) for each in moves]
    brokers = {each.id for each in cluster.live}

    def least(held: frozenset[int]) -> int:
        return sum(fixed[each] for each in held) + sum(one * min(len(each & held) for each in of) for one, of in sets)

    loads: dict[int, Fraction] = {}
    while brokers - loads.keys():
        done = frozenset(loads)
        floor = least(done)
        level, _, top = max(
            (Fraction(least(done | each) - floor, len(each)), len(each), sorted(each))
            for each in subsets(brokers - done)
        )
        loads.update(dict.fromkeys(top, level))
    return loads


def lowest_top(cluster: Cluster, moves: Iterable[Move], fixed: Mapping[int, int]) -> int:
    """Bytes on the fullest broker, in the best of all plans that leave replicas whole."""
    known = {each.key: each for each in cluster.partitions}
    moved = list(moves)
    tops = []
    for plan in product(*(choices(known[each.topic, each.number], len(each.added), cluster) for each in moved)):
        loads = Counter(fixed)
        for move, brokers in zip(moved, plan, strict=True):
            loads.update(dict.fromkeys(brokers, move.size or 0))
        tops.append(max(loads.values()))
    return min(tops)
