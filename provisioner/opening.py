"""The doors to one cluster: its topics, what is unread there, its record, whoever moves replicas.

Nothing is connected before the first question, and all of a run are behind the same clients.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from provisioner.catalog.model import ANY_CLUSTER, Catalog, Presence
from provisioner.kinds import topic_hazards
from provisioner.kinds.topic_spec import TopicSpec
from provisioner.lag.reading import Reading as LagReading
from provisioner.reconcile.lanes import Store
from provisioner.reconcile.record_log import RecordLog
from provisioner.templates import Templates

if TYPE_CHECKING:
    from provisioner.stores.kafka.connection import Connection
    from provisioner.stores.kafka.moving.mover import Mover

Progress = Callable[[str], None]


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class RunContext:
    """What a run works with: templates, the environment for secrets, where progress goes.

    `vouched`: a base, or the sandbox, stands behind the addresses that are connected to. `connections`: by cluster.
    `tick`: where progress goes that changes from second to second; `now`: the time of day.
    """

    templates: Templates
    environment: Mapping[str, str]
    progress: Progress
    vouched: bool = False
    connections: dict[str, Connection] = field(default_factory=dict)
    tick: Progress | None = None
    now: Callable[[], datetime] = _now


class TopicStore(Store[TopicSpec], Protocol):
    """Topics, and which there are."""

    def listed(self) -> Mapping[str, int]:
        """Every topic that can be seen, and how many replicas the partition with most of them has."""
        ...


def kafka_topics(catalog: Catalog, context: RunContext, inherited: frozenset[str] | None = None) -> TopicStore:
    """The topics of the catalog's cluster. Nothing is connected before the first read.

    `inherited`: the config keys whose broker values are needed; None: those that a plan of the catalog needs.
    """
    from provisioner.stores.kafka.store import KafkaTopics

    needed = _inherited(catalog) if inherited is None else inherited
    readers = {name: frozenset(each.group for each in topic.consumers) for name, topic in catalog.topics.items()}
    return KafkaTopics(
        _connection(catalog, context),
        _expected(catalog),
        needed,
        _identified(catalog),
        readers,
        mover(catalog, context),
        catalog.cluster.limits.min_replication_factor,
    )


def mover(catalog: Catalog, context: RunContext) -> Mover | None:
    """Whoever changes replication factors on the catalog's cluster; None where nothing can be noted of that."""
    from provisioner.stores.kafka.moving.ledger import Ledger
    from provisioner.stores.kafka.moving.mover import Mover

    log = record_log(catalog, context)
    if log is None:
        return None
    ledger = Ledger(log, catalog.cluster.repository)
    return Mover(_connection(catalog, context), ledger, catalog.cluster.limits.moves, context.now)


class UnreadStore(Protocol):
    """What consumer groups have not read."""

    def read(self, topics: Sequence[str], declared: Collection[str], selects: Callable[[str], bool], /) -> LagReading:
        """Of these topics; of the declared groups and of all others, those that `selects` names."""
        ...


def unread_messages(catalog: Catalog, context: RunContext, seconds: float) -> UnreadStore:
    """What groups of the catalog's cluster have not read. `seconds`: how long a reading may take."""
    from provisioner.stores.kafka.unread_messages import UnreadMessages

    return UnreadMessages(_connection(catalog, context), _expected(catalog), seconds)


def record_log(catalog: Catalog, context: RunContext) -> RecordLog | None:
    """Where it is noted what was applied to the catalog's cluster; None: nowhere, by its own word.

    Each is a reading of its own: what one of them has read, the others have not.
    """
    from provisioner.stores.kafka.record_topic import RecordTopic

    name = None if catalog.cluster.is_retired else catalog.cluster.record
    return RecordTopic(_connection(catalog, context), name, _expected(catalog)) if name else None


def _connection(catalog: Catalog, context: RunContext) -> Connection:
    """One a cluster and run: its record and its topics are behind the same clients."""
    from provisioner.stores.kafka.connection import Connection
    from provisioner.stores.kafka.timeouts import Timeouts

    cluster = catalog.cluster
    if cluster.name not in context.connections:
        waits = Timeouts.of(cluster.timeouts)
        context.connections[cluster.name] = Connection(
            cluster.bootstrap,
            cluster.client,
            context.environment,
            context.progress,
            context.vouched,
            waits,
            live=context.tick,
        )
    return context.connections[cluster.name]


def _expected(catalog: Catalog) -> str | None:
    return None if catalog.cluster.cluster_id == ANY_CLUSTER else catalog.cluster.cluster_id


def _inherited(catalog: Catalog) -> frozenset[str]:
    settings = (item for declared in catalog.topics.values() for item in declared.config.items())
    return topic_hazards.WATCHED | {key for key, setting in settings if setting.origin.is_default}


def _identified(catalog: Catalog) -> frozenset[str]:
    return frozenset(name for name, declared in catalog.topics.items() if declared.state is Presence.ABSENT)
