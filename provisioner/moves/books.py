"""What each live broker holds while a plan is made: bytes, replicas, and the room that is left on its disks."""

from __future__ import annotations

import math
from dataclasses import dataclass

from provisioner.moves.cluster import Broker, Cluster, Partition


@dataclass(frozen=True, slots=True)
class Books:
    """By broker. `room` in bytes, endless where free space is not known. The mappings change while a plan is made."""

    sizes: dict[int, int]
    counts: dict[int, int]
    room: dict[int, float]

    def add(self, broker: int, size: int, count: int = 1) -> None:
        """A replica more, or with negative numbers one less."""
        self.sizes[broker] += size
        self.counts[broker] += count
        self.room[broker] -= size


def opened(cluster: Cluster, reserve: int = 0) -> Books:
    """What the cluster holds, what is on its way included. `reserve`: bytes of each broker that stay free."""
    live = cluster.live
    books = Books(
        {each.id: each.used or 0 for each in live},
        {each.id: 0 for each in live},
        {each.id: _room(each, reserve) for each in live},
    )
    for partition in cluster.partitions:
        _enter(books, partition)
    return books


def _room(broker: Broker, reserve: int) -> float:
    return math.inf if broker.free is None else broker.free - reserve


def _enter(books: Books, partition: Partition) -> None:
    for broker in partition.coming:
        if broker in books.counts:
            # How much of a copy on its way is there already, is not known: it counts whole.
            books.add(broker, (partition.size or 0) if broker in partition.adding else 0)
