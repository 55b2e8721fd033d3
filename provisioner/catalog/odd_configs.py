"""Overrides that a topic has and no entry can say: what becomes of the topic when it is imported.

What is in use is never to be removed: the cluster may list the key, or leave alone what no file names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from provisioner.catalog import characters
from provisioner.catalog.factoring import Found
from provisioner.catalog.model import Cluster
from provisioner.catalog.quoting import quoted
from provisioner.catalog.topic_config import ConfigValueError, is_known, normal

LOWEST, HIGHEST = "min.compaction.lag.ms", "max.compaction.lag.ms"
MOST_SHOWN = 60
EXTERNAL = "declare it by hand with state: external, which only watches it, or leave it undeclared"
_KEEP = "write undeclared_overrides: keep for the cluster to leave such overrides alone, or"


@dataclass(frozen=True, slots=True)
class Sieve:
    """What a cluster takes: keys of its own, overrides that no file names, and the keys that defaults have."""

    cluster: Cluster
    defaults: Mapping[str, str]
    unknown: frozenset[str]

    def fitting(self, found: Found) -> Found | str:
        """The topic without what no entry can say, or why it cannot be declared and what helps."""
        odd = dict(_odd(found, self.cluster.extra_configs))
        if not odd:
            return found
        if self.cluster.keep_undeclared and not odd.keys() & self.defaults.keys():
            config = {key: value for key, value in found.config.items() if key not in odd}
            return replace(found, config=config, aside=tuple(_aside(found, key) for key in odd))
        key, why = next(iter(odd.items()))
        return f"{why}: {self._way_out(key)}"

    def _way_out(self, key: str) -> str:
        if key in self.defaults:
            return f"a default has {key} too; {EXTERNAL}"
        if is_known(key) or key in self.cluster.extra_configs:
            return f"{_KEEP} {EXTERNAL}"
        keys = ", ".join(sorted(self.cluster.extra_configs | self.unknown))
        return f"to import it, write extra_configs: [{keys}] at cluster {self.cluster.name} ({self.cluster.span})"


def sieve(cluster: Cluster, defaults: Mapping[str, str], found: Sequence[Found]) -> Sieve:
    """`defaults`: what a topic gets that says nothing; `found`: all topics, so that one line to paste is for all."""
    keys = {key for topic in found for key in topic.config}
    return Sieve(cluster, defaults, frozenset(key for key in keys if not is_known(key)))


def contradiction(config: Mapping[str, str]) -> str | None:
    """Why configs do not go together; brokers older than the rule may have taken them."""
    low, high = (int(config.get(key, -1)) for key in (LOWEST, HIGHEST))
    return f"{LOWEST} is {low}, more than {HIGHEST} {high}" if low > high >= 0 else None


def _odd(found: Found, extra: frozenset[str]) -> Iterator[tuple[str, str]]:
    for key, value in found.config.items():
        if why := _fault(key, value, extra):
            yield key, why
    if against := contradiction({**found.inherited, **found.config}):
        yield from ((key, against) for key in (LOWEST, HIGHEST) if key in found.config)


def _fault(key: str, value: str, extra: frozenset[str]) -> str:
    if not is_known(key) and key not in extra:
        return f"{key} is {quoted(value, MOST_SHOWN)}, a config that no Kafka from 3.5 to 4.4 has"
    if characters.refused(value, breaks=False):
        return f"{key} is {quoted(value, MOST_SHOWN)}, with a character that no file may hold"
    try:
        normal(key, value)
    except ConfigValueError as fault:
        return f"{key} must be {fault}"
    return ""


def _aside(found: Found, key: str) -> str:
    return f"not declared, and left alone: {key} is {quoted(found.config[key], MOST_SHOWN)}"
