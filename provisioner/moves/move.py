"""What becomes of one partition: replicas appended, replicas dropped, or a refusal."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Move:
    """Replicas for one partition. It can only append: whatever there is stays, in its order.

    `size`: bytes of one copy, None where it is not known. `leader`: whom the new replicas copy from.
    """

    topic: str
    number: int
    before: tuple[int, ...]
    added: tuple[int, ...]
    leader: int
    size: int | None

    @property
    def after(self) -> tuple[int, ...]:
        """The list to ask the cluster for."""
        return self.before + self.added

    @property
    def bytes_to_copy(self) -> int | None:
        """Of all its new replicas; None where the size is not known."""
        return None if self.size is None else self.size * len(self.added)


@dataclass(frozen=True, slots=True)
class Drop:
    """Replicas that go. What stays keeps its order, and the leader is among it."""

    topic: str
    number: int
    before: tuple[int, ...]
    dropped: tuple[int, ...]

    @property
    def after(self) -> tuple[int, ...]:
        """The list to ask the cluster for."""
        return tuple(each for each in self.before if each not in self.dropped)


class Reason(StrEnum):
    """Why nothing is done for a partition."""

    FEW_BROKERS = "few brokers"
    NO_LEADER = "no leader"
    MOVING = "moving"
    NO_ROOM = "no room"
    BELOW_MINIMUM = "below minimum"
    NOT_ABOVE_MIN_INSYNC = "not above min.insync.replicas"
    MIN_INSYNC_UNKNOWN = "min.insync.replicas not known"
    FEW_IN_SYNC = "few in sync"


@dataclass(frozen=True, slots=True)
class Refused:
    """`needed` and `there`: brokers, or bytes where there is no room, or replicas, as the reason says."""

    topic: str
    number: int
    reason: Reason
    needed: int = 0
    there: int = 0

    @property
    def missing(self) -> int:
        """How much more would do."""
        return self.needed - self.there
