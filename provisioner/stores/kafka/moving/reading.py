"""The cluster as a placement is planned on: who lives in which rack, what is where, and how large it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from provisioner.moves.cluster import Broker, Cluster, Partition
from provisioner.stores.kafka import log_dirs
from provisioner.stores.kafka.kafka_python import KafkaPython
from provisioner.stores.kafka.log_dirs import LogDirs
from provisioner.stores.kafka.partitions import Partition as Row
from provisioner.stores.kafka.partitions import Placement

RESERVE = 20
"""One part in so many of what is free on the fullest broker stays free on each."""


def cluster(client: KafkaPython, seen: Placement) -> Cluster:
    """That placement, with the bytes of every log dir that can be read. Raises UnreachableError."""
    return of(seen, log_dirs.log_dirs(client.connection, sorted({name for name, _ in seen.partitions})))


def of(seen: Placement, sizes: LogDirs) -> Cluster:
    """What both of them say together."""
    used: Counter[int] = Counter()
    for each in sizes.sizes.values():
        used.update(each)
    brokers = tuple(
        Broker(each.id, each.rack, each.is_live, _free(sizes, each.id), _known(sizes, each.id, used))
        for each in seen.brokers
    )
    return Cluster(brokers, tuple(_partition(row, sizes) for row in seen.partitions.values()))


def reserve(sizes: Cluster) -> int:
    """Bytes that stay free on each broker."""
    free = [each.free for each in sizes.live if each.free is not None]
    return min(free, default=0) // RESERVE


def _free(sizes: LogDirs, broker: int) -> int | None:
    free = [each.usable for each in sizes.dirs if each.broker == broker]
    known = [each for each in free if each is not None]
    return sum(known) if known and len(known) == len(free) else None


def _known(sizes: LogDirs, broker: int, used: Mapping[int, int]) -> int | None:
    return None if broker in sizes.gaps else used.get(broker, 0)


def _partition(row: Row, sizes: LogDirs) -> Partition:
    return Partition(
        row.topic,
        row.number,
        row.replicas,
        row.isr,
        row.leader,
        _size(row, sizes.sizes.get((row.topic, row.number), {})),
        row.adding,
        row.removing,
    )


def _size(row: Row, copies: Mapping[int, int]) -> int | None:
    """Of the leader's copy, which is what will be copied; a follower's where that broker says nothing."""
    if row.leader is not None and row.leader in copies:
        return copies[row.leader]
    return max((size for broker, size in copies.items() if broker in row.isr), default=None)
