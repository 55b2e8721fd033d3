"""Clusters for tests: by hand in a line, or at random."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hypothesis import strategies as st

from provisioner.moves.cluster import Broker, Cluster, Partition

MANY_BYTES = 10**18


def partition(topic: str, number: int, *replicas: int, size: int | None = 100) -> Partition:
    """All in sync, the first one leads."""
    return Partition(topic, number, replicas, frozenset(replicas), replicas[0], size)


def cluster(racks: str, partitions: Iterable[Partition], free: int | None = MANY_BYTES) -> Cluster:
    """`racks`: a letter for each broker from 1 on, `-` for none. What a broker uses is what its replicas weigh."""
    there = tuple(partitions)
    used = sum((Counter(dict.fromkeys(one.replicas, one.size or 0)) for one in there), Counter())
    brokers = [
        Broker(at, None if rack == "-" else rack, True, free, used[at]) for at, rack in enumerate(racks, start=1)
    ]
    return Cluster(tuple(brokers), there)


@dataclass(frozen=True)
class Wish:
    """A cluster and what its topics should have."""

    cluster: Cluster
    factors: Mapping[str, int]


def sizes(kind: str) -> st.SearchStrategy[int | None]:
    return {
        "equal": st.just(64),
        "empty": st.just(0),
        "mixed": st.one_of(st.integers(0, 9), st.integers(1, 1000), st.just(1000), st.just(200)),
        "unknown": st.one_of(st.none(), st.integers(0, 1000)),
    }[kind]


@st.composite
def wishes(draw: st.DrawFn, kind: str = "mixed", *, brokers: int = 6, partitions: int = 8, dead: bool = True) -> Wish:
    """A few brokers, some dead, racks or none, placements that may be lopsided, factors up to four."""
    ids = range(1, draw(st.integers(1, brokers)) + 1)
    rack = draw(st.sampled_from((st.none(), st.sampled_from("abc"), st.sampled_from(("a", "b", None)))))
    live = {each: not dead or draw(st.integers(0, 5)) > 0 for each in ids}
    there = []
    for at in range(draw(st.integers(1, partitions))):
        replicas = tuple(draw(st.permutations(ids))[: draw(st.integers(1, 3))])
        leader = next((each for each in replicas if live[each]), None)
        size = draw(sizes(kind))
        isr = frozenset(each for each in replicas if live[each])
        there.append(Partition(f"t{at // 3}", at % 3, replicas, isr, leader, size))
    more = {each: draw(st.integers(0, 3000)) if kind == "mixed" else 0 for each in ids}
    used = {each: sum(one.size or 0 for one in there if each in one.replicas) + more[each] for each in ids}
    held = tuple(Broker(each, draw(rack), live[each], MANY_BYTES, used[each]) for each in ids)
    factors = {f"t{at}": draw(st.integers(1, 4)) for at in range(3)}
    return Wish(Cluster(held, tuple(there)), factors)
