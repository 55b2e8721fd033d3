"""Settings and a catalog -> lanes: the only file that knows a kind AND its store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from provisioner.catalog.model import AlertFolder, Catalog, Cluster, DashboardFolder, State
from provisioner.kinds import KINDS, alerts, dashboard, topic, topic_hazards
from provisioner.reconcile.model import Lane, Store
from provisioner.templates import Templates

Progress = Callable[[str], None]

LANES: Mapping[str, str] = {"topics": topic.NAME, "alerts": alerts.NAME, "dashboards": dashboard.NAME}
"""The words of --lane, and the kind of each."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What a run works with: templates, the environment for secrets, where progress goes."""

    templates: Templates
    environment: Mapping[str, str]
    progress: Progress


def lanes(catalog: Catalog, bench: Bench, only: str | None = None) -> list[Lane[Any]]:
    """The cluster's lanes in the order of KINDS; a destination that is not declared has none."""
    makers = {topic.NAME: _topics, alerts.NAME: _alerts, dashboard.NAME: _dashboards}
    chosen = [kind.NAME for kind in KINDS if only is None or LANES[only] == kind.NAME]
    made = (makers[name](catalog, bench) for name in chosen)
    return [lane for lane in made if lane]


def _topics(catalog: Catalog, bench: Bench) -> Lane[Any] | None:
    limit = catalog.cluster.limits.max_deletions
    return Lane(topic.NAME, topic.wanted(catalog), topic.hazards, kafka_topics(catalog, bench), max_deletions=limit)


def kafka_topics(catalog: Catalog, bench: Bench) -> Store[topic.Topic]:
    """The topics of the catalog's cluster. Nothing is connected before the first read."""
    from provisioner.stores.kafka.connection import Connection
    from provisioner.stores.kafka.store import KafkaTopics

    cluster = catalog.cluster
    connection = Connection(cluster.bootstrap, cluster.client, bench.environment, bench.progress)
    return KafkaTopics(connection, cluster.cluster_id, _inherited(catalog), _identified(catalog))


def _inherited(catalog: Catalog) -> frozenset[str]:
    settings = (item for declared in catalog.topics.values() for item in declared.config.items())
    return topic_hazards.WATCHED | {key for key, setting in settings if setting.origin.is_default}


def _identified(catalog: Catalog) -> frozenset[str]:
    return frozenset(name for name, declared in catalog.topics.items() if declared.state is State.ABSENT)


def _alerts(catalog: Catalog, bench: Bench) -> Lane[Any] | None:
    from provisioner.stores.folder import Folder
    from provisioner.stores.rule_folder import RuleFolder

    cluster = catalog.cluster
    if cluster.alerts is None:
        return None
    folder = Folder(Path(cluster.alerts.folder), f"{cluster.name}-alerts")
    store = RuleFolder(folder, cluster.name, cluster.alerts.reload)
    return Lane(alerts.NAME, alerts.wanted(catalog, bench.templates), alerts.hazards, store, remove_orphans=True)


def _dashboards(catalog: Catalog, bench: Bench) -> Lane[Any] | None:
    from provisioner.stores.dashboard_folder import DashboardFolderStore
    from provisioner.stores.folder import Folder

    cluster = catalog.cluster
    if cluster.dashboards is None:
        return None
    folder = Folder(Path(cluster.dashboards.folder), f"{cluster.name}-dashboards")
    store = DashboardFolderStore(folder, cluster.name)
    wanted = dashboard.wanted(catalog, bench.templates)
    return Lane(dashboard.NAME, wanted, dashboard.hazards, store, remove_orphans=True)


def played(catalog: Catalog, bootstrap: str, cluster_id: str, folder: Path) -> Catalog:
    """The catalog against the sandbox: its brokers, no secret, files below `folder`, nothing reloaded."""
    cluster = replace(catalog.cluster, bootstrap=bootstrap, cluster_id=cluster_id, client={})
    return replace(catalog, cluster=written_to(cluster, folder))


def written_to(cluster: Cluster, folder: Path) -> Cluster:
    """The cluster with its files below `folder`, and no server told."""
    severity = cluster.alerts.severity if cluster.alerts else None
    url = cluster.dashboards.url if cluster.dashboards else None
    return replace(
        cluster,
        alerts=AlertFolder(str(folder / "rules"), (), severity),
        dashboards=DashboardFolder(str(folder / "dashboards"), url),
    )
