"""Moves in waves, each bounded: what runs at once is what a cluster has to bear at once, and what a cancel gives up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from provisioner.moves.move import Move


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of one wave: bytes to copy, partitions that move. Raises ValueError for anything below one."""

    bytes_to_copy: int
    partitions: int

    def __post_init__(self) -> None:
        if self.bytes_to_copy < 1 or self.partitions < 1:
            raise ValueError("a wave needs room for a byte and a partition")


@dataclass(frozen=True, slots=True)
class Wave:
    """Moves that run together. Those without a known size count as partitions alone."""

    moves: tuple[Move, ...]

    @property
    def bytes_to_copy(self) -> int:
        """As far as sizes are known."""
        return sum(move.bytes_to_copy or 0 for move in self.moves)

    def and_also(self, moves: Iterable[Move]) -> Wave:
        """With more moves."""
        return Wave((*self.moves, *moves))

    def fits(self, bounds: Bounds) -> bool:
        """Also true for a single move, as no wave can be smaller."""
        within = len(self.moves) <= bounds.partitions and self.bytes_to_copy <= bounds.bytes_to_copy
        return within or len(self.moves) == 1


def waves(moves: Iterable[Move], bounds: Bounds) -> tuple[Wave, ...]:
    """Every move once. The topics with least to copy come first, so that most topics are safe early; those with a
    partition of unknown size last. A topic is parted only where it is larger than a wave.
    """
    done: list[Wave] = []
    for part in (part for topic in _topics(moves) for part in _parts(topic, bounds)):
        if done and (larger := done[-1].and_also(part.moves)).fits(bounds):
            done[-1] = larger
        else:
            done.append(part)
    return tuple(done)


def _topics(moves: Iterable[Move]) -> list[Wave]:
    """One for each topic, its moves by number."""
    topics: dict[str, list[Move]] = defaultdict(list)
    for move in sorted(moves, key=lambda move: move.number):
        topics[move.topic].append(move)
    return sorted((Wave(tuple(each)) for each in topics.values()), key=_rank)


def _rank(topic: Wave) -> tuple[bool, int, int, str]:
    is_unsized = any(move.size is None for move in topic.moves)
    return is_unsized, topic.bytes_to_copy, len(topic.moves), topic.moves[0].topic


def _parts(topic: Wave, bounds: Bounds) -> Iterator[Wave]:
    part = Wave(())
    for move in topic.moves:
        if part.moves and not part.and_also((move,)).fits(bounds):
            yield part
            part = Wave(())
        part = part.and_also((move,))
    yield part
