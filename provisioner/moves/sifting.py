"""Which partitions lack replicas and can get them; why the others cannot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from provisioner.moves.cluster import Cluster, Partition
from provisioner.moves.move import Reason, Refused


def lacking(cluster: Cluster, factors: Mapping[str, int]) -> list[Partition]:
    """Partitions with fewer replicas than their topic should have, by topic and number.

    One under reassignment counts with what it will be: one that is on its way to the factor lacks nothing.
    """
    short = (each for each in cluster.partitions if len(each.coming) < factors.get(each.topic, 0))
    return sorted(short, key=lambda each: each.key)


def hindered(partition: Partition, factor: int, live: frozenset[int]) -> Iterator[Refused]:
    """Every reason against new replicas, the most telling one first."""
    topic, number = partition.key
    if partition.is_moving:
        yield Refused(topic, number, Reason.MOVING)
    if partition.leader not in live:
        yield Refused(topic, number, Reason.NO_LEADER)
    if len(live) < factor:
        yield Refused(topic, number, Reason.FEW_BROKERS, factor, len(live))
