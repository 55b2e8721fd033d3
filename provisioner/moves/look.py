"""One look at a cluster on which replicas are on their way: what runs, what waits, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from provisioner.moves.move import Refused

Key = tuple[str, int]
"""Topic and number of a partition."""


@dataclass(frozen=True, slots=True)
class Copy:
    """One partition of ours that is copied: bytes that are to be copied, and those that are there already; None where
    a broker does not say.
    """

    topic: str
    number: int
    size: int | None = None
    copied: int | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """`running`: ours; `waiting`: topics whose turn has not come, the next one first; `ended`: topics that have what
    they are to have, all of it in sync. `against`: why no wave begins, "" where none has to; `refused` by topic: why
    some of its partitions get nothing. `failed`: topics for which the cluster has refused it, with the reason.
    `left`: what is ours and could not be removed yet, in words.
    """

    running: Sequence[Copy] = ()
    waiting: Sequence[str] = ()
    ended: frozenset[str] = frozenset()
    against: str = ""
    refused: Mapping[str, Refused] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)
    left: Sequence[str] = ()

    @property
    def moving(self) -> frozenset[str]:
        """The topics of what runs."""
        return frozenset(each.topic for each in self.running)

    @property
    def size(self) -> int | None:
        """Bytes to copy of all that runs; None where some of it is not known."""
        return _sum([each.size for each in self.running])

    @property
    def copied(self) -> int | None:
        """Bytes of it that are there."""
        return _sum([each.copied for each in self.running])


@dataclass(slots=True)
class Pace:
    """How fast it goes, from one look to the next one."""

    _then: float | None = None
    _copied: int = 0

    def rate(self, look: Look, at: float) -> int | None:
        """Bytes a second since the look before (`at`: seconds of any clock that only goes on); None where not known."""
        copied, then, before = look.copied, self._then, self._copied
        self._then, self._copied = (at, copied) if copied is not None else (None, 0)
        if copied is None or then is None or at <= then or copied < before:
            return None
        return round((copied - before) / (at - then))


def _sum(parts: Sequence[int | None]) -> int | None:
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None
