"""Brokers for the new replicas, one partition after the other: racks first, then the least loaded broker."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from provisioner.moves.books import Books
from provisioner.moves.growth import Growth
from provisioner.moves.move import Reason, Refused

Load = Callable[[Books, int], tuple[int, ...]]
"""How loaded a broker is: what comes first counts first."""


def by_bytes(books: Books, broker: int) -> tuple[int, ...]:
    """Bytes, then replicas."""
    return books.sizes[broker], books.counts[broker]


def by_count(books: Books, broker: int) -> tuple[int, ...]:
    """Replicas, then bytes."""
    return books.counts[broker], books.sizes[broker]


def fill(growths: Iterable[Growth], books: Books, load: Load) -> list[Refused]:
    """Place what each of them needs, in their order, and enter it. What finds no room is returned and gets nothing."""
    refused = []
    for growth in growths:
        candidates = _candidates(growth, books)
        if len(candidates) < growth.need:
            refused.append(_no_room(growth, books))
        else:
            _place(growth, candidates, books, load)
    return refused


def _candidates(growth: Growth, books: Books) -> list[int]:
    there = growth.partition.replicas
    return [each for each in books.sizes if books.room[each] >= growth.size and each not in there]


def _place(growth: Growth, candidates: list[int], books: Books, load: Load) -> None:
    for _ in range(growth.need):
        keys = {each: (growth.spread[growth.racks[each]], load(books, each)) for each in candidates}
        least = min(keys.values())
        equal = [each for each, key in keys.items() if key == least]
        broker = min(equal, key=growth.lot) if len(equal) > 1 else equal[0]
        candidates.remove(broker)
        growth.put(broker)
        books.add(broker, growth.size)


def _no_room(growth: Growth, books: Books) -> Refused:
    """How much the disk lacks that would be the last one needed."""
    topic, number = growth.partition.key
    rooms = sorted((books.room[each] for each in books.room if each not in growth.partition.replicas), reverse=True)
    return Refused(topic, number, Reason.NO_ROOM, growth.size, max(0, int(rooms[growth.need - 1])))
