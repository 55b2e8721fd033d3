"""A cluster's own entry: how it is reached, where its files go, and what must not stand there."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from provisioner.catalog import addresses
from provisioner.catalog.masking import SECRETS
from provisioner.catalog.model import ANY_CLUSTER, Catalog, Cluster, Secret
from provisioner.catalog.quoting import quoted
from provisioner.catalog.suggesting import Suggestions
from provisioner.checks.context import Context, each_cluster
from provisioner.problem import Problem, Severity, Span

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
NAMED_ELSEWHERE = SECRETS | {
    "https.ca.location",
    "sasl.kerberos.keytab",
    "sasl.kerberos.principal",
    "sasl.oauthbearer.client.id",
    "sasl.username",
    "ssl.ca.location",
    "ssl.ca.pem",
    "ssl.certificate.location",
    "ssl.certificate.pem",
    "ssl.crl.location",
    "ssl.key.location",
    "ssl.keystore.location",
}
"""Whose value may be read from the environment or a file: of any other property an error could show what was read."""

LONGEST_MATCHERS = 500
"""Characters: a panel of a dashboard repeats them about a hundred times."""

_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_BROKER = re.compile(r"(?:[A-Z_]+://)?(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+):[0-9]{1,5}")


@each_cluster
def client_property(catalog: Catalog) -> Iterator[Problem]:
    """Only properties that say how to connect; what runs or loads code is refused."""
    check, suggestions = "clusters/client-property", Suggestions()
    for name in catalog.cluster.client:
        span = _place(catalog.cluster, name)
        if name in REFUSED:
            message = f"client property {quoted(name)} is not allowed: {REFUSED[name]}"
            yield Problem(check, message, span, "remove it")
        elif name not in CLIENT_PROPERTIES:
            hint = suggestions.near(check, name, CLIENT_PROPERTIES) or "docs/clusters.md lists what is allowed"
            yield Problem(check, f"unknown client property {quoted(name)}", span, hint)


@each_cluster
def literal_secret(catalog: Catalog) -> Iterator[Problem]:
    """What is in git is read by everyone: a secret is only named here."""
    for name, value in catalog.cluster.client.items():
        if name in SECRETS and not isinstance(value, Secret):
            hint = f"write {name}: {{env: NAME}} or {{file: PATH}}"
            yield Problem("clusters/literal-secret", f"{name} is written out", _place(catalog.cluster, name), hint)


@each_cluster
def secret(catalog: Catalog) -> Iterator[Problem]:
    """Where a secret lies is said in one way, and only for properties whose value no error message shows."""
    for name, value in catalog.cluster.client.items():
        span = _place(catalog.cluster, name)
        if not isinstance(value, Secret) or name not in CLIENT_PROPERTIES:
            continue
        if (value.env is None) == (value.file is None):
            hint = "write {env: NAME} or {file: PATH}"
            yield Problem("clusters/secret", f"{name} needs either env: or file:", span, hint)
        elif name not in NAMED_ELSEWHERE:
            what = "only secrets, user names, certificates and keys may be read from the environment or a file"
            yield Problem("clusters/secret", f"{name} is none of these: {what}", span, f"write {name}: and its value")


@each_cluster
def address(catalog: Catalog) -> Iterator[Problem]:
    """Brokers are host:port; a URL has a scheme and holds no user."""
    cluster, check = catalog.cluster, "clusters/address"
    for broker in dict.fromkeys(broker.strip() for broker in cluster.bootstrap.split(",")):
        if "@" in broker:
            what = "bootstrap holds a user or a password; they belong in client:"
            yield Problem(check, what, _place(cluster, "bootstrap"), "write host:9092,host:9092")
        elif not _BROKER.fullmatch(broker):
            message = f"bootstrap has {quoted(broker)}, no host:port"
            yield Problem(check, message, _place(cluster, "bootstrap"), "write host:9092,host:9092")
    for name, destination in cluster.destinations.items():
        for field, url in destination.addresses:
            if why := addresses.fault(url):
                place = _place(cluster, f"{name}.{field}")
                yield Problem(check, f"{name}.{field} {why}", place, "write https://host/path")


def unknown_profile(context: Context) -> Iterator[Problem]:
    """A profile names an exporter's metrics. Which ones the user has is known where templates are."""
    check, profiles = "clusters/unknown-profile", context.templates.profiles
    for cluster in (catalog.cluster for catalog in context.catalogs if context.templates.alerts):
        if not profiles.has(name := cluster.metrics.profile):
            hint = Suggestions().near(check, name, profiles.names) or profiles.listed()
            yield Problem(check, f"there is no profile {quoted(name)}", _place(cluster, "metrics.profile"), hint)


@each_cluster
def matchers(catalog: Catalog) -> Iterator[Problem]:
    """Matchers go into every selector: their names must be label names that a series can have."""
    span, written = _place(catalog.cluster, "metrics.matchers"), catalog.cluster.metrics.matchers
    if (length := len(json.dumps(written, ensure_ascii=False))) > LONGEST_MATCHERS:
        message = f"the matchers have {length:,} characters, more than {LONGEST_MATCHERS}"
        yield Problem("clusters/matchers", message, span, "one label that tells the clusters apart is enough")
    for name in written:
        if not _LABEL.fullmatch(name):
            yield Problem("clusters/matchers", f"{quoted(name)} is no label name", span, "use letters, digits and '_'")
        elif name.startswith("__"):
            message = f"label {quoted(name)} is one of Prometheus' own: no series keeps it"
            yield Problem("clusters/matchers", message, span, "name a label that the series have")


def same_destination(context: Context) -> Iterator[Problem]:
    """Two clusters behind one Prometheus must differ in their matchers, or each alerts on the other's consumers."""
    seen: dict[tuple[object, ...], Cluster] = {}
    for cluster in (catalog.cluster for catalog in context.catalogs):
        if cluster.alerts is None:
            continue
        where = (cluster.alerts.identity, *sorted(cluster.metrics.matchers.items()))
        first = seen.setdefault(where, cluster)
        if first is not cluster:
            message = f"clusters {first.name!r} and {cluster.name!r} share an alert destination and have equal matchers"
            hint = f"write metrics: {{matchers: {{cluster: {cluster.name}}}}}, a label that tells their series apart"
            yield Problem("clusters/same-destination", message, cluster.span, hint, governs=(cluster.span, first.span))


def same_cluster(context: Context) -> Iterator[Problem]:
    """Two entries for one cluster undo each other's work; brokers named twice are such a copy, or a slip."""
    clusters = [catalog.cluster for catalog in context.catalogs]
    yield from _twins(clusters, "cluster_id", lambda one: {one.cluster_id} - {None, ANY_CLUSTER}, Severity.ERROR)
    yield from _twins(
        clusters, "bootstrap", lambda one: {broker.strip() for broker in one.bootstrap.split(",")}, Severity.WARNING
    )


def _twins(
    clusters: Sequence[Cluster], field: str, values: Callable[[Cluster], set[str | None]], severity: Severity
) -> Iterator[Problem]:
    """Each cluster that has a value of an earlier one."""
    owners: dict[str | None, Cluster] = {}
    for cluster in clusters:
        shared = sorted(str(value) for value in values(cluster) if value in owners)
        if shared:
            first = owners[shared[0]]
            message = f"cluster {quoted(cluster.name)} has the {field} of {quoted(first.name)}: {quoted(shared[0])}"
            hint = f"write {field}: of the cluster that {cluster.name} is, or remove one of the two"
            place, both = _place(cluster, field), (_place(cluster, field), _place(first, field))
            yield Problem("clusters/same-cluster", message, place, hint, severity, governs=both)
        owners |= {value: cluster for value in values(cluster) if value not in owners}


def after(context: Context) -> Iterator[Problem]:
    """A cluster waits for another one, and in the end for one that waits for none."""
    check, suggestions = "clusters/after", Suggestions()
    waiting = {catalog.cluster.name: catalog.cluster.after for catalog in context.catalogs}
    for cluster in (catalog.cluster for catalog in context.catalogs):
        place = _place(cluster, "after")
        if cluster.after is None:
            continue
        if cluster.after not in waiting:
            hint = suggestions.near(check, cluster.after, waiting) or f"declared: {', '.join(waiting)}"
            yield Problem(check, f"{cluster.name} comes after {quoted(cluster.after)}, no cluster", place, hint)
        elif cluster.name in _awaited(cluster.after, waiting):
            message = f"{cluster.name} comes after {quoted(cluster.after)}, which waits for {cluster.name}"
            yield Problem(check, message, place, "take one of them out: neither would ever be applied")


def _awaited(name: str | None, waiting: Mapping[str, str | None]) -> set[str]:
    """The cluster and all that it waits for."""
    awaited = set[str]()
    while name is not None and name not in awaited:
        awaited.add(name)
        name = waiting.get(name)
    return awaited


def _place(cluster: Cluster, field: str) -> Span:
    return cluster.places.get(field, cluster.span)
