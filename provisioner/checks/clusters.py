"""A cluster's own entry: how it is reached, where its files go, and what must not stand there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from provisioner.catalog.folder import SECRETS
from provisioner.catalog.model import Catalog, Cluster, Secret
from provisioner.catalog.schema import did_you_mean
from provisioner.problem import Problem, Span
from provisioner.profiles import NAMES as PROFILES

CLIENT_PROPERTIES = SECRETS | {
    "client.id",
    "client.dns.lookup",
    "broker.address.family",
    "enable.ssl.certificate.verification",
    "https.ca.location",
    "sasl.kerberos.keytab",
    "sasl.kerberos.principal",
    "sasl.kerberos.service.name",
    "sasl.mechanism",
    "sasl.mechanisms",
    "sasl.oauthbearer.client.id",
    "sasl.oauthbearer.extensions",
    "sasl.oauthbearer.method",
    "sasl.oauthbearer.scope",
    "sasl.oauthbearer.token.endpoint.url",
    "sasl.username",
    "security.protocol",
    "socket.connection.setup.timeout.ms",
    "socket.keepalive.enable",
    "ssl.ca.location",
    "ssl.ca.pem",
    "ssl.certificate.location",
    "ssl.certificate.pem",
    "ssl.cipher.suites",
    "ssl.crl.location",
    "ssl.curves.list",
    "ssl.endpoint.identification.algorithm",
    "ssl.key.location",
    "ssl.keystore.location",
    "ssl.sigalgs.list",
}
REFUSED = {
    "bootstrap.servers": "the address stands in bootstrap:",
    "metadata.broker.list": "the address stands in bootstrap:",
    "plugin.library.paths": "it loads code from a merge request",
    "sasl.kerberos.kinit.cmd": "it runs a command from a merge request",
    "ssl.engine.location": "it loads code from a merge request",
    "ssl.providers": "it loads code from a merge request",
}
_BROKER = re.compile(r"(?:[A-Z_]+://)?(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+):\d{1,5}")


def client_property(catalog: Catalog) -> Iterator[Problem]:
    """Only properties that say how to connect; what runs or loads code is refused."""
    for name in catalog.cluster.client:
        span = _place(catalog.cluster, name)
        if name in REFUSED:
            yield Problem(
                "clusters/client-property",
                f"client property {name!r} is not allowed: {REFUSED[name]}",
                span,
                "remove it",
            )
        elif name not in CLIENT_PROPERTIES:
            hint = did_you_mean(name, CLIENT_PROPERTIES) or "docs/clusters.md lists what is allowed"
            yield Problem("clusters/client-property", f"unknown client property {name!r}", span, hint)


def literal_secret(catalog: Catalog) -> Iterator[Problem]:
    """What is in git is read by everyone: a secret is only named here."""
    for name, value in catalog.cluster.client.items():
        span = _place(catalog.cluster, name)
        if name in SECRETS and not isinstance(value, Secret):
            hint = f"write {name}: {{env: NAME}} or {{file: PATH}}"
            yield Problem("clusters/literal-secret", f"{name} is written out", span, hint)
        if isinstance(value, Secret) and (value.env is None) == (value.file is None):
            yield Problem(
                "clusters/secret", f"{name} needs either env: or file:", span, "write {env: NAME} or {file: PATH}"
            )


def address(catalog: Catalog) -> Iterator[Problem]:
    """Brokers are host:port; a URL has a scheme and holds no user."""
    cluster = catalog.cluster
    for broker in cluster.bootstrap.split(","):
        if not _BROKER.fullmatch(broker.strip()):
            span = _place(cluster, "bootstrap")
            yield Problem(
                "clusters/address", f"bootstrap has {broker.strip()!r}, no host:port", span, "write host:9092,host:9092"
            )
    for field, url in _urls(cluster):
        if why := _not_a_url(url):
            yield Problem("clusters/address", f"{field} {why}", _place(cluster, field), "write https://host/path")


def _urls(cluster: Cluster) -> list[tuple[str, str]]:
    urls = [("alerts.reload", url) for url in (cluster.alerts.reload if cluster.alerts else ())]
    if cluster.dashboards and cluster.dashboards.url:
        urls.append(("dashboards.url", cluster.dashboards.url))
    return urls


def _not_a_url(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:  # http://[ and other hosts that only look like IPv6
        return "is no http or https address"
    if "@" in parts.netloc:
        return "holds a user or a password; credentials never stand in a URL"
    return "" if parts.scheme in ("http", "https") and parts.hostname else "is no http or https address"


def unknown_profile(catalog: Catalog) -> Iterator[Problem]:
    """A profile names an exporter's metrics."""
    name = catalog.cluster.metrics.profile
    if name not in PROFILES:
        hint = did_you_mean(name, PROFILES) or f"known: {', '.join(PROFILES)}"
        yield Problem(
            "clusters/unknown-profile",
            f"there is no profile {name!r}",
            _place(catalog.cluster, "metrics.profile"),
            hint,
        )


def matchers(catalog: Catalog) -> Iterator[Problem]:
    """Matchers go into every selector: their names must be label names."""
    for name in catalog.cluster.metrics.matchers:
        if not re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_]*", name):
            span = _place(catalog.cluster, "metrics.matchers")
            yield Problem("clusters/matchers", f"{name!r} is no label name", span, "use letters, digits and '_'")


def same_destination(catalogs: Sequence[Catalog]) -> Iterator[Problem]:
    """Two clusters behind one Prometheus must differ in their matchers, or each alerts on the other's consumers."""
    seen: dict[tuple[object, ...], Cluster] = {}
    for cluster in (catalog.cluster for catalog in catalogs):
        if cluster.alerts is None:
            continue
        where = (cluster.alerts.folder, *sorted(cluster.metrics.matchers.items()))
        first = seen.setdefault(where, cluster)
        if first is not cluster:
            message = f"clusters {first.name!r} and {cluster.name!r} share an alert destination and have equal matchers"
            hint = f"write metrics: {{matchers: {{cluster: {cluster.name}}}}}, a label that tells their series apart"
            yield Problem("clusters/same-destination", message, cluster.span, hint)


def _place(cluster: Cluster, field: str) -> Span:
    return cluster.places.get(field, cluster.span)
