"""The state of the cluster before anything is changed: a table of conditions, each worded, some of them refusing.

Safe changes go on while a broker is down: a platform must be able to raise a retention in the middle of an outage.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from provisioner import trace
from provisioner.kinds.topic_spec import MIN_INSYNC, TopicSpec
from provisioner.kinds.topic_words import CONFIG
from provisioner.reconcile.change import Action, Change
from provisioner.reconcile.model import Key, Prepared, Refusal
from provisioner.stores.kafka import codes, kafka_python
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.moving import forecast

Changes = Sequence[Change[TopicSpec]]
LATER = "wait until the cluster is whole again, then plan again"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the cluster says of itself. `in_sync`: topic -> the fewest in-sync replicas of any partition.

    `moving`: topics with a running reassignment; None: that could not be asked. `racks`: None where brokers name none.
    """

    live: frozenset[int]
    offline: frozenset[int]
    under_replicated: int
    in_sync: Mapping[str, int] = field(default_factory=dict)
    moving: frozenset[str] | None = None
    racks: int | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """One row: when it `holds`, people read `words`; `against`: why a change is refused meanwhile, if it is."""

    holds: Callable[[Facts], bool]
    words: Callable[[Facts], str]
    against: Callable[[Facts, Change[TopicSpec]], str | None] | None = None


def _too_few_live(facts: Facts, change: Change[TopicSpec]) -> str | None:
    wanted = change.after.replication_factor if change.after else 0
    if change.action is not Action.CREATE or wanted <= len(facts.live):
        return None
    return f"{wanted} replicas are wanted, and only {len(facts.live)} brokers are there"


def _would_stop_writes(facts: Facts, change: Change[TopicSpec]) -> str | None:
    raised = next((f.after for f in change.fields if f.field == "config.min.insync.replicas"), None)
    in_sync = facts.in_sync.get(change.key.name)
    if CONFIG + MIN_INSYNC in forecast.too_early(change):
        return None
    if raised is None or in_sync is None or int(raised) <= in_sync:
        return None
    return f"min.insync.replicas {raised}, and a partition has {in_sync} in-sync replicas now: writes to it would stop"


def _is_moving(facts: Facts, change: Change[TopicSpec]) -> str | None:
    grows = any(f.field == "partitions" for f in change.fields)
    if change.action is Action.CREATE or not (grows or change.action is Action.DELETE):
        return None
    return "its partitions are being moved right now" if change.key.name in (facts.moving or ()) else None


def _ids(brokers: frozenset[int]) -> str:
    return ", ".join(map(str, sorted(brokers)))


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


CONDITIONS: tuple[Condition, ...] = (
    Condition(
        lambda facts: bool(facts.offline),
        lambda facts: (
            f"{_counted(len(facts.offline), 'broker is', 'brokers are')} offline ({_ids(facts.offline)}): "
            "new topics begin under-replicated"
        ),
        _too_few_live,
    ),
    Condition(
        lambda facts: facts.under_replicated > 0,
        lambda facts: _counted(facts.under_replicated, "partition is", "partitions are") + " under-replicated",
        _would_stop_writes,
    ),
    Condition(
        lambda facts: bool(facts.moving),
        lambda facts: _counted(len(facts.moving or ()), "topic is", "topics are") + " being moved between brokers",
        _is_moving,
    ),
    Condition(
        lambda facts: facts.moving is None,
        lambda _: "whether partitions are being moved right now could not be asked",
    ),
    Condition(
        lambda facts: facts.racks is not None and 1 < facts.racks < 3,
        lambda facts: f"the brokers stand in {facts.racks} racks: one rack down can take two of three replicas",
    ),
)


def facts(connection: Connection, names: frozenset[str]) -> Facts:
    """Ask the cluster; `names`: the topics that a change is about. Raises UnreachableError."""
    metadata = connection.listing()
    live = frozenset(metadata.brokers)
    partitions = [(name, each) for name, topic in metadata.topics.items() for each in topic.partitions.values()]
    in_sync: dict[str, int] = {}
    for name, each in partitions:
        if name in names:
            in_sync[name] = min(len(each.isrs), in_sync.get(name, len(each.isrs)))
    return Facts(
        live,
        frozenset(broker for _, each in partitions for broker in each.replicas) - live,
        sum(len(each.isrs) < len(each.replicas) for _, each in partitions),
        in_sync,
        reassigning(connection),
        _racks(connection),
    )


def _racks(connection: Connection) -> int | None:
    timeouts = connection.timeouts
    try:
        described: Any = connection.reader.describe_cluster(request_timeout=timeouts.read)
        nodes = described.result(timeouts.read_future).nodes
    except codes.FUTURE_ERRORS:
        return None
    racks = {node.rack for node in nodes if node.rack}
    return len(racks) or None


def reassigning(connection: Connection) -> frozenset[str] | None:
    """The topics with a running reassignment; None where it cannot be asked (no right, no way to log in, no answer)."""
    try:
        with kafka_python.admin(connection) as admin, trace.asked(connection.bootstrap, "list_partition_reassignments"):
            return frozenset(partition.topic for partition in admin.list_partition_reassignments())
    except kafka_python.NoClientError:
        return None


def conditions(facts: Facts) -> Iterator[str]:
    """What whoever changes anything on this cluster should know."""
    yield from (row.words(facts) for row in CONDITIONS if row.holds(facts))


def refusals(facts: Facts, changes: Changes) -> Iterator[tuple[Key, Prepared]]:
    """The changes that must not be made in this state of the cluster."""
    for row in CONDITIONS:
        for change in changes if row.against and row.holds(facts) else ():
            if row.against and (why := row.against(facts, change)):
                yield change.key, Prepared((Refusal("preflight", why, LATER),))
