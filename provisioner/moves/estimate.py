"""What waves of moves cost: bytes, time, room on disks; and what they bring: racks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from provisioner.moves.cluster import Cluster
from provisioner.moves.move import Move
from provisioner.moves.waves import Wave

Spread = Mapping[int, int]
"""Number of racks -> how many partitions are on that many."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """`rate`: bytes a second that a broker may send, and may receive. `seconds`: the waves one after the other.

    `unsized`: partitions of unknown size; bytes and seconds are then the least that it can be. `spread_before` and
    `spread_after` are None where no broker names a rack. `free_left`: broker that gets something -> bytes, None where
    they are not known, also because something of unknown size goes there.
    """

    rate: int
    replicas: int
    bytes_to_copy: int
    unsized: int
    seconds: float
    spread_before: Spread | None
    spread_after: Spread | None
    free_left: Mapping[int, int | None]


def estimate(waves: Sequence[Wave], cluster: Cluster, rate: int) -> Estimate:
    """Of those waves on that cluster. Raises ValueError where nothing may flow."""
    if rate < 1:
        raise ValueError("nothing is ever copied at less than a byte a second")
    moves = [move for wave in waves for move in wave.moves]
    return Estimate(
        rate,
        sum(len(move.added) for move in moves),
        sum(wave.bytes_to_copy for wave in waves),
        sum(move.size is None for move in moves),
        sum(_bottleneck(wave.moves) for wave in waves) / rate,
        _spread((move.before for move in moves), cluster),
        _spread((move.after for move in moves), cluster),
        _free_left(moves, cluster),
    )


def _bottleneck(moves: Iterable[Move]) -> int:
    """Bytes through the broker that has most to send or to receive. Every new replica copies from its leader."""
    flows: Counter[tuple[str, int]] = Counter()
    for move in moves:
        flows["out of", move.leader] += move.bytes_to_copy or 0
        flows.update({("into", broker): move.size or 0 for broker in move.added})
    return max(flows.values(), default=0)


def _spread(lists: Iterable[Sequence[int]], cluster: Cluster) -> Spread | None:
    racks = cluster.racks
    if not any(racks.values()):
        return None
    return dict(sorted(Counter(len({racks.get(broker) for broker in replicas}) for replicas in lists).items()))


def _free_left(moves: Iterable[Move], cluster: Cluster) -> dict[int, int | None]:
    left = {each.id: each.free for each in cluster.brokers}
    targets = set()
    for move in moves:
        for broker in move.added:
            targets.add(broker)
            free = left[broker]
            left[broker] = None if free is None or move.size is None else free - move.size
    return {broker: left[broker] for broker in sorted(targets)}
