"""One partition that gets replicas: where they may go so that its racks are as spread as they can be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from provisioner.moves.cluster import Partition
from provisioner.moves.lot import lot
from provisioner.moves.move import Move


@dataclass(frozen=True, slots=True)
class Growth:
    """`size`: bytes of one copy as far as they count. `added` and `spread` (rack -> replicas in it) change."""

    partition: Partition
    need: int
    size: int
    racks: Mapping[int, str | None]
    added: list[int]
    spread: Counter[str | None]

    def put(self, broker: int) -> None:
        """A new replica there."""
        self.added.append(broker)
        self.spread[self.racks[broker]] += 1

    def swap(self, source: int, target: int) -> None:
        """One new replica goes elsewhere instead."""
        self.added[self.added.index(source)] = target
        self.spread[self.racks[source]] -= 1
        self.spread[self.racks[target]] += 1

    def may_swap(self, source: int, target: int) -> bool:
        """True where its racks stay as spread as they are. Room on the target is not looked at."""
        if target in self.added or target in self.partition.replicas:
            return False
        here, there = self.racks[source], self.racks[target]
        return here == there or self.spread[there] < self.spread[here]

    def lot(self, broker: int) -> bytes:
        """The lot of that broker for this partition."""
        return lot(*self.partition.key, broker)

    def move(self) -> Move:
        """As a value. The new replicas stand in an order of their own, so that no broker is the second of all."""
        partition = self.partition
        if partition.leader is None:
            raise ValueError("a partition without a leader cannot grow")
        added = tuple(sorted(self.added, key=self.lot))
        return Move(partition.topic, partition.number, partition.replicas, added, partition.leader, partition.size)


def grown(partition: Partition, factor: int, size: int, racks: Mapping[int, str | None]) -> Growth:
    """What a partition lacks of that factor, with nothing placed yet."""
    spread = Counter(racks.get(each) for each in partition.replicas)
    return Growth(partition, factor - len(partition.replicas), size, racks, [], spread)
