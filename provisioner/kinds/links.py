"""Addresses of dashboards: a hash of cluster and topic, so that a link can be written before its dashboard exists."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import quote

from provisioner.catalog.model import Cluster

_NO_SLUG = re.compile(r"[^a-z0-9]+")
_OF_THE_WEB = re.compile(r"https?://", re.IGNORECASE)
WINDOW = "from=now-3h&to=now"


def uid(cluster: str, topic: str) -> str:
    """Grafana takes at most 40 letters, digits, - and _; Kafka's names are longer and have dots."""
    digest = hashlib.sha256(f"{cluster}/{topic}".encode(errors="surrogatepass")).hexdigest()
    return f"kafka-{digest[:24]}"


def dashboard_url(cluster: Cluster, topic: str, group: str | None = None) -> str | None:
    """The topic's dashboard, for one group if named, at the time of the alert.

    None where Grafana is unknown, or its address is none of http or https.
    """
    if cluster.dashboards is None or not _OF_THE_WEB.match(cluster.dashboards.url or ""):
        return None
    base = quote(str(cluster.dashboards.url).rstrip("/"), safe="/:@?&=#%~[]")
    slug = _NO_SLUG.sub("-", topic.lower()).strip("-") or "topic"
    chosen = f"&var-group={quote(group, safe='')}" if group is not None else ""
    return f"{base}/d/{uid(cluster.name, topic)}/{slug}?{WINDOW}{chosen}"
