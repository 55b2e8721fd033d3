"""What it costs to plan raised replication factors, and the plan beside that of `kafka-reassign-partitions --generate`.

That tool places every partition anew, with its StripedReplicaPlacer; `Striped` is a re-implementation of that, for
live brokers. A raise by it is the placement that it makes of the same topics with the higher factor.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from provisioner.moves import rounded
from provisioner.moves.cluster import Broker, Cluster, Partition
from provisioner.moves.placement import Placement, place

FACTOR = 3


class Striped:
    """Placements of one topic, partition after partition."""

    def __init__(self, racks: dict[str, list[int]], dice: random.Random) -> None:
        self.dice = dice
        self.racks = {rack: sorted(brokers) for rack, brokers in racks.items()}
        self.offsets = {rack: dice.randrange(len(brokers)) for rack, brokers in self.racks.items()}
        self.names = sorted(self.racks)
        self.offset = dice.randrange(len(self.names))
        self.round, self.rounds = 0, dict.fromkeys(self.racks, 0)

    def placed(self, factor: int) -> tuple[int, ...]:
        """The brokers of the next partition, the leader first: round robin over racks, and over brokers in each."""
        brokers = sum(map(len, self.racks.values()))
        if self.round == brokers > 1:
            self._shuffle()
        self.offset %= len(self.names)
        left = {rack: self._turn(rack) for rack in self.names}
        first = self.offset
        chosen, at, skipped = [next(left[self.names[first]])], self.offset, False
        while len(chosen) < factor:
            if at == first and not skipped:
                skipped = True
            elif (broker := next(left[self.names[at]], None)) is not None:
                chosen.append(broker)
            at = (at + 1) % len(self.names)
        self.round += 1
        self.offset += 1
        return tuple(chosen)

    def _turn(self, rack: str) -> Iterator[int]:
        """The rack's brokers, each round from the next one on; a rack that nobody asks keeps its place."""
        brokers = self.racks[rack]
        if self.round != self.rounds[rack]:
            self.offsets[rack] = (self.offsets[rack] + 1) % len(brokers)
        self.rounds[rack], start = self.round, self.offsets[rack]
        yield from brokers[start:] + brokers[:start]

    def _shuffle(self) -> None:
        self.dice.shuffle(self.names)
        for brokers in self.racks.values():
            self.dice.shuffle(brokers)
        self.round = 0


class Fleet(NamedTuple):
    """A cluster to be: as many topics of six partitions, created by Kafka's own placement with that factor."""

    brokers: int
    racks: int
    topics: int
    factor: int
    partitions: int = 6


def by_rack(fleet: Fleet) -> dict[str, list[int]]:
    racks: dict[str, list[int]] = {}
    for broker in range(fleet.brokers):
        racks.setdefault(f"rack{broker % fleet.racks}", []).append(broker)
    return racks


def placements(fleet: Fleet, factor: int, seed: int) -> dict[tuple[str, int], tuple[int, ...]]:
    dice = random.Random(seed)
    done = {}
    for topic in (f"topic{at:04}" for at in range(fleet.topics)):
        striped = Striped(by_rack(fleet), dice)
        done.update({(topic, number): striped.placed(factor) for number in range(fleet.partitions)})
    return done


def cluster(fleet: Fleet) -> Cluster:
    """Sizes as they are: most are small, a few are very large."""
    dice, used, partitions = random.Random(2), Counter[int](), []
    for (topic, number), replicas in placements(fleet, fleet.factor, seed=1).items():
        size = int(dice.paretovariate(1.1) * 10**7)
        partitions.append(Partition(topic, number, replicas, frozenset(replicas), replicas[0], size))
        used.update(dict.fromkeys(replicas, size))
    racks = {broker: rack for rack, brokers in by_rack(fleet).items() for broker in brokers}
    brokers = [Broker(each, racks[each] if fleet.racks > 1 else None, True, 10**15, used[each]) for each in racks]
    return Cluster(tuple(brokers), tuple(partitions))


class Cost(NamedTuple):
    """Bytes copied, leaders moved, bytes on the fullest broker by the mean."""

    copied: int
    leaders: int
    fullest: float


def cost(before: Cluster, after: dict[tuple[str, int], tuple[int, ...]]) -> Cost:
    copied, leaders, loads = 0, 0, Counter({each.id: 0 for each in before.brokers})
    for each in before.partitions:
        new, size = after[each.key], each.size or 0
        copied += size * len(set(new) - set(each.replicas))
        leaders += new[0] != each.replicas[0]
        loads.update(dict.fromkeys(new, size))
    return Cost(copied, leaders, max(loads.values()) * len(loads) / sum(loads.values()))


def planned(before: Cluster) -> tuple[Placement, float]:
    """And the seconds of CPU that it took."""
    topics = {each.topic: FACTOR for each in before.partitions}
    began = time.process_time()
    placement = place(before, topics)
    return placement, time.process_time() - began


def row(fleet: Fleet) -> None:
    before = cluster(fleet)
    placement, cpu = planned(before)
    ours = cost(before, {(move.topic, move.number): move.after for move in placement.moves})
    theirs = cost(before, placements(fleet, FACTOR, seed=3))
    print(
        f"{fleet.topics:5} topics x {fleet.partitions} {fleet.factor} -> {FACTOR}, {fleet.brokers:2} brokers, "
        f"{fleet.racks} racks  {cpu:5.2f} s cpu   copied {rounded.size(ours.copied):>8} against "
        f"{rounded.size(theirs.copied):>8}, ratio {theirs.copied / ours.copied:4.2f}   leaders moved {ours.leaders} "
        f"against {theirs.leaders:4} ({theirs.leaders / len(before.partitions):.0%})   "
        f"fullest broker by the mean {ours.fullest:.2f} against {theirs.fullest:.2f}",
        flush=True,
    )


FLEETS: Sequence[Fleet] = (
    Fleet(30, 3, 1000, 1),
    Fleet(30, 1, 1000, 1),
    Fleet(30, 3, 1000, 2),
    Fleet(6, 3, 100, 1),
    Fleet(12, 4, 300, 2),
)


def main() -> None:
    print("placement, aim 2 s; beside --generate (re-implemented), which places all anew:")
    for fleet in FLEETS:
        row(fleet)


if __name__ == "__main__":
    main()
