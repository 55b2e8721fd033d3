"""The catalog: everything declared for ONE cluster, defaults merged in, each value knowing where it was written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import Any, Generic, Self, TypeVar

from provisioner.catalog.destinations import (
    AlertDestination,
    AlertFolder,
    DashboardDestination,
    DashboardFolder,
    Destination,
)
from provisioner.catalog.held import NOTHING, Held
from provisioner.catalog.limits import Limits, Merging
from provisioner.catalog.topic_config import is_count
from provisioner.catalog.units import Duration
from provisioner.problem import Span

T = TypeVar("T")

DEFAULT_LAG = Duration(600)
"""The threshold of a topic where no file says one."""

RECORD_TOPIC = "_provisioner_applied"
"""The topic of the record where no file says another."""

DEFAULT_REPOSITORY = "topics"

DEFAULT_SEVERITY = "warning"
"""That of a team that says none: nobody is paged by a word that nobody wrote."""


LONGEST_RETENTION = 5200 * 7 * 86_400
"""Seconds, 100 years: what is kept for longer is kept for ever, and no rule of Prometheus could look so far back."""

AlertSettings = Mapping[str, Mapping[str, Any]]
"""Alert template -> parameter -> what was written for it: one value, as YAML gave it."""

NO_SETTINGS: AlertSettings = {}


class Origin(IntEnum):
    """Who wrote a value; the higher one wins."""

    BUILT_IN = 0
    CLUSTER = 1
    TEAM = 2
    TOPIC = 3
    OVERRIDE = 4

    @property
    def is_default(self) -> bool:
        """True for a value that the topic's own entry does not mention."""
        return self < Origin.TOPIC


class Presence(StrEnum):
    """What a topic is to be: kept as declared, gone, or somebody else's and only watched."""

    PRESENT = "present"
    ABSENT = "absent"
    EXTERNAL = "external"


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """One merged value, and who wrote it where. That of a config is in Kafka's own form (`604800000`)."""

    value: T
    span: Span
    origin: Origin


@dataclass(frozen=True, slots=True)
class Consent:
    """`allow: {slug: value}`: a hazard accepted for exactly this value."""

    slug: str
    value: str
    span: Span
    origin: Origin = Origin.TOPIC


@dataclass(frozen=True, slots=True)
class Team:
    """A folder of declarations and the people behind it. `severity` is a word of the users' Alertmanager.

    `mentions`: users and groups of GitLab (`@finance/oncall`), whom notes in merge requests call.
    """

    name: str
    chat: str | None
    severity: str
    runbook: str | None
    span: Span
    mentions: tuple[str, ...] = ()
    alert_settings: AlertSettings = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Consumer:
    """A declared consumer group of one topic: its team is paged, by its own threshold. `lag` None: switched off.

    `slack`: offsets in each partition that transactions may leave behind, and that are not unread messages.
    """

    group: str
    team: Team
    lag: Duration | None
    severity: str
    slack: int
    span: Span
    expect_progress_within: Duration | None = None
    alert_settings: AlertSettings = field(default_factory=dict)
    places: Mapping[str, Span] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic on this cluster. `lag` is the threshold of every group without a declaration; None: switched off.

    `dead_letter` names its dead letter topic, `dead_letter_of` the topic whose dead letters this one takes.
    `throughput_drop`, `throughput_rise`: percent of the same hour a week before; `skew`: the largest partition over the
    average. `places`: where the fields that only alerts know stand.
    """

    name: str
    team: Team
    state: Presence
    span: Span
    partitions: Setting[int]
    replication_factor: Setting[int]
    config: Mapping[str, Setting[str]] = field(default_factory=dict)
    description: str | None = None
    message: str | None = None
    lag: Duration | None = DEFAULT_LAG
    lag_span: Span | None = None
    dead_letter: str | None = None
    dead_letter_of: str | None = None
    consumers: tuple[Consumer, ...] = ()
    consents: tuple[Consent, ...] = ()
    expect_traffic_within: Duration | None = None
    throughput_drop: int | None = None
    throughput_rise: int | None = None
    skew: float | None = None
    alert_settings: AlertSettings = field(default_factory=dict)
    places: Mapping[str, Span] = field(default_factory=dict, compare=False)

    @property
    def retention(self) -> Duration | None:
        """How long records are kept; None where time deletes none, or where that is not for these files to say."""
        kept, policy = self.config.get("retention.ms"), self.config.get("cleanup.policy")
        deletes = policy is None or "delete" in policy.value
        if kept is None or not is_count(kept.value) or not deletes or self.state is Presence.EXTERNAL:
            return None
        seconds = int(kept.value) // 1000
        return Duration(seconds) if 0 < seconds <= LONGEST_RETENTION else None


@dataclass(frozen=True, slots=True)
class Metrics:
    """Where the cluster's metrics come from: a profile's name, matchers put into every selector, how often scraped."""

    profile: str = "kafka_exporter"
    matchers: Mapping[str, str] = field(default_factory=dict)
    scrape_interval: Duration = Duration(30)


@dataclass(frozen=True, slots=True)
class Secret:
    """Where a secret lies: an environment variable or a file. Its value is read when a client is made, never before."""

    env: str | None = None
    file: str | None = None


ANY_CLUSTER = "any"
"""The written word for a cluster whose id is not compared: one that is thrown away and made again."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """One Kafka cluster and what is kept beside it.

    `cluster_id`: as declared, or ANY_CLUSTER. `extra_configs`: keys that may be declared though nothing is known of
    them. `team`: whom the cluster's own alerts call. `timeouts`: seconds, by the declaration's words.
    `kafka`: its version, if declared. `is_retired`: it is about to leave: its brokers are not asked, its alerts and
    dashboards go, and its topics are left as they are. `record`: the topic that it is noted in what was applied, None:
    nowhere; `repository`: whose entries there are ours. `merging`: how merge requests are applied; `after`: the cluster
    whose apply comes first. `places`: where its fields and client properties stand.
    """

    name: str
    bootstrap: str
    span: Span
    cluster_id: str | None = None
    is_retired: bool = False
    client: Mapping[str, str | Secret] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    timeouts: Mapping[str, int] = field(default_factory=dict)
    metrics: Metrics = field(default_factory=Metrics)
    alerts: AlertDestination | None = None
    dashboards: DashboardDestination | None = None
    team: Team | None = None
    protected: tuple[str, ...] = ()
    keep_undeclared: bool = True
    record: str | None = RECORD_TOPIC
    repository: str = DEFAULT_REPOSITORY
    extra_configs: frozenset[str] = frozenset()
    kafka: str | None = None
    merging: Merging = field(default_factory=Merging)
    after: str | None = None
    alert_settings: AlertSettings = field(default_factory=dict)
    places: Mapping[str, Span] = field(default_factory=dict, compare=False)

    @property
    def mark(self) -> str:
        """What our files are called after: the cluster, and the repository where another one has topics there, too."""
        return self.name if self.repository == DEFAULT_REPOSITORY else f"{self.repository}@{self.name}"

    @property
    def destinations(self) -> Mapping[str, Destination]:
        """What is declared beside the brokers, by the field that declares it."""
        declared = {"alerts": self.alerts, "dashboards": self.dashboards}
        return {name: place for name, place in declared.items() if place is not None}

    def rendering_into(self, folder: Path) -> Self:
        """The cluster with everything rendered below `folder`, also where nothing is declared; no server told."""
        said, boards = self.alerts or AlertFolder(""), self.dashboards or DashboardFolder("")
        rules = AlertFolder(
            str(folder / "rules"), severity=said.severity, create=True, runbooks=said.runbooks, layout=said.layout
        )
        return replace(
            self,
            alerts=rules,
            dashboards=DashboardFolder(
                str(folder / "dashboards"),
                boards.url,
                create=True,
                declarations=boards.declarations,
                shared=boards.shared,
                teams=boards.teams,
            ),
        )


@dataclass(frozen=True, slots=True)
class Catalog:
    """All topics declared for one cluster, by name; consumers hang on their topics.

    `others`: the entries of what other kinds declare, by the word above them in the files. `held`: what errors of the
    files hold back of it. `teams`: whom lag alerts call. `alike`: topics that are known to be, places apart, those of
    the catalog it was made beside.
    """

    cluster: Cluster
    topics: Mapping[str, Topic]
    others: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    held: Held = NOTHING
    teams: frozenset[str] = frozenset()
    alike: frozenset[str] = field(default=frozenset(), repr=False, compare=False)
