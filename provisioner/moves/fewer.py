"""Which replicas go when a replication factor is lowered: the leader stays, and the least useful ones go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from provisioner.moves.books import Books, opened
from provisioner.moves.cluster import Cluster, Partition
from provisioner.moves.lot import lot
from provisioner.moves.move import Drop, Reason, Refused


@dataclass(frozen=True, slots=True)
class Fewer:
    """By topic and number."""

    drops: tuple[Drop, ...] = ()
    refused: tuple[Refused, ...] = ()


@dataclass(frozen=True, slots=True)
class Floor:
    """`factor`: the lowest that the cluster allows. `min_insync`: topic -> min.insync.replicas as it will be."""

    factor: int
    min_insync: Mapping[str, int]


def fewer(cluster: Cluster, factors: Mapping[str, int], floor: Floor) -> Fewer:
    """What gets every partition of those topics down to its factor; a partition that cannot be done is refused, alone.

    First goes what is not in sync, then what shares its rack with most others, then what is on the fullest broker.
    """
    books, racks = opened(cluster), cluster.racks
    surplus = sorted(
        (each for each in cluster.partitions if len(each.coming) > factors.get(each.topic, len(each.coming))),
        key=lambda each: (-(each.size or 0), each.key),
    )
    drops, refused = [], []
    for partition in surplus:
        against = next(_hindered(partition, factors[partition.topic], floor, books), None)
        if against is None:
            drops.append(_dropped(partition, factors[partition.topic], books, racks))
        else:
            refused.append(against)
    return Fewer(
        tuple(sorted(drops, key=lambda each: (each.topic, each.number))),
        tuple(sorted(refused, key=lambda each: (each.topic, each.number))),
    )


def _hindered(partition: Partition, factor: int, floor: Floor, books: Books) -> Iterator[Refused]:
    topic, number = partition.key
    insync = floor.min_insync.get(topic)
    if factor < max(1, floor.factor):
        yield Refused(topic, number, Reason.BELOW_MINIMUM, max(1, floor.factor), factor)
    if insync is None:
        yield Refused(topic, number, Reason.MIN_INSYNC_UNKNOWN)
    elif factor <= insync:
        yield Refused(topic, number, Reason.NOT_ABOVE_MIN_INSYNC, insync + 1, factor)
    if partition.is_moving:
        yield Refused(topic, number, Reason.MOVING)
    if partition.leader not in books.counts:
        yield Refused(topic, number, Reason.NO_LEADER)
    if insync is not None and len(partition.isr) < insync:
        yield Refused(topic, number, Reason.FEW_IN_SYNC, insync, len(partition.isr))


def _dropped(partition: Partition, factor: int, books: Books, racks: Mapping[int, str | None]) -> Drop:
    left, dropped = list(partition.replicas), []
    while len(left) > factor:
        goes = _least_useful(partition, left, books, racks)
        left.remove(goes)
        dropped.append(goes)
        if goes in books.counts:
            books.add(goes, -(partition.size or 0), -1)
    return Drop(partition.topic, partition.number, partition.replicas, tuple(dropped))


def _least_useful(partition: Partition, left: list[int], books: Books, racks: Mapping[int, str | None]) -> int:
    spread = Counter(racks.get(each) for each in left)

    def burden(broker: int) -> tuple[bool, int, int, int, bytes]:
        load = books.sizes.get(broker, 0), books.counts.get(broker, 0)
        return broker not in partition.isr, spread[racks.get(broker)], *load, lot(*partition.key, broker)

    return max((each for each in left if each != partition.leader), key=burden)
