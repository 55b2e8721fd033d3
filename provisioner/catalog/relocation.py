"""The same catalog at other addresses: those of the base, or of the sandbox."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from provisioner.catalog.model import RECORD_TOPIC, Catalog

ADDRESSES = ("bootstrap", "cluster_id", "client", "alerts", "dashboards", "record")
"""The fields of a cluster that say where, and with which credentials; and where to look up what was applied."""


def with_addresses_of(catalog: Catalog, before: Catalog) -> tuple[Catalog, list[str]]:
    """The catalog at the addresses of the base, and what the files would have otherwise.

    Whoever opens a merge request can write any address; credentials go only where the reviewed files say.
    """
    mine, theirs = catalog.cluster, before.cluster
    # An id where there was none can only forbid, whoever writes it.
    names = [name for name in ADDRESSES if name != "cluster_id" or theirs.cluster_id is not None]
    changed = [name for name in names if getattr(mine, name) != getattr(theirs, name)]
    kept = replace(mine, **{name: getattr(theirs, name) for name in names})
    return replace(catalog, cluster=kept), changed


def with_sandbox(catalog: Catalog, bootstrap: str, cluster_id: str, folder: Path) -> Catalog:
    """The catalog against the sandbox: its brokers, no secret, files below `folder`, nothing reloaded."""
    record = f"{RECORD_TOPIC}.{catalog.cluster.name}" if catalog.cluster.record else None
    cluster = replace(catalog.cluster, bootstrap=bootstrap, cluster_id=cluster_id, client={}, record=record)
    return replace(catalog, cluster=cluster.rendering_into(folder))
