"""What is worked out when it is looked at: a fleet is not held in memory for the few that differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Deferred(Generic[T]):
    """A value that is made anew each time it is asked for, and kept by nobody. It is equal to what it makes."""

    make: Callable[[], T]

    def __eq__(self, other: object) -> bool:
        return bool(self.make() == (other.make() if isinstance(other, Deferred) else other))

    def __hash__(self) -> int:
        return hash(self.make())


class Each(Mapping[str, T]):
    """A mapping whose names are known, and of which each value is made once, when it is first looked at."""

    def __init__(self, names: Iterable[str], make: Callable[[str], T]) -> None:
        self._names = dict.fromkeys(names)
        self._make = make
        self._made: dict[str, T] = {}

    def __getitem__(self, name: str) -> T:
        if name not in self._made:
            if name not in self._names:
                raise KeyError(name)
            self._made[name] = self._make(name)
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class OnDemand(Mapping[str, T]):
    """A mapping that is made once, when it is first looked at. What making it raises, looking raises."""

    def __init__(self, make: Callable[[], Mapping[str, T]]) -> None:
        self._make = make
        self._made: Mapping[str, T] | None = None

    def _mapping(self) -> Mapping[str, T]:
        if self._made is None:
            self._made = self._make()
        return self._made

    def __getitem__(self, name: str) -> T:
        return self._mapping()[name]

    def __contains__(self, name: object) -> bool:
        return name in self._mapping()

    def __iter__(self) -> Iterator[str]:
        return iter(self._mapping())

    def __len__(self) -> int:
        return len(self._mapping())
