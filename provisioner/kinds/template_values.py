"""What templates can name of a catalog: its topics, groups, teams and clusters as plain values without methods."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, field, fields

from provisioner.catalog import model
from provisioner.catalog.units import Duration
from provisioner.kinds import dashboard_links
from provisioner.profiles.promql import Fragment


class Terse:
    """Its `repr` leaves out what nobody declared: digests are made of it, and a field of a newer version moves none."""

    __slots__ = ()

    def __repr__(self) -> str:
        """As that of a dataclass, without fields that have their default, or follow from others."""
        pairs = ((each, getattr(self, each.name)) for each in fields(self) if each.repr)  # type: ignore[arg-type]
        shown = (f"{each.name}={value!r}" for each, value in pairs if each.default is MISSING or value != each.default)
        return f"{type(self).__qualname__}({', '.join(shown)})"


@dataclass(frozen=True, slots=True)
class Cluster:
    """The cluster. `alerts`: it has a place for rules, so `ALERTS` may be asked; `scrape_interval` as declared.

    `teams`: how many teams its lag alerts call; known in scope cluster.
    """

    name: str
    alerts: bool
    scrape_interval: Duration
    teams: int = 0


@dataclass(frozen=True, slots=True)
class Links:
    """Where a dashboard leads: the file of the declaration, the dead letter topic's board, that of the topic served.

    `declared_in`: the file's path below the folder of declarations.
    """

    declared_in: str
    declaration: str | None
    dead_letter: Fragment | None
    served: Fragment | None


@dataclass(frozen=True, slots=True)
class Team:
    """Who is told."""

    name: str
    chat: str | None
    runbook: str | None
    severity: str


@dataclass(frozen=True, slots=True, repr=False)
class Consumer(Terse):
    """A declared consumer group."""

    group: str
    team: Team
    lag: Duration | None
    severity: str
    transactional: bool
    slack: int
    expect_progress_within: Duration | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Topic(Terse):
    """A topic; `retention_ms` and `retention_bytes` as Kafka has them, None where the broker decides.

    `retention`: where time deletes and the files say when. `throughput_drop`, `throughput_rise`: percent.
    """

    name: str
    team: Team
    description: str | None
    message: str | None
    external: bool
    partitions: int
    replication_factor: int
    retention_ms: str | None
    retention_bytes: str | None
    cleanup_policy: str
    lag: Duration | None
    dead_letter: str | None
    dead_letter_of: str | None
    consumers: tuple[Consumer, ...]
    groups: tuple[str, ...]
    expect_traffic_within: Duration | None = None
    throughput_drop: int | None = None
    throughput_rise: int | None = None
    skew: float | None = None
    retention: Duration | None = field(default=None, repr=False)


def cluster_of(cluster: model.Cluster, teams: int = 0) -> Cluster:
    """The cluster as templates know it."""
    return Cluster(cluster.name, cluster.alerts is not None, cluster.metrics.scrape_interval, teams)


def links_of(cluster: model.Cluster, topic: model.Topic) -> Links:
    """Where the dashboard of a topic leads."""
    return Links(
        dashboard_links.declared_in(topic),
        dashboard_links.declaration_url(cluster, topic),
        _board(cluster, topic.dead_letter),
        _board(cluster, topic.dead_letter_of),
    )


def _board(cluster: model.Cluster, topic: str | None) -> Fragment | None:
    return Fragment(dashboard_links.board_url(cluster, topic)) if topic else None


def team_of(team: model.Team) -> Team:
    """The team as templates know it."""
    return Team(team.name, team.chat, team.runbook, team.severity)


def _consumer(one: model.Consumer) -> Consumer:
    return Consumer(
        one.group, team_of(one.team), one.lag, one.severity, one.slack > 0, one.slack, one.expect_progress_within
    )


def topic_of(topic: model.Topic) -> Topic:
    """The topic as templates know it."""
    config = {key: setting.value for key, setting in topic.config.items()}
    return Topic(
        name=topic.name,
        team=team_of(topic.team),
        description=topic.description,
        message=topic.message,
        external=topic.state is model.Presence.EXTERNAL,
        partitions=topic.partitions.value,
        replication_factor=topic.replication_factor.value,
        retention_ms=config.get("retention.ms"),
        retention_bytes=config.get("retention.bytes"),
        cleanup_policy=config.get("cleanup.policy", "delete"),
        lag=topic.lag,
        dead_letter=topic.dead_letter,
        dead_letter_of=topic.dead_letter_of,
        consumers=tuple(_consumer(one) for one in topic.consumers),
        groups=tuple(one.group for one in topic.consumers),
        expect_traffic_within=topic.expect_traffic_within,
        throughput_drop=topic.throughput_drop,
        throughput_rise=topic.throughput_rise,
        skew=topic.skew,
        retention=topic.retention,
    )
