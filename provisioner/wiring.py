"""Settings and a catalog -> lanes: the only file that knows a kind AND its store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from provisioner.catalog.model import ANY_CLUSTER, AlertFolder, Catalog, Cluster, DashboardFolder, State
from provisioner.kinds import KINDS, alerts, dashboard, topic, topic_hazards
from provisioner.reconcile.lanes import Lane, Store
from provisioner.templates import Templates

Progress = Callable[[str], None]

ADDRESSES = ("bootstrap", "cluster_id", "client", "alerts", "dashboards")
"""The fields of a cluster that say where, and with which credentials."""

PROXY = "PROVISIONER_PROXY"
"""The variable that names a proxy for reloads. The usual ones are not read: a proxy's own 200 is no reload."""

LANES: Mapping[str, str] = {"topics": topic.NAME, "alerts": alerts.NAME, "dashboards": dashboard.NAME}
"""The words of --lane, and the kind of each."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What a run works with: templates, the environment for secrets, where progress goes.

    `vouched`: a base, or the sandbox, stands behind the addresses that are connected to.
    """

    templates: Templates
    environment: Mapping[str, str]
    progress: Progress
    vouched: bool = False


@dataclass(frozen=True, slots=True)
class Past:
    """What the files asked of a cluster at the base; `catalog` None: there was no such cluster."""

    catalog: Catalog | None
    templates: Templates


def lanes(catalog: Catalog, bench: Bench, only: str | None = None, past: Past | None = None) -> list[Lane[Any]]:
    """The cluster's lanes in the order of KINDS; a destination that is not declared has none."""
    makers = {topic.NAME: _topics, alerts.NAME: _alerts, dashboard.NAME: _dashboards}
    chosen = [kind.NAME for kind in KINDS if only is None or LANES[only] == kind.NAME]
    made = (makers[name](catalog, bench, past) for name in chosen)
    return [lane for lane in made if lane]


def _topics(catalog: Catalog, bench: Bench, past: Past | None) -> Lane[Any] | None:
    before = past.catalog if past else None
    return Lane(
        topic.NAME,
        topic.wanted(catalog, before),
        topic.hazards,
        kafka_topics(catalog, bench),
        max_deletions=catalog.cluster.limits.max_deletions,
        base=(topic.wanted(before) if before else {}) if past else None,
        noticed=topic.noticed,
    )


class TopicStore(Store[topic.Topic], Protocol):
    """Topics, and which there are."""

    def listed(self) -> Mapping[str, int]:
        """Every topic that can be seen, and how many replicas the partition with most of them has."""
        ...


def kafka_topics(catalog: Catalog, bench: Bench, inherited: frozenset[str] | None = None) -> TopicStore:
    """The topics of the catalog's cluster. Nothing is connected before the first read.

    `inherited`: the config keys whose broker values are needed; None: those that a plan of the catalog needs.
    """
    from provisioner.stores.kafka.connection import Connection
    from provisioner.stores.kafka.store import KafkaTopics
    from provisioner.stores.kafka.timeouts import Timeouts

    cluster = catalog.cluster
    timeouts = Timeouts.of(cluster.timeouts)
    connection = Connection(
        cluster.bootstrap, cluster.client, bench.environment, bench.progress, bench.vouched, timeouts
    )
    needed = _inherited(catalog) if inherited is None else inherited
    expected = None if cluster.cluster_id == ANY_CLUSTER else cluster.cluster_id
    return KafkaTopics(connection, expected, needed, _identified(catalog))


def _inherited(catalog: Catalog) -> frozenset[str]:
    settings = (item for declared in catalog.topics.values() for item in declared.config.items())
    return topic_hazards.WATCHED | {key for key, setting in settings if setting.origin.is_default}


def _identified(catalog: Catalog) -> frozenset[str]:
    return frozenset(name for name, declared in catalog.topics.items() if declared.state is State.ABSENT)


def _alerts(catalog: Catalog, bench: Bench, past: Past | None) -> Lane[Any] | None:
    from provisioner.stores import prometheus, rule_listing
    from provisioner.stores.rule_folder import RuleFolder, folder

    cluster = catalog.cluster
    if cluster.alerts is None:
        return None
    proxy = bench.environment.get(PROXY)
    store = RuleFolder(
        folder(Path(cluster.alerts.folder), cluster.name, create=cluster.alerts.create),
        cluster.name,
        cluster.alerts.reload,
        tell=partial(prometheus.reload, proxy=proxy),
        lacking=partial(rule_listing.lacking, proxy=proxy),
    )
    return Lane(
        alerts.NAME,
        alerts.wanted(catalog, bench.templates),
        alerts.hazards,
        store,
        remove_orphans=True,
        base=_rendered(alerts.wanted, past, cluster.alerts.folder, lambda before: before.alerts),
        remarks=tuple(alerts.remarks(catalog, bench.templates)),
    )


def _rendered(
    wanted: Callable[[Catalog, Templates], dict[str, Any]],
    past: Past | None,
    folder: str,
    destination: Callable[[Cluster], AlertFolder | DashboardFolder | None],
) -> Mapping[str, Any] | None:
    """What the base rendered into this very folder; into another one it is no base for what lies here."""
    if past is None:
        return None
    before = destination(past.catalog.cluster) if past.catalog else None
    return wanted(past.catalog, past.templates) if past.catalog and before and before.folder == folder else None


def _dashboards(catalog: Catalog, bench: Bench, past: Past | None) -> Lane[Any] | None:
    from provisioner.stores.dashboard_folder import DashboardFolderStore, folder

    cluster = catalog.cluster
    if cluster.dashboards is None:
        return None
    store = DashboardFolderStore(
        folder(Path(cluster.dashboards.folder), cluster.name, create=cluster.dashboards.create), cluster.name
    )
    return Lane(
        dashboard.NAME,
        dashboard.wanted(catalog, bench.templates),
        dashboard.hazards,
        store,
        remove_orphans=True,
        base=_rendered(dashboard.wanted, past, cluster.dashboards.folder, lambda before: before.dashboards),
    )


def reached_as(catalog: Catalog, before: Catalog) -> tuple[Catalog, list[str]]:
    """The catalog at the addresses of the base, and what the files would have otherwise.

    Whoever opens a merge request can write any address; credentials go only where the reviewed files say.
    """
    mine, theirs = catalog.cluster, before.cluster
    # An id where there was none can only forbid, whoever writes it.
    names = [name for name in ADDRESSES if name != "cluster_id" or theirs.cluster_id is not None]
    changed = [name for name in names if getattr(mine, name) != getattr(theirs, name)]
    kept = replace(mine, **{name: getattr(theirs, name) for name in names})
    return replace(catalog, cluster=kept), changed


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
        alerts=AlertFolder(str(folder / "rules"), (), severity, create=True),
        dashboards=DashboardFolder(str(folder / "dashboards"), url, create=True),
    )
