"""What people write of clusters, and at the top of clusters.yaml, as pydantic models."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from provisioner.catalog.declared_values import (
    MOST_KEYS,
    Address,
    AlertSettings,
    ConfigKeys,
    Count,
    DayHours,
    Doubt,
    Path,
    Rate,
    Replicas,
    Seconds,
    Size,
    Strict,
    Timeout,
    Version,
    WebAddress,
    Word,
)
from provisioner.catalog.destinations import COMPACT, FILES, AlertFolder, DashboardFolder
from provisioner.catalog.limits import Limits, Merging
from provisioner.catalog.model import DEFAULT_REPOSITORY, RECORD_TOPIC, Metrics
from provisioner.catalog.team_declarations import Defaults
from provisioner.catalog.wording import client_value, once_each, record_value, repository_name

_LIMITS, _MERGING, _METRICS = Limits(), Merging(), Metrics()
_MOVES = _LIMITS.moves


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
