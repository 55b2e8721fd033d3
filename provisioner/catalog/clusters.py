"""A cluster's declaration as the catalog's value."""

from __future__ import annotations

from provisioner.catalog.cluster_declarations import ClusterDeclaration, LimitsDeclaration
from provisioner.catalog.durations import OFF
from provisioner.catalog.entries import Entry
from provisioner.catalog.limits import Limits, Merging, MoveLimits
from provisioner.catalog.model import Cluster, Metrics, Secret
from provisioner.catalog.wording import SecretDeclaration
from provisioner.problem import Span


def cluster(entry: Entry[ClusterDeclaration]) -> Cluster:
    """The cluster as declared; its defaults are merged into topics elsewhere."""
    written = entry.value
    return Cluster(
        name=str(entry.loc[-1]),
        bootstrap=written.bootstrap,
        span=entry.key_span(),
        is_retired=written.state == "retired",
        cluster_id=written.cluster_id,
        client={name: _client_value(value) for name, value in written.client.items()},
        limits=_limits(written.limits),
        timeouts={word: wait.seconds for word, wait in written.timeouts if wait is not None},
        metrics=Metrics(written.metrics.profile, written.metrics.matchers, written.metrics.scrape_interval),
        alerts=written.alerts.destination() if written.alerts else None,
        dashboards=written.dashboards.destination() if written.dashboards else None,
        protected=tuple(written.protected),
        keep_undeclared=written.undeclared_overrides == "keep",
        record=None if written.record == OFF else written.record,
        extra_configs=frozenset(written.extra_configs),
        kafka=written.kafka,
        merging=Merging(written.apply.unreviewed, written.apply.max_plan_age),
        after=written.after,
        alert_settings=written.alert_settings,
        places=_places(entry),
    )


def _limits(written: LimitsDeclaration) -> Limits:
    plain = {name: value for name, value in written if name != "moves"}
    return Limits(**plain, moves=MoveLimits(**dict(written.moves)))


def _places(entry: Entry[ClusterDeclaration]) -> dict[str, Span]:
    fields = (
        "bootstrap",
        "cluster_id",
        "team",
        "metrics.profile",
        "metrics.matchers",
        "alerts",
        "alerts.reload",
        "dashboards.url",
        "kafka",
        "after",
    )
    client = {name: entry.key_span("client", name) for name in entry.value.client}
    extra = {extra_place(key): entry.span("extra_configs", at) for at, key in enumerate(entry.value.extra_configs)}
    return {**{field: entry.key_span(*field.split(".")) for field in fields}, **client, **extra}


def extra_place(key: str) -> str:
    """What a cluster's `places` call the place of one of its extra configs."""
    return f"extra_configs.{key}"


def _client_value(value: SecretDeclaration | str | float | bool) -> str | Secret:
    if isinstance(value, SecretDeclaration):
        return Secret(value.env, value.file)
    return str(value).lower() if isinstance(value, bool) else str(value)
