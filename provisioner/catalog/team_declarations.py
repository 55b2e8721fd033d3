"""What people write of a team, and of defaults, as pydantic models."""

from __future__ import annotations

from pydantic import Field

from provisioner.catalog.declared_values import (
    AlertSettings,
    Approvers,
    Chat,
    Consents,
    Count,
    Lag,
    Mentions,
    Replicas,
    Scalars,
    Strict,
    WebAddress,
    Word,
)
from provisioner.catalog.model import DEFAULT_SEVERITY


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
