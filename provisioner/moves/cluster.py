"""A cluster as one reading of it says: brokers with their racks and disks, partitions with their replicas."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Broker:
    """`free` and `used`: bytes over all its log dirs; None where they could not be read."""

    id: int
    rack: str | None = None
    is_live: bool = True
    free: int | None = None
    used: int | None = None


@dataclass(frozen=True, slots=True)
class Partition:
    """`replicas` as the cluster lists them: the order that prefers leaders, those on their way in and out included.

    `size`: bytes of the leader's copy, None where it could not be read. `adding`, `removing`: while it is reassigned.
    """

    topic: str
    number: int
    replicas: tuple[int, ...]
    isr: frozenset[int]
    leader: int | None
    size: int | None = None
    adding: frozenset[int] = frozenset()
    removing: frozenset[int] = frozenset()

    @property
    def key(self) -> tuple[str, int]:
        """Topic and number."""
        return self.topic, self.number

    @property
    def coming(self) -> tuple[int, ...]:
        """What it will be: a reassignment lists what it adds, and what it removes, from its first second."""
        return tuple(each for each in self.replicas if each not in self.removing)

    @property
    def standing(self) -> tuple[int, ...]:
        """What it was before the reassignment that runs; without one the same as `coming`."""
        return tuple(each for each in self.replicas if each not in self.adding)

    @property
    def is_moving(self) -> bool:
        """A reassignment of it runs."""
        return bool(self.adding or self.removing)


@dataclass(frozen=True, slots=True)
class Cluster:
    """All of it, not only what is to change: what a broker holds and how large partitions are is told from here."""

    brokers: tuple[Broker, ...]
    partitions: tuple[Partition, ...]

    @property
    def live(self) -> tuple[Broker, ...]:
        """In the order of their ids. A dead one accepts a replica and never has it."""
        return tuple(sorted((each for each in self.brokers if each.is_live), key=lambda each: each.id))

    @property
    def racks(self) -> dict[int, str | None]:
        """Broker -> rack. Brokers without one share one: nothing says that they stand apart."""
        return {each.id: each.rack for each in self.brokers}

    @property
    def largest(self) -> int:
        """Bytes of its largest partition among those whose size is known."""
        return max((each.size or 0 for each in self.partitions), default=0)
