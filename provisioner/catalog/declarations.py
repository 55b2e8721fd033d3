"""What people write, as pydantic models: one model an entry, nothing merged, nothing looked up."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from provisioner.catalog.approvers import approvers
from provisioner.catalog.copying import copy_rate, day_hours, size
from provisioner.catalog.destinations import COMPACT, FILES, AlertFolder, DashboardFolder
from provisioner.catalog.model import (
    DEFAULT_REPOSITORY,
    DEFAULT_SEVERITY,
    RECORD_TOPIC,
    Hours,
    Limits,
    Merging,
    Metrics,
    Presence,
)
from provisioner.catalog.percents import drop, rise, skew
from provisioner.catalog.units import Duration
from provisioner.catalog.wording import (
    OFF,
    chat_room,
    client_value,
    config_key,
    consented,
    dead_letter,
    doubt,
    expected,
    kafka_version,
    lag,
    mentions,
    message,
    once_each,
    parameter,
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
_MOVES = _LIMITS.moves


class Strict(BaseModel):
    """Nothing unknown, nothing converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, arbitrary_types_allowed=True, defer_build=True)


Scalars = Annotated[dict[str, Annotated[Any, BeforeValidator(scalar)]], Field(max_length=MOST_SETTINGS)]
Consents = Annotated[dict[str, Annotated[Any, BeforeValidator(consented)]], Field(max_length=MOST_SETTINGS)]
ConfigKeys = Annotated[list[Annotated[str, AfterValidator(config_key)]], Field(max_length=MOST_KEYS)]
Version = Annotated[str, BeforeValidator(kafka_version)]
Lag = Annotated[Duration | Literal["none"], BeforeValidator(lag)]
Expected = Annotated[Duration | Literal["none"], BeforeValidator(expected)]
Drop = Annotated[int | Literal["none"], BeforeValidator(drop)]
Rise = Annotated[int | Literal["none"], BeforeValidator(rise)]
Skew = Annotated[int | float | Literal["none"], BeforeValidator(skew)]
Seconds = Annotated[Duration, BeforeValidator(seconds)]
Timeout = Annotated[Duration, BeforeValidator(timeout)]
Doubt = Annotated[Duration, BeforeValidator(doubt)]
Slack = Annotated[int, BeforeValidator(slack)]
Size = Annotated[int, BeforeValidator(size)]
Rate = Annotated[int, BeforeValidator(copy_rate)]
DayHours = Annotated[Hours, BeforeValidator(day_hours)]
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


AlertParameters = Annotated[dict[str, Annotated[Any, BeforeValidator(parameter)]], Field(max_length=MOST_KEYS)]
AlertSettings = Annotated[dict[str, AlertParameters], Field(max_length=MOST_KEYS)]


class Throughput(Strict):
    """How far a topic may be from the same hour a week before."""

    drop: Drop | None = None
    """How much less: 50% is half of it; none switches the alert off."""

    rise: Rise | None = None
    """How much more: 300% is four times as much; none switches the alert off."""


class DeadLetter(Strict):
    """The topic that takes what a consumer could not handle."""

    name: str
    """Its name."""

    partitions: Count | None = None
    """How many partitions it has; they never become fewer."""

    replication_factor: Replicas | None = None
    """How many brokers keep a copy of each partition."""

    config: Scalars = Field(default_factory=dict)
    """Kafka's topic configs; the cluster's and the team's defaults hold where it says nothing."""

    allow: Consents = Field(default_factory=dict)
    """Dangers that are accepted, each for one value."""


NamedDeadLetter = Annotated[DeadLetter, BeforeValidator(dead_letter)]
Wish = Annotated[Presence, BeforeValidator(state)]


class TopicFields(Strict):
    """What a topic's entry may say, and what may be said again for one cluster under `overrides:`."""

    description: Description | None = None
    """For people: what is in it, and what the key is."""

    message: MessageName | None = None
    """The full name of the one protobuf message of the topic: payments.v1.Order."""

    partitions: Count | None = None
    """How many partitions it has; they never become fewer."""

    replication_factor: Replicas | None = None
    """How many brokers keep a copy of each partition; at least three where the cluster says nothing else."""

    config: Scalars = Field(default_factory=dict)
    """Kafka's topic configs; durations (7d) and sizes (512MiB) where Kafka wants milliseconds or bytes."""

    lag: Lag | None = None
    """How far behind in time a consumer group may be before the alert fires: 10m; none switches it off."""

    expect_traffic_within: Expected | None = None
    """An alert fires where nothing was produced for so long: 1h; none switches it off. Left out: no such alert."""

    throughput: Throughput | None = None
    """Alerts on another throughput than in the same hour a week before: {drop: 50%, rise: 300%}."""

    skew: Skew | None = None
    """An alert fires where the largest partition gets so many times the average: 2; none switches it off."""

    alert_settings: AlertSettings = Field(default_factory=dict)
    """Parameters of alerts by template: {consumer_lag: {hold: 5m, severity: page, enabled: false}}."""

    dead_letter: NamedDeadLetter | None = None
    """The topic for what a consumer could not handle: its name, or a map with name and fields."""

    state: Wish | None = None
    """present (default); absent: to be deleted, with consent; external: others keep it, it is only watched."""

    allow: Consents = Field(default_factory=dict)
    """Dangers that are accepted, each for one value: {more-partitions: 12}."""


class TopicDeclaration(TopicFields):
    """One entry under `topics:`."""

    name: str
    """The name of the topic."""

    clusters: Where | None = None
    """Where it lives; left out: on the default cluster."""

    overrides: dict[str, TopicFields] = Field(default_factory=dict)
    """What differs on one cluster: {staging: {partitions: 3}}."""


class ConsumerDeclaration(Strict):
    """One entry under `consumers:`; it belongs to the team whose folder it lies in."""

    topic: str
    """Which topic is read."""

    group: Group
    """The consumer group that reads it, by its very name."""

    lag: Lag | None = None
    """Its own threshold: 5m; left out: the topic's."""

    severity: Word | None = None
    """The severity of its alerts; left out: the team's."""

    expect_progress_within: Expected | None = None
    """An alert fires where the group committed nothing new for so long: 1h. Left out: no such alert."""

    alert_settings: AlertSettings = Field(default_factory=dict)
    """Parameters of its alerts by template: {consumer_lag: {hold: 5m, enabled: false}}."""

    transactional: Slack = 0
    """true for a topic that is written in transactions: a marker is no unread message. A number: so many offsets."""

    clusters: Where | None = None
    """Where it runs; left out: wherever the topic is."""


class Defaults(Strict):
    """Values for topics that say nothing themselves. `allow` consents to what comes from these values."""

    partitions: Count | None = None
    """How many partitions a topic has."""

    replication_factor: Replicas | None = None
    """How many brokers keep a copy of each partition."""

    config: Scalars = Field(default_factory=dict)
    """Kafka's topic configs."""

    lag: Lag | None = None
    """How far behind in time a consumer group may be before the alert fires."""

    allow: Consents = Field(default_factory=dict)
    """Dangers that are accepted, where they come from these values."""


class TeamDeclaration(Strict):
    """A team's team.yaml."""

    chat: Chat | None = None
    """The room that alerts name, in quotes: "#payments"."""

    severity: Word = DEFAULT_SEVERITY
    """The severity of the team's alerts, a word of your Alertmanager; who is to be woken at night writes page."""

    runbook: WebAddress | None = None
    """The address that alerts link to."""

    mention: Mentions | None = None
    """Whom notes in merge requests call, in quotes: "@finance/oncall"."""

    approvers: Approvers | None = None
    """Who approves what changes in the folder, in quotes: "@finance/leads"; left out: who is in mention."""

    defaults: Defaults = Defaults()
    """Values for the team's topics, over the cluster's."""

    alert_settings: AlertSettings = Field(default_factory=dict)
    """Parameters of the alerts that call the team, by template: {consumer_lag: {hold: 5m}}."""


class MovesDeclaration(Strict):
    """How replicas are copied where a replication factor is raised."""

    rate: Rate = _MOVES.rate
    """Bytes a second that a broker may send, and may receive: 60MiB; 1MB at least, or no copy ever catches up."""

    hours: DayHours | None = None
    """When a wave may begin, in UTC and in quotes: "22-06"; what runs goes on. Left out: at any time."""

    wave_bytes: Size = _MOVES.wave_bytes
    """The most that is copied at once: 50GiB."""

    wave_partitions: Count = _MOVES.wave_partitions
    """The most partitions that are copied at once."""


class LimitsDeclaration(Strict):
    """The platform team's limits."""

    min_replication_factor: Replicas = _LIMITS.min_replication_factor
    """A topic with fewer copies is refused without consent."""

    max_partitions: Count = _LIMITS.max_partitions
    """A topic with more partitions is refused without consent."""

    max_deletions: Annotated[int, Field(ge=0)] = _LIMITS.max_deletions
    """How many topics one run may delete."""

    max_forgotten: Annotated[int, Field(ge=0)] | None = None
    """How many names that were applied may be in no file any more; left out: a third of them."""

    moves: MovesDeclaration = MovesDeclaration()
    """How replicas are copied where a replication factor is raised."""


class ApplyDeclaration(Strict):
    """How merge requests are applied."""

    unreviewed: Literal["safe", "refuse"] = "safe"
    """What becomes of changes that no reviewed plan covers: safe (those without a danger are done) or refuse."""

    max_plan_age: Seconds = _MERGING.max_plan_age
    """An older plan covers nothing."""


class MetricsDeclaration(Strict):
    """Which exporter's metrics Prometheus has of this cluster."""

    profile: str = _METRICS.profile
    """The exporter that Prometheus asks: kafka_exporter, kminion, redpanda, otel_kafkametrics, or one of your own."""

    matchers: Annotated[dict[str, Word], Field(max_length=MOST_KEYS)] = Field(default_factory=dict)
    """Labels that tell this cluster's series from others: {cluster: prod}."""

    scrape_interval: Seconds = _METRICS.scrape_interval
    """How often Prometheus asks the exporter."""


class TimeoutsDeclaration(Strict):
    """How long the cluster is waited for; a word that is left out has the default of stores/kafka/timeouts.py."""

    connect: Timeout | None = None
    """For the first answer."""

    read: Timeout | None = None
    """For one answer to a read or a dry run."""

    request: Timeout | None = None
    """For one answer to a change."""

    visible: Timeout | None = None
    """Until brokers show what the cluster has accepted."""

    doubt: Doubt | None = None
    """Until a change without an answer is called failed, or stays in doubt; 65s at least."""


class AlertFiles(Strict):
    """Rule files in a folder."""

    type: Literal["files"]
    """Rule files in a folder that Prometheus reads."""

    folder: Path
    """Where they go; it outlives the job."""

    create: bool = False
    """Make the folder where it is not there."""

    reload: Annotated[list[Address], Field(max_length=MOST_KEYS)] = Field(default_factory=list)
    """Addresses of Prometheus servers that are told to read the rules again."""

    severity: Word | None = None
    """In place of every team's own: a cluster that never pages."""

    runbooks: WebAddress | None = None
    """Where your copy of docs/alerts/ is read; an alert links to its page there where its team has no runbook."""

    layout: Literal["readable", "compact"] = "readable"
    """`readable`: rules of its own for each topic; `compact`, for thousands: a few for all, and a series each."""

    def destination(self) -> AlertFolder:
        """As the catalog has it."""
        layout = COMPACT if self.layout == "compact" else FILES
        return AlertFolder(self.folder, tuple(self.reload), self.severity, self.create, self.runbooks, layout)


class DashboardFiles(Strict):
    """Dashboards in a folder."""

    type: Literal["files"]
    """JSON files in a folder that Grafana reads."""

    folder: Path
    """Where they go; it outlives the job."""

    create: bool = False
    """Make the folder where it is not there."""

    url: Address | None = None
    """Grafana's address, for the links of alerts."""

    declarations: Address | None = None
    """Where people read the files of this folder, for a dashboard's link to its topic's own, such as
    `https://git.example.com/kafka/topics/-/blob/main/topics`: the file's path below the folder is put behind it."""

    layout: Literal["topic", "shared"] = "topic"
    """`topic`: a dashboard for each. `shared`: one for all, where the topic is chosen; for fleets of thousands."""

    teams: bool = False
    """A dashboard for each team besides: its topics and groups, the worst first."""

    def destination(self) -> DashboardFolder:
        """As the catalog has it."""
        return DashboardFolder(
            self.folder,
            self.url,
            self.create,
            declarations=self.declarations,
            shared=self.layout == "shared",
            teams=self.teams,
        )


AlertDestinations = AlertFiles
DashboardDestinations = DashboardFiles
"""What may stand there, told apart by `type:`; a second one makes it a union with that discriminator."""


class ClusterDeclaration(Strict):
    """One entry under `clusters:`."""

    bootstrap: Annotated[str, Field(min_length=1, max_length=4000)]
    """Brokers to begin with: host:port, with commas between them."""

    state: Literal["active", "retired"] = "active"
    """retired: its brokers are not asked, its alerts and dashboards go, its topics stay."""

    default: bool = False
    """true: topics that name no cluster live here."""

    cluster_id: Word | None = None
    """The id of the cluster; another one is left alone. any: it is not compared."""

    client: Annotated[dict[str, Annotated[Any, BeforeValidator(client_value)]], Field(max_length=MOST_KEYS)] = Field(
        default_factory=dict
    )
    """Properties of librdkafka by their own names; a secret is {env: NAME} or {file: PATH}."""

    defaults: Defaults = Defaults()
    """Values for topics that say nothing themselves."""

    limits: LimitsDeclaration = LimitsDeclaration()
    """The platform team's limits."""

    apply: ApplyDeclaration = ApplyDeclaration()
    """How merge requests are applied."""

    after: Word | None = None
    """The cluster whose apply comes first."""

    timeouts: TimeoutsDeclaration = TimeoutsDeclaration()
    """How long the cluster is waited for."""

    metrics: MetricsDeclaration = MetricsDeclaration()
    """Which exporter's metrics Prometheus has of it."""

    alerts: AlertDestinations | None = None
    """Where alert rules go; left out: nowhere."""

    dashboards: DashboardDestinations | None = None
    """Where dashboards go; left out: nowhere."""

    team: Word | None = None
    """Whom the cluster's own alerts call, and who approves what is no team's: a folder with a team.yaml."""

    alert_settings: AlertSettings = Field(default_factory=dict)
    """Parameters of alerts by template: {consumer_lag: {hold: 5m, enabled: false}}."""

    protected: Annotated[list[Word], Field(max_length=MOST_KEYS)] = Field(default_factory=list)
    """Globs of topics that can only be external."""

    undeclared_overrides: Literal["remove", "keep"] = "keep"
    """What becomes of configs that no file names where nothing is recorded yet: keep or remove."""

    record: Annotated[Any, BeforeValidator(record_value)] = RECORD_TOPIC
    """{topic: NAME}: where what was applied is noted; none: nowhere."""

    extra_configs: Annotated[ConfigKeys, AfterValidator(once_each)] = Field(default_factory=list)
    """Topic configs of vendors, or of a newer Kafka, that files may name."""

    kafka: Version | None = None
    """The version of Kafka, in quotes: "4.4"; configs are then checked against it."""


class SeveritiesDeclaration(Strict):
    """The words that the Alertmanager knows."""

    severities: Annotated[list[Word], Field(min_length=1, max_length=MOST_KEYS), AfterValidator(once_each)]
    """The words that the Alertmanager knows; any other severity is refused."""


class RepositoryDeclaration(Strict):
    """What this repository is called, where another one keeps topics on the same cluster."""

    repository: Annotated[Word, BeforeValidator(repository_name)]
    """What this repository is called, where another one keeps topics on the same cluster."""


class ClustersFile(Strict):
    """The top of clusters.yaml; each entry is looked at by itself."""

    clusters: dict[str, Any] = Field(default_factory=dict)
    """Every cluster, by its name."""

    repository: Any = DEFAULT_REPOSITORY
    """What this repository is called, where another one keeps topics on the same cluster."""

    severities: list[str] = Field(default_factory=list)
    """The words that the Alertmanager knows; any other severity is refused."""


class TopicsFile(Strict):
    """The top of a team's other files."""

    topics: list[Any] = Field(default_factory=list)
    """The topics of the team in whose folder this file lies."""

    consumers: list[Any] = Field(default_factory=list)
    """What the team itself consumes, of its own topics and of others."""
