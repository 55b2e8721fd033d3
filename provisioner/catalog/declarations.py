"""What people write, as pydantic models: one model an entry, nothing merged, nothing looked up."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from provisioner.catalog.approvers import approvers
from provisioner.catalog.destinations import AlertFolder, DashboardFolder
from provisioner.catalog.model import (
    DEFAULT_REPOSITORY,
    DEFAULT_SEVERITY,
    RECORD_TOPIC,
    Limits,
    Merging,
    Metrics,
    Presence,
)
from provisioner.catalog.units import Duration
from provisioner.catalog.wording import (
    OFF,
    chat_room,
    client_value,
    config_key,
    consented,
    dead_letter,
    doubt,
    kafka_version,
    lag,
    mentions,
    message,
    once_each,
    record_value,
    repository_name,
    scalar,
    seconds,
    slack,
    state,
    timeout,
    web_address,
)

__all__ = ["OFF"]

MOST_KEYS = 100
"""Entries of one map or list."""

MOST_SETTINGS = 64
"""Of one `config` or `allow`; Kafka 4.4 has 37 topic configs, and each default counts once for every topic."""


_LIMITS, _MERGING, _METRICS = Limits(), Merging(), Metrics()


class Strict(BaseModel):
    """Nothing unknown, nothing converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, arbitrary_types_allowed=True, defer_build=True)


Scalars = Annotated[dict[str, Annotated[Any, BeforeValidator(scalar)]], Field(max_length=MOST_SETTINGS)]
Consents = Annotated[dict[str, Annotated[Any, BeforeValidator(consented)]], Field(max_length=MOST_SETTINGS)]
ConfigKeys = Annotated[list[Annotated[str, AfterValidator(config_key)]], Field(max_length=MOST_KEYS)]
Version = Annotated[str, BeforeValidator(kafka_version)]
Lag = Annotated[Duration | Literal["none"], BeforeValidator(lag)]
Seconds = Annotated[Duration, BeforeValidator(seconds)]
Timeout = Annotated[Duration, BeforeValidator(timeout)]
Doubt = Annotated[Duration, BeforeValidator(doubt)]
Slack = Annotated[int, BeforeValidator(slack)]
Count = Annotated[int, Field(ge=1, le=100_000)]
Replicas = Annotated[int, Field(ge=1, le=100)]
Word = Annotated[str, Field(min_length=1, max_length=250)]
Path = Annotated[str, Field(min_length=1, max_length=1000)]
Address = Annotated[str, Field(max_length=2000)]
WebAddress = Annotated[Address, AfterValidator(web_address)]
Description = Annotated[str, Field(max_length=4000)]
MessageName = Annotated[Word, AfterValidator(message)]
Chat = Annotated[Word, AfterValidator(chat_room)]
Mentions = Annotated[list[str], BeforeValidator(mentions)]
Approvers = Annotated[list[str], BeforeValidator(approvers)]
Group = Annotated[str, Field(min_length=1, max_length=255)]
Where = Annotated[list[str], Field(min_length=1), AfterValidator(once_each)]


class DeadLetter(Strict):
    """The topic that takes what a consumer could not handle."""

    name: str
    partitions: Count | None = None
    replication_factor: Replicas | None = None
    config: Scalars = Field(default_factory=dict)
    allow: Consents = Field(default_factory=dict)


NamedDeadLetter = Annotated[DeadLetter, BeforeValidator(dead_letter)]
Wish = Annotated[Presence, BeforeValidator(state)]


class TopicFields(Strict):
    """What a topic's entry may say, and what may be said again for one cluster under `overrides:`."""

    description: Description | None = None
    message: MessageName | None = None
    partitions: Count | None = None
    replication_factor: Replicas | None = None
    config: Scalars = Field(default_factory=dict)
    lag: Lag | None = None
    dead_letter: NamedDeadLetter | None = None
    state: Wish | None = None
    allow: Consents = Field(default_factory=dict)


class TopicDeclaration(TopicFields):
    """One entry under `topics:`."""

    name: str
    clusters: Where | None = None
    overrides: dict[str, TopicFields] = Field(default_factory=dict)


class ConsumerDeclaration(Strict):
    """One entry under `consumers:`; it belongs to the team whose folder it lies in."""

    topic: str
    group: Group
    lag: Lag | None = None
    severity: Word | None = None
    transactional: Slack = 0
    clusters: Where | None = None


class Defaults(Strict):
    """Values for topics that say nothing themselves. `allow` consents to what comes from these values."""

    partitions: Count | None = None
    replication_factor: Replicas | None = None
    config: Scalars = Field(default_factory=dict)
    lag: Lag | None = None
    allow: Consents = Field(default_factory=dict)


class TeamDeclaration(Strict):
    """A team's team.yaml."""

    chat: Chat | None = None
    severity: Word = DEFAULT_SEVERITY
    runbook: WebAddress | None = None
    mention: Mentions | None = None
    approvers: Approvers | None = None
    defaults: Defaults = Defaults()


class LimitsDeclaration(Strict):
    """The platform team's limits."""

    min_replication_factor: Replicas = _LIMITS.min_replication_factor
    max_partitions: Count = _LIMITS.max_partitions
    max_deletions: Annotated[int, Field(ge=0)] = _LIMITS.max_deletions
    max_forgotten: Annotated[int, Field(ge=0)] | None = None


class ApplyDeclaration(Strict):
    """How merge requests are applied."""

    unreviewed: Literal["safe", "refuse"] = "safe"
    max_plan_age: Seconds = _MERGING.max_plan_age


class MetricsDeclaration(Strict):
    """Which exporter's metrics Prometheus has of this cluster."""

    profile: str = _METRICS.profile
    matchers: Annotated[dict[str, Word], Field(max_length=MOST_KEYS)] = Field(default_factory=dict)
    scrape_interval: Seconds = _METRICS.scrape_interval


class TimeoutsDeclaration(Strict):
    """How long the cluster is waited for; a word that is left out has the default of stores/kafka/timeouts.py."""

    connect: Timeout | None = None
    read: Timeout | None = None
    request: Timeout | None = None
    visible: Timeout | None = None
    doubt: Doubt | None = None


class AlertFiles(Strict):
    """Rule files in a folder."""

    type: Literal["files"]
    folder: Path
    create: bool = False
    reload: Annotated[list[Address], Field(max_length=MOST_KEYS)] = Field(default_factory=list)
    severity: Word | None = None

    def destination(self) -> AlertFolder:
        """As the catalog has it."""
        return AlertFolder(self.folder, tuple(self.reload), self.severity, self.create)


class DashboardFiles(Strict):
    """Dashboards in a folder."""

    type: Literal["files"]
    folder: Path
    create: bool = False
    url: Address | None = None

    def destination(self) -> DashboardFolder:
        """As the catalog has it."""
        return DashboardFolder(self.folder, self.url, self.create)


AlertDestinations = AlertFiles
DashboardDestinations = DashboardFiles
"""What may stand there, told apart by `type:`; a second one makes it a union with that discriminator."""


class ClusterDeclaration(Strict):
    """One entry under `clusters:`."""

    bootstrap: Annotated[str, Field(min_length=1, max_length=4000)]
    state: Literal["active", "retired"] = "active"
    default: bool = False
    cluster_id: Word | None = None
    client: Annotated[dict[str, Annotated[Any, BeforeValidator(client_value)]], Field(max_length=MOST_KEYS)] = Field(
        default_factory=dict
    )
    defaults: Defaults = Defaults()
    limits: LimitsDeclaration = LimitsDeclaration()
    apply: ApplyDeclaration = ApplyDeclaration()
    after: Word | None = None
    timeouts: TimeoutsDeclaration = TimeoutsDeclaration()
    metrics: MetricsDeclaration = MetricsDeclaration()
    alerts: AlertDestinations | None = None
    dashboards: DashboardDestinations | None = None
    team: Word | None = None
    protected: Annotated[list[Word], Field(max_length=MOST_KEYS)] = Field(default_factory=list)
    undeclared_overrides: Literal["remove", "keep"] = "keep"
    record: Annotated[Any, BeforeValidator(record_value)] = RECORD_TOPIC
    extra_configs: Annotated[ConfigKeys, AfterValidator(once_each)] = Field(default_factory=list)
    kafka: Version | None = None


class SeveritiesDeclaration(Strict):
    """The words that the Alertmanager knows."""

    severities: Annotated[list[Word], Field(min_length=1, max_length=MOST_KEYS), AfterValidator(once_each)]


class RepositoryDeclaration(Strict):
    """What this repository is called, where another one keeps topics on the same cluster."""

    repository: Annotated[Word, BeforeValidator(repository_name)]


class ClustersFile(Strict):
    """The top of clusters.yaml; each entry is looked at by itself."""

    clusters: dict[str, Any] = Field(default_factory=dict)
    repository: Any = DEFAULT_REPOSITORY
    severities: list[str] = Field(default_factory=list)


class TopicsFile(Strict):
    """The top of a team's other files."""

    topics: list[Any] = Field(default_factory=list)
    consumers: list[Any] = Field(default_factory=list)
