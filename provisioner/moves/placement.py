"""Brokers for new replicas. They are only appended: no replica moves, and the order that prefers leaders stays.

For each partition racks come first: those that it has not got, then the one that it has least of. Among brokers that
are equal in that the least loaded one gets it, the largest partitions first; then new replicas change places until no
broker is fuller than it must be by more than the largest of them. Load means bytes, then replicas. Replicas alone count
for partitions whose size is not known, and for the smallest ones, which together weigh at most a tenth of the cluster's
largest partition: by bytes the emptiest broker would get them all. Equal input, in any order, gives the equal plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from provisioner.moves.books import Books, opened
from provisioner.moves.cluster import Cluster, Partition
from provisioner.moves.filling import by_bytes, by_count, fill
from provisioner.moves.growth import Growth, grown
from provisioner.moves.levelling import level
from provisioner.moves.move import Move, Refused
from provisioner.moves.sifting import hindered, lacking

LIGHT = 10
"""What goes by count weighs together at most this fraction of the largest partition."""


@dataclass(frozen=True, slots=True)
class Placement:
    """By topic and number. `unread`: brokers whose bytes are not known; `unsized`: partitions placed without a size."""

    moves: tuple[Move, ...] = ()
    refused: tuple[Refused, ...] = ()
    unread: tuple[int, ...] = ()
    unsized: tuple[tuple[str, int], ...] = ()

    @property
    def is_by_count(self) -> bool:
        """No bytes were compared, as those of some broker are not known."""
        return bool(self.unread)


def place(cluster: Cluster, factors: Mapping[str, int], reserve: int = 0) -> Placement:
    """What gets every partition of those topics (name -> replication factor) to its factor.

    `reserve`: bytes that stay free on each broker. A partition that cannot be done is refused, alone. A target below
    what is there is none of its concern.
    """
    live = frozenset(each.id for each in cluster.live)
    short = lacking(cluster, factors)
    against = {each.key: next(hindered(each, factors[each.topic], live), None) for each in short}
    growths = _grown([each for each in short if against[each.key] is None], cluster, factors)
    refused = [each for each in against.values() if each] + _placed(growths, cluster, opened(cluster, reserve))
    moves = [growth.move() for growth in growths if growth.added]
    return Placement(
        tuple(sorted(moves, key=lambda move: (move.topic, move.number))),
        tuple(sorted(refused, key=lambda each: (each.topic, each.number))),
        _unread(cluster) if moves else (),
        tuple((move.topic, move.number) for move in moves if move.size is None),
    )


def _unread(cluster: Cluster) -> tuple[int, ...]:
    return tuple(each.id for each in cluster.live if each.used is None)


def _grown(partitions: Iterable[Partition], cluster: Cluster, factors: Mapping[str, int]) -> list[Growth]:
    """The largest first, then by topic and number."""
    racks = cluster.racks
    growths = [grown(each, factors[each.topic], each.size or 0, racks) for each in partitions]
    return sorted(growths, key=lambda growth: (-growth.size, growth.partition.key))


def _placed(growths: list[Growth], cluster: Cluster, books: Books) -> list[Refused]:
    light = len(growths) if _unread(cluster) else _light(growths, cluster.largest // LIGHT)
    heavy, rest = growths[: len(growths) - light], growths[len(growths) - light :]
    refused = fill(heavy, books, by_bytes)
    level(heavy, books, books.sizes, lambda growth: growth.size)
    refused += fill(rest, books, by_count)
    level(rest, books, books.counts, lambda _: 1)
    return refused


def _light(growths: list[Growth], limit: int) -> int:
    """How many of the last ones weigh no more than that together, all their new replicas counted."""
    count = 0
    for growth in reversed(growths):
        limit -= growth.size * growth.need
        if limit < 0:
            break
        count += 1
    return count
