"""Where filling one after the other left brokers uneven: new replicas change places, over several brokers if need be.

A way from a broker to another one is a chain of brokers each of which has a new replica that may be on the next one
instead. As long as a way leads down by more than the largest new replica weighs, something is pushed along it if that
makes the loads more even. Where no such way is left, they are the best that can be had up to the weight of one replica:
who is fuller than that can hand nothing to anybody who is emptier.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from provisioner.moves.books import Books
from provisioner.moves.growth import Growth

Step = tuple[Growth, int, int]
"""One new replica, from a broker to another one."""

ROUNDS = 1000
"""At most so many pushes; far more than any cluster that was tried has wanted."""


@dataclass(slots=True)
class Levels:
    """`loads`: the mapping of the books that is to be even. `ways`: broker -> brokers that it may hand something to."""

    books: Books
    loads: dict[int, int]
    weight: Callable[[Growth], int]
    holding: dict[int, dict[tuple[str, int], Growth]]
    ways: dict[int, set[int]] = field(default_factory=dict)

    def steps(self, source: int, target: int) -> Iterator[Growth]:
        """What may go from the one to the other."""
        room = self.books.room[target]
        for growth in self.holding[source].values():
            if growth.size <= room and growth.may_swap(source, target):
                yield growth

    def do(self, step: Step) -> None:
        """Enter it everywhere."""
        growth, source, target = step
        growth.swap(source, target)
        self.books.add(source, -growth.size, -1)
        self.books.add(target, growth.size)
        key = growth.partition.key
        del self.holding[source][key]
        self.holding[target][key] = growth
        self.open(growth)

    def open(self, growth: Growth) -> None:
        """The ways that it opens from where it is."""
        for source in growth.added:
            for target in self.loads.keys() - self.ways[source] - {source}:
                if growth.may_swap(source, target):
                    self.ways[source].add(target)

    def closed(self, way: Sequence[int]) -> bool:
        """Strike out what of a way there is no more, by what went elsewhere since; False where all of it is there."""
        shut = [(source, target) for source, target in pairwise(way) if not any(self.steps(source, target))]
        for source, target in shut:
            self.ways[source].discard(target)
        return bool(shut)


def level(growths: Sequence[Growth], books: Books, loads: dict[int, int], weight: Callable[[Growth], int]) -> None:
    """Make `loads` even within the largest weight, as far as ways lead. What has no weight stays where it is."""
    moved = [growth for growth in growths if growth.added and weight(growth)]
    if not moved:
        return
    levels = Levels(books, loads, weight, {broker: {} for broker in loads}, {broker: set() for broker in loads})
    for growth in moved:
        for broker in growth.added:
            levels.holding[broker][growth.partition.key] = growth
        levels.open(growth)
    largest = max(map(weight, moved))
    for _ in range(ROUNDS):
        if not any(_push(levels, way) for way in _downhill(levels, largest)):
            return


def _downhill(levels: Levels, grain: int) -> list[list[int]]:
    """The shortest ways that lead down by more than the grain, the steepest first."""
    loads = levels.loads
    ways = [
        way
        for source in loads
        if levels.holding[source]
        for target, way in _reached(levels, source).items()
        if loads[source] - loads[target] > grain
    ]
    return sorted(ways, key=lambda way: (loads[way[-1]] - loads[way[0]], len(way), way))


def _reached(levels: Levels, source: int) -> dict[int, list[int]]:
    """Broker -> the shortest way there."""
    found, edge = {source: [source]}, [source]
    for broker in edge:
        for target in sorted(levels.ways[broker] - found.keys()):
            found[target] = [*found[broker], target]
            edge.append(target)
    return found


def _push(levels: Levels, way: list[int]) -> bool:
    """True where it made the loads more even, or found that there is no such way; else all is as it was."""
    before = _unevenness(levels, way)
    done: list[Step] = []
    carried = (levels.loads[way[0]] - levels.loads[way[-1]]) // 2
    for source, target in pairwise(way):
        steps = _handed(levels, source, target, carried, one=not done)
        done += steps
        carried = sum(levels.weight(growth) for growth, _, _ in steps)
    if carried and _unevenness(levels, way) < before:
        return True
    for growth, source, target in reversed(done):
        levels.do((growth, target, source))
    return levels.closed(way)


def _handed(levels: Levels, source: int, target: int, load: int, *, one: bool) -> list[Step]:
    """About that load, in one replica or in several, handed on."""
    steps: list[Step] = []
    while load > 0:
        growth = min(levels.steps(source, target), key=lambda each: abs(levels.weight(each) - load), default=None)
        if growth is None or (steps and levels.weight(growth) >= 2 * load):
            break
        step = (growth, source, target)
        levels.do(step)
        steps.append(step)
        load = 0 if one else load - levels.weight(growth)
    return steps


def _unevenness(levels: Levels, way: Sequence[int]) -> int:
    return sum(levels.loads[broker] ** 2 for broker in way)
