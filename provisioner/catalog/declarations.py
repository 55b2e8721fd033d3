"""What people write, as pydantic models: one model an entry, nothing merged, nothing looked up."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from provisioner.catalog.model import State
from provisioner.catalog.units import Duration, duration

Scalar = str | int | float | bool
OFF: Literal["none"] = "none"


def _scalar(value: Any) -> Any:
    if isinstance(value, (dict, list)):
        raise PydanticCustomError("shape", "must be one value, is {shape}", {"shape": _shape(value)})
    return value


def _shape(value: Any) -> str:
    return "a map" if isinstance(value, dict) else "a list"


def _lag(value: Any) -> Any:
    if value == OFF or isinstance(value, Duration):
        return value
    return _duration(value)


def _duration(value: Any) -> Any:
    known = duration(value) if isinstance(value, str) else None
    if known is None:
        raise PydanticCustomError(
            "duration", "must be a duration such as 90s, 10m or 1h, is {value}", {"value": repr(value)}
        )
    return known


def _dead_letter(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


def _state(value: Any) -> Any:
    try:
        return State(value)
    except ValueError:
        words = ", ".join(State)
        raise PydanticCustomError(
            "word", "must be one of {words}, is {value}", {"words": words, "value": repr(value)}
        ) from None


class Strict(BaseModel):
    """Nothing unknown, nothing converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, arbitrary_types_allowed=True)


Config = dict[str, Annotated[Any, BeforeValidator(_scalar)]]
Consents = dict[str, Annotated[Any, BeforeValidator(_scalar)]]
Lag = Annotated[Duration | Literal["none"], BeforeValidator(_lag)]
Seconds = Annotated[Duration, BeforeValidator(_duration)]
Count = Annotated[int, Field(ge=1, le=100_000)]
Replicas = Annotated[int, Field(ge=1, le=100)]


class DeadLetter(Strict):
    """The topic that takes what a consumer could not handle."""

    name: str
    partitions: Count | None = None
    replication_factor: Replicas | None = None
    config: Config = Field(default_factory=dict)
    allow: Consents = Field(default_factory=dict)


class TopicFields(Strict):
    """What a topic's entry may say, and what may be said again for one cluster under `overrides:`."""

    description: str | None = None
    message: str | None = None
    partitions: Count | None = None
    replication_factor: Replicas | None = None
    config: Config = Field(default_factory=dict)
    lag: Lag | None = None
    dead_letter: Annotated[DeadLetter, BeforeValidator(_dead_letter)] | None = None
    state: Annotated[State, BeforeValidator(_state)] | None = None
    allow: Consents = Field(default_factory=dict)


class TopicDeclaration(TopicFields):
    """One entry under `topics:`."""

    name: str
    clusters: list[str] | None = None
    overrides: dict[str, TopicFields] = Field(default_factory=dict)


class ConsumerDeclaration(Strict):
    """One entry under `consumers:`; it belongs to the team whose folder it lies in."""

    topic: str
    group: str
    lag: Lag | None = None
    severity: str | None = None
    transactional: bool = False
    clusters: list[str] | None = None


class Defaults(Strict):
    """Values for topics that say nothing themselves. `allow` consents to what comes from these values."""

    partitions: Count | None = None
    replication_factor: Replicas | None = None
    config: Config = Field(default_factory=dict)
    lag: Lag | None = None
    allow: Consents = Field(default_factory=dict)


class TeamDeclaration(Strict):
    """A team's team.yaml."""

    chat: str | None = None
    severity: str = "page"
    runbook: str | None = None
    defaults: Defaults = Defaults()


class SecretDeclaration(Strict):
    """Where to find a secret: one of the two."""

    env: str | None = None
    file: str | None = None


def _client_value(value: Any) -> Any:
    return SecretDeclaration.model_validate(value) if isinstance(value, dict) else _scalar(value)


class LimitsDeclaration(Strict):
    """The platform team's limits."""

    min_replication_factor: Replicas = 3
    max_partitions: Count = 1000
    max_deletions: Annotated[int, Field(ge=0)] = 5


class MetricsDeclaration(Strict):
    """Which exporter's metrics Prometheus has of this cluster."""

    profile: str = "kafka_exporter"
    matchers: dict[str, str] = Field(default_factory=dict)
    scrape_interval: Seconds = Duration(30)


class AlertFiles(Strict):
    """Rule files in a folder."""

    type: Literal["files"]
    folder: Annotated[str, Field(min_length=1)]
    reload: list[str] = Field(default_factory=list)
    severity: str | None = None


class DashboardFiles(Strict):
    """Dashboards in a folder."""

    type: Literal["files"]
    folder: Annotated[str, Field(min_length=1)]
    url: str | None = None


class ClusterDeclaration(Strict):
    """One entry under `clusters:`."""

    bootstrap: Annotated[str, Field(min_length=1)]
    default: bool = False
    cluster_id: str | None = None
    client: dict[str, Annotated[Any, BeforeValidator(_client_value)]] = Field(default_factory=dict)
    defaults: Defaults = Defaults()
    limits: LimitsDeclaration = LimitsDeclaration()
    metrics: MetricsDeclaration = MetricsDeclaration()
    alerts: AlertFiles | None = None
    dashboards: DashboardFiles | None = None
    protected: list[str] = Field(default_factory=list)
    undeclared_overrides: Literal["remove", "keep"] = "remove"
