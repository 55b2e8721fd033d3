"""What a reading of the cluster and our notes say together: what runs of ours, what lacks replicas, what has them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from provisioner.catalog.limits import MoveLimits
from provisioner.moves import words
from provisioner.moves.look import Copy, Look
from provisioner.moves.notes import Notes
from provisioner.stores.kafka import log_dirs
from provisioner.stores.kafka.kafka_python import KafkaPython
from provisioner.stores.kafka.partitions import Key, Partition, Placement

Factors = Mapping[str, int]
"""Topic -> the replication factor that it is to have."""

SHOWN = 3
"""Names in one sentence."""


def look(
    client: KafkaPython, noted: Notes, seen: Placement, factors: Factors, limits: MoveLimits, now: datetime
) -> Look:
    """Where everything stands. The bytes of what runs are asked for; a broker that says nothing leaves a gap."""
    running = ours(noted, seen)
    waiting = tuple(sorted(lacking(seen, factors)))
    why = next(against(noted, seen, running, limits, now), "") if waiting else ""
    return Look(tuple(_copies(client, seen, running)), waiting, _ended(seen, factors), why)


def ours(noted: Notes, seen: Placement) -> frozenset[Key]:
    """The partitions that a move of ours is bringing to its target right now."""
    return frozenset(
        key
        for key, target in noted.targets.items()
        if (row := seen.partitions.get(key)) is not None and row.is_moving and row.coming == target
    )


def lacking(seen: Placement, factors: Factors) -> set[str]:
    """The topics of which some partition has, and will have, fewer replicas than it is to have."""
    return {row.topic for row in seen.partitions.values() if len(row.coming) < factors.get(row.topic, 0)}


def over(noted: Notes, seen: Placement) -> list[str]:
    """The topics that are noted and of which nothing runs any more."""
    moving = {topic for topic, _ in ours(noted, seen)}
    return sorted(noted.topics.keys() - moving)


def against(noted: Notes, seen: Placement, running: frozenset[Key], limits: MoveLimits, now: datetime) -> Iterator[str]:
    """Every reason why no wave begins now, the most telling one first."""
    if noted.pause and noted.pause.holds(now):
        end = f"until {noted.pause.until:%Y-%m-%d %H:%M} UTC" if noted.pause.until else "until somebody continues"
        yield f"paused by {noted.pause.by}, {end}"
    if running:
        yield f"a wave is being copied ({words.counted(len(running), 'partition')})"
    if limits.hours and not limits.hours.have(now.hour * 60 + now.minute):
        yield f"waves begin at {limits.hours} UTC only (limits.moves.hours)"
    if foreign := sorted({row.topic for key, row in seen.partitions.items() if row.is_moving and key not in running}):
        yield f"another reassignment is running ({_some(foreign)}): wait until it has ended, or cancel it"
    if behind := sorted(_behind(seen)):
        topics = sorted({name for name, _ in behind})
        yield f"{words.counted(len(behind), 'partition')} under-replicated ({_some(topics)})"


def _behind(seen: Placement) -> Iterator[Key]:
    """Partitions of which a replica that was there before is not in sync; what is on its way is no gap."""
    for key, row in seen.partitions.items():
        if not row.isr >= set(row.replicas) - row.adding:
            yield key


def _ended(seen: Placement, factors: Factors) -> frozenset[str]:
    rows: dict[str, list[Partition]] = defaultdict(list)
    for row in seen.partitions.values():
        if row.topic in factors:
            rows[row.topic].append(row)
    return frozenset(name for name, each in rows.items() if all(_has(row, factors[name]) for row in each))


def _has(row: Partition, factor: int) -> bool:
    return not row.is_moving and len(row.replicas) >= factor and row.isr >= set(row.replicas)


def _copies(client: KafkaPython, seen: Placement, running: frozenset[Key]) -> Iterator[Copy]:
    names = sorted({name for name, _ in running})
    sizes = log_dirs.log_dirs(client.connection, names).sizes if names else {}
    for key in sorted(running):
        yield _copy(seen.partitions[key], sizes.get(key, {}))


def _copy(row: Partition, sizes: Mapping[int, int]) -> Copy:
    size = sizes.get(row.leader) if row.leader is not None else None
    if size is None:
        return Copy(row.topic, row.number)
    # A copy that is in sync is there, whatever its log dir says: segments may be counted differently.
    there = sum(size if each in row.isr else min(size, sizes.get(each, 0)) for each in row.adding)
    return Copy(row.topic, row.number, size * len(row.adding), there)


def _some(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{', '.join(names[:SHOWN])}{more}"


Clock = Callable[[], datetime]
"""The time of day, with its zone."""
