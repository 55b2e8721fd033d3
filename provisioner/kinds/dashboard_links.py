"""Addresses of dashboards: a hash of cluster and topic, so that a link can be written before its dashboard exists.

Where a cluster has one dashboard for all topics, the topic is a variable of it.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import PurePosixPath
from urllib.parse import quote

from provisioner.catalog.model import Cluster, Topic

_NO_SLUG = re.compile(r"[^a-z0-9]+")
_OF_THE_WEB = re.compile(r"https?://", re.IGNORECASE)
WINDOW = "from=now-3h&to=now"
"""For people who look now."""
HOUR_MS = 3_600_000
PREFIX = "kafka-"
"""How every uid begins."""


def _at(ms: int) -> str:
    """An action of Prometheus: milliseconds since 1970, so long after the rule was evaluated."""
    return f'{{{{ query "time() * 1000 {ms:+d}" | first | value | printf "%.0f" }}}}'


WINDOW_OF_ALERT = f"from={_at(-3 * HOUR_MS)}&to={_at(HOUR_MS)}"
"""Grafana takes numbers where a link shall show the same tomorrow; an hour more, for those who look at once."""


def uid(cluster: str, topic: str) -> str:
    """Grafana takes at most 40 letters, digits, - and _; Kafka's names are longer and have dots."""
    digest = hashlib.sha256(f"{cluster}/{topic}".encode(errors="surrogatepass")).hexdigest()
    return f"{PREFIX}{digest[:24]}"


def slug(name: str) -> str:
    """Grafana's word for what a dashboard is called, which stands behind its uid for people."""
    return _NO_SLUG.sub("-", name.lower()).strip("-") or "topic"


_LONGEST_UID = 40
_READABLE = re.compile(r"[a-z0-9-]+")


def uid_of_team(cluster: str, team: str) -> str:
    """`kafka-prod_payments`, which people can type; as that of a topic where a name has other signs, or is long.

    The cluster is in it, as several may share a Grafana. Neither name may have the `_` between them, or two pairs could
    be one; nor capitals, as some databases of Grafana do not tell them apart.
    """
    readable = f"kafka-{cluster}_{team}"
    if len(readable) <= _LONGEST_UID and _READABLE.fullmatch(cluster) and _READABLE.fullmatch(team):
        return readable
    return uid(cluster, of_team(team))


SHARED = "all topics"
"""What the one dashboard of all topics is called. No topic can be called so, nor as a team's: it has no space."""


def of_team(team: str) -> str:
    """What a team's dashboard is called."""
    return f"team {team}"


def is_of_many(name: str) -> bool:
    """True for what these two are called."""
    return name == SHARED or name.startswith(of_team(""))


def dashboard_url(cluster: Cluster, topic: str, group: str | None = None, window: str = WINDOW) -> str | None:
    """The topic's dashboard, for one group if named. None where Grafana is unknown, or not at http or https.

    A brace in it is one of the window's: those of all names are encoded.
    """
    if _grafana(cluster) is None:
        return None
    chosen = f"&var-group={quote(group, safe='')}" if group is not None else ""
    address = board_url(cluster, topic)
    return f"{address}{'&' if '?' in address else '?'}{window}{chosen}"


def board_url(cluster: Cluster, topic: str) -> str:
    """The topic's dashboard, at whatever time; without Grafana's address where that is unknown."""
    shared = cluster.dashboards is not None and cluster.dashboards.shared
    name = SHARED if shared else topic
    board = f"/d/{uid(cluster.name, name)}/{slug(name)}"
    chosen = f"?var-topic={quote(topic, safe='')}" if shared else ""
    return f"{_grafana(cluster) or ''}{board}{chosen}"


def declaration_url(cluster: Cluster, topic: Topic) -> str | None:
    """The file that declares the topic, where people read it. None where the cluster does not say where."""
    base = declarations_url(cluster)
    return base and f"{base}/{quote(declared_in(topic))}"


def declarations_url(cluster: Cluster) -> str | None:
    """The folder of declarations, where people read it. None where the cluster does not say where."""
    return _of_the_web(cluster.dashboards.declarations) if cluster.dashboards else None


def declared_in(topic: Topic) -> str:
    """`payments/orders.yaml`: the file below the folder of declarations, which has a folder for each team."""
    return "/".join(PurePosixPath(topic.span.path).parts[-2:])


def _grafana(cluster: Cluster) -> str | None:
    return _of_the_web(cluster.dashboards.url) if cluster.dashboards else None


def _of_the_web(address: str | None) -> str | None:
    if not _OF_THE_WEB.match(address or ""):
        return None
    return quote(str(address).rstrip("/"), safe="/:@?&=#%~[]")
