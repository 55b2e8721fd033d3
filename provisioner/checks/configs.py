"""Topic configs: names that exist, and values that go together."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from provisioner.catalog.advice import in_config
from provisioner.catalog.clusters import extra_place
from provisioner.catalog.model import Catalog
from provisioner.catalog.quoting import quoted
from provisioner.catalog.suggesting import Suggestions
from provisioner.catalog.topic_config import CONFIG_KEYS, THROTTLED, THROTTLES, is_count, is_known, known_in
from provisioner.catalog.wording import NEWEST, OLDEST
from provisioner.checks.context import each_cluster
from provisioner.problem import Problem, Severity, Span

COMPACTION_LAGS = ("min.compaction.lag.ms", "max.compaction.lag.ms")
_ELSEWHERE = "docs/configs.md lists them all; a vendor's or a newer Kafka's: list it in the cluster's extra_configs"


@each_cluster
def unknown(catalog: Catalog) -> Iterator[Problem]:
    """A config that no Kafka has would make the broker refuse the topic; a cluster may name what it has besides."""
    check, suggestions = "configs/unknown", Suggestions()
    for key, span in dict.fromkeys(_unknown(catalog)):
        hint = in_config(key) or suggestions.near(check, key, _alike(key)) or _ELSEWHERE
        yield Problem(check, f"Kafka {OLDEST} to {NEWEST} has no topic config {quoted(key)}", span, hint)


def _alike(key: str) -> list[str]:
    """The configs that may be meant: not one that switches off what is switched on."""
    opposite = {"enable": "disable", "disable": "enable"}.get(key.rpartition(".")[2])
    return [name for name in CONFIG_KEYS if name.rpartition(".")[2] != opposite]


@each_cluster
def extra(catalog: Catalog) -> Iterator[Problem]:
    """A key that this program knows is judged by what it knows, and a throttle is declared by nobody."""
    cluster, check = catalog.cluster, "configs/extra"
    for key in sorted(cluster.extra_configs):
        place = cluster.places[extra_place(key)]
        if key.endswith(THROTTLED):
            yield Problem(check, f"{key} belongs to whoever moves replicas", place, "remove it from extra_configs")
        elif is_known(key):
            message = f"{key} needs no extra_configs: this program knows it"
            yield Problem(check, message, place, "remove it from extra_configs", Severity.WARNING)


@each_cluster
def version(catalog: Catalog) -> Iterator[Problem]:
    """A cluster that says its version is spared what a broker of that version would refuse topic by topic."""
    has = catalog.cluster.kafka
    if has is None:
        return
    fitting, place = known_in(has), catalog.cluster.places["kafka"]
    for key, span in dict.fromkeys(_keys_in(catalog, CONFIG_KEYS.keys() - fitting)):
        message = f"{key} is a config of Kafka {CONFIG_KEYS[key].where}; cluster {catalog.cluster.name} has {has}"
        yield Problem("configs/version", message, span, f"remove the line, or correct kafka: at {place}")


@each_cluster
def replica_throttles(catalog: Catalog) -> Iterator[Problem]:
    """Throttles live as long as a move of replicas; whoever moves sets them."""
    for topic in catalog.topics.values():
        for key in THROTTLES & topic.config.keys():
            message = f"{key} belongs to whoever moves replicas"
            yield Problem("configs/replica-throttles", message, topic.config[key].span, "remove the line")


@each_cluster
def compaction_lag(catalog: Catalog) -> Iterator[Problem]:
    """The broker refuses a shortest compaction lag above the longest."""
    for topic in catalog.topics.values():
        low, high = (topic.config.get(key) for key in COMPACTION_LAGS)
        if low and high and is_count(low.value) and is_count(high.value) and int(low.value) > int(high.value):
            message = f"min.compaction.lag.ms is {low.value}, more than max.compaction.lag.ms {high.value}"
            # At the more specific of the two: what is written there changes no other topic.
            nearer, hint = (low, "lower it, or raise the other")
            if low.origin < high.origin:
                nearer, hint = (high, "raise it, or lower the other")
            yield Problem("configs/compaction-lag", message, nearer.span, hint)


def _unknown(catalog: Catalog) -> Iterator[tuple[str, Span]]:
    written = {key for topic in catalog.topics.values() for key in topic.config}
    return _keys_in(catalog, written - CONFIG_KEYS.keys() - catalog.cluster.extra_configs)


def _keys_in(catalog: Catalog, keys: AbstractSet[str]) -> Iterator[tuple[str, Span]]:
    """Each with its place: that of a default is the same for all topics that it holds for."""
    for topic in catalog.topics.values():
        for key in topic.config.keys() & keys:
            yield key, topic.config[key].span
