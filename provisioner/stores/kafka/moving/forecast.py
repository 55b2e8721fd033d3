"""What a plan says of replication factors that change: where replicas come and go, at what cost, what forbids it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from confluent_kafka.admin import AclOperation

from provisioner.errors import UnreachableError
from provisioner.kinds.topic_spec import MIN_INSYNC, TopicFacts, TopicSpec, is_raised
from provisioner.kinds.topic_words import CONFIG, REPLICAS
from provisioner.moves import estimate as costs
from provisioner.moves import words
from provisioner.moves.cluster import Cluster
from provisioner.moves.fewer import Floor, fewer
from provisioner.moves.move import Drop, Move, Refused
from provisioner.moves.placement import Placement, place
from provisioner.moves.waves import Bounds, waves
from provisioner.reconcile.change import Action, Change
from provisioner.reconcile.model import Key, Prepared, Refusal, Work
from provisioner.stores.kafka import codes, reassignments
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.kafka_python import KafkaPython, NoClientError
from provisioner.stores.kafka.moving import reading
from provisioner.stores.kafka.moving.mover import Mover

Changes = Sequence[Change[TopicSpec]]
OfTopic = TypeVar("OfTopic", Move, Drop, Refused)

BY = "cluster"
NO_RECORD = Refusal(
    BY,
    "its replication factor is not changed: the cluster keeps no record (record: none), which says what was begun",
    "remove `record: none` from the cluster, or change it with Kafka's own kafka-reassign-partitions",
)
_RIGHTS = {AclOperation.ALTER: reassignments.RIGHT, AclOperation.ALTER_CONFIGS: "ALTER_CONFIGS on the cluster"}
"""To ask for replicas; to set and remove the throttle's rates."""


def is_about_replicas(change: Change[TopicSpec]) -> bool:
    """An update of the replication factor."""
    return change.action is Action.UPDATE and any(each.field == REPLICAS for each in change.fields)


def grows(change: Change[TopicSpec]) -> bool:
    """Some partition is to have more replicas."""
    before, after = change.before, change.after
    if before is None or after is None or not is_about_replicas(change):
        return False
    return before.replication_factor < after.replication_factor


def shrinks(change: Change[TopicSpec]) -> bool:
    """Some partition is to have fewer."""
    before, after = change.before, change.after
    if before is None or after is None or not is_about_replicas(change):
        return False
    return max(before.replication_factor, before.most_replicas) > after.replication_factor


def too_early(change: Change[TopicSpec]) -> frozenset[str]:
    """The fields that come after the new replicas are in sync: more of them asked for would stop writes until then."""
    facts = change.facts if isinstance(change.facts, TopicFacts) else TopicFacts()
    if change.before is None or change.after is None or not grows(change):
        return frozenset()
    is_early = is_raised(MIN_INSYNC, change.after, change.before, facts)
    return frozenset({CONFIG + MIN_INSYNC}) if is_early else frozenset()


def without_early(change: Change[TopicSpec]) -> Change[TopicSpec]:
    """What of it may be sent before the replicas come."""
    early = too_early(change)
    return change.without(early) if early else change


def factors(changes: Iterable[Change[TopicSpec]]) -> dict[str, int]:
    """Topic -> the replication factor that it is to have."""
    return {change.key.name: change.after.replication_factor for change in changes if change.after}


def min_insync(changes: Changes) -> dict[str, int]:
    """Topic -> min.insync.replicas as it will be, of those of which that is known."""
    values = {change.key.name: _min_insync(change) for change in changes}
    return {name: int(value) for name, value in values.items() if value is not None}


def _min_insync(change: Change[TopicSpec]) -> str | None:
    facts = change.facts if isinstance(change.facts, TopicFacts) else TopicFacts()
    own = change.after.config.get(MIN_INSYNC) if change.after else None
    return own or facts.fallback.get(MIN_INSYNC) or facts.inherited.get(MIN_INSYNC)


def forecasts(
    connection: Connection, mover: Mover | None, changes: Changes, least: int
) -> Iterator[tuple[Key, Prepared]]:
    """The cluster's word on each change of a factor. `least`: the lowest factor that the platform team allows."""
    mine = [change for change in changes if is_about_replicas(change)]
    if not mine:
        return
    if mover is None:
        yield from ((change.key, Prepared((NO_RECORD,))) for change in mine)
        return
    try:
        forecast = _forecast(connection, mover, mine, least)
    except NoClientError as error:
        why = Refusal(BY, f"its replication factor cannot be changed: {error}", "docs/rights.md says which logins work")
        yield from ((change.key, Prepared((why,))) for change in mine)
        return
    except UnreachableError as error:
        # Whoever only plans may have fewer rights than whoever applies, and what is agreed to is the factor.
        note = f"where replicas would go is not known: {error.message}"
        yield from ((change.key, Prepared(notes=(note,))) for change in mine)
        return
    for change in mine:
        yield change.key, forecast.of(change)


def _forecast(connection: Connection, mover: Mover, changes: Changes, least: int) -> _Forecast:
    """Raises NoClientError where no client can log in, UnreachableError where something is not known."""
    with KafkaPython(connection) as client:
        _required(client)
        seen = mover.seen(client)
        whole = reading.cluster(client, seen)
    more, less = [each for each in changes if grows(each)], [each for each in changes if shrinks(each)]
    placed = place(whole, factors(more), reading.reserve(whole))
    gone = fewer(whole, factors(less), Floor(least, min_insync(less)))
    refused = _by_topic((*placed.refused, *gone.refused))
    lacks = tuple(lacking(connection))
    return _Forecast(mover, whole, placed, _by_topic(placed.moves), _by_topic(gone.drops), refused, lacks)


def _by_topic(several: Iterable[OfTopic]) -> dict[str, list[OfTopic]]:
    found: dict[str, list[OfTopic]] = defaultdict(list)
    for each in several:
        found[each.topic].append(each)
    return found


def _required(client: KafkaPython) -> None:
    try:
        client.opened()
    except NoClientError as error:
        if error.is_final and error.code is None:
            raise
        raise UnreachableError(str(error)) from None


def lacking(connection: Connection) -> Iterator[str]:
    """The rights that our user lacks, by the cluster's own word; none where it says nothing of that."""
    timeouts = connection.timeouts
    try:
        future: Any = connection.reader.describe_cluster(
            include_authorized_operations=True, request_timeout=timeouts.read
        )
        allowed = future.result(timeouts.read_future).authorized_operations
    except codes.FUTURE_ERRORS:
        return
    if allowed:
        yield from (right for operation, right in _RIGHTS.items() if operation not in allowed)


@dataclass(frozen=True, slots=True)
class _Forecast:
    mover: Mover
    cluster: Cluster
    placed: Placement
    moves: Mapping[str, list[Move]]
    drops: Mapping[str, list[Drop]]
    against: Mapping[str, list[Refused]]
    lacks: tuple[str, ...]

    def of(self, change: Change[TopicSpec]) -> Prepared:
        name = change.key.name
        moves, drops, against = self.moves.get(name, []), self.drops.get(name, []), self.against.get(name, [])
        if against and not moves and not drops:
            return Prepared((_refusal(against),))
        notes = [*_uneven(change, self.cluster), *([_partly(against)] if against else [])]
        notes += [f"our user lacks {' and '.join(self.lacks)}: whoever applies needs it (docs/rights.md)"] * bool(
            self.lacks
        )
        if drops:
            notes.append(_dropped([broker for drop in drops for broker in drop.dropped]))
        return Prepared(notes=tuple(notes), work=self._work(moves) if moves else None)

    def _work(self, moves: Sequence[Move]) -> Work:
        limits = self.mover.limits
        todo = waves(moves, Bounds(limits.wave_bytes, limits.wave_partitions))
        cost = costs.estimate(todo, self.cluster, limits.rate)
        hours = f"waves begin at {limits.hours} UTC" if limits.hours else ""
        lines = (words.cost(cost), words.racks(cost), words.room(cost), words.unknown(self.placed), hours)
        told = tuple(filter(None, lines))
        return Work(cost.replicas, len(cost.free_left), cost.bytes_to_copy, cost.unsized, cost.seconds, told)


def _refusal(against: Sequence[Refused]) -> Refusal:
    why, _, hint = words.refusal(against[0]).partition("; ")
    more = f" (and {len(against) - 1} more partitions)" if len(against) > 1 else ""
    return Refusal("preflight", f"{why}{more}", hint)


def _partly(against: Sequence[Refused]) -> str:
    more = f" and {len(against) - 1} more" if len(against) > 1 else ""
    return f"not all of it{more}: {words.refusal(against[0])}"


def _dropped(brokers: Sequence[int]) -> str:
    by_broker = Counter(brokers)
    where = ", ".join(f"{count} on broker {broker}" for broker, count in sorted(by_broker.items()))
    counted = "1 replica" if len(brokers) == 1 else f"{len(brokers)} replicas"
    return f"removes {counted} ({where}), keeps every leader"


def _uneven(change: Change[TopicSpec], cluster: Cluster) -> Iterator[str]:
    if change.before is None or not change.before.is_uneven:
        return
    counts: Mapping[int, int] = Counter(
        len(each.coming) for each in cluster.partitions if each.topic == change.key.name
    )
    parts = [f"{partitions} with {count}" for count, partitions in sorted(counts.items())]
    yield f"its partitions differ in their replicas: {', '.join(parts)}"
