"""What the platform team allows on a cluster: its limits, how replicas are copied, how merge requests are applied."""

from __future__ import annotations

from dataclasses import dataclass, field

from provisioner.catalog.units import Duration


@dataclass(frozen=True, slots=True)
class Hours:
    """A time of day, in minutes from midnight, UTC; `until` below `since` is on the next day."""

    since: int
    until: int

    def have(self, minute: int) -> bool:
        """Whether a minute of the day lies in them."""
        if self.since <= self.until:
            return self.since <= minute < self.until
        return minute >= self.since or minute < self.until

    def __str__(self) -> str:
        return "-".join(f"{at // 60:02}:{at % 60:02}" for at in (self.since, self.until))


@dataclass(frozen=True, slots=True)
class MoveLimits:
    """How replicas are copied. `rate`: bytes a second that a broker may send, and may receive; `hours` in which a wave
    may begin, None: any. `wave_bytes`, `wave_partitions`: the most that is copied at once.
    """

    rate: int = 60 * 1024**2
    hours: Hours | None = None
    wave_bytes: int = 50 * 1024**3
    wave_partitions: int = 500


@dataclass(frozen=True, slots=True)
class Limits:
    """What the platform team does not allow beyond."""

    min_replication_factor: int = 3
    max_partitions: int = 1000
    max_deletions: int = 5
    max_forgotten: int | None = None
    moves: MoveLimits = field(default_factory=MoveLimits)


@dataclass(frozen=True, slots=True)
class Merging:
    """What an apply of merge requests does. `unreviewed`: what becomes of changes that no plan covers, `safe` (those
    without a danger are done) or `refuse`; `max_plan_age`: an older plan covers nothing.
    """

    unreviewed: str = "safe"
    max_plan_age: Duration = Duration(14 * 86_400)
