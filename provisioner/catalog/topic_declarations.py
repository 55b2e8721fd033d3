"""What people write of topics and of consumers, as pydantic models: nothing merged, nothing looked up."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from provisioner.catalog.declared_values import (
    AlertSettings,
    Consents,
    Count,
    Description,
    Drop,
    Expected,
    Group,
    Lag,
    MessageName,
    Replicas,
    Rise,
    Scalars,
    Skew,
    Slack,
    Strict,
    Where,
    Wish,
    Word,
)
from provisioner.catalog.wording import dead_letter


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


class TopicsFile(Strict):
    """The top of a team's other files."""

    topics: list[Any] = Field(default_factory=list)
    """The topics of the team in whose folder this file lies."""

    consumers: list[Any] = Field(default_factory=list)
    """What the team itself consumes, of its own topics and of others."""
