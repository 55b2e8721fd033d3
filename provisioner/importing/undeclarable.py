"""Overrides that a topic has and no entry can say: what becomes of the topic when it is imported.

What is in use is never to be removed: the cluster may list the key, or leave alone what no file names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from provisioner.catalog import characters
from provisioner.catalog.model import Catalog
from provisioner.catalog.quoting import quoted
from provisioner.catalog.topic_config import ConfigValueError, is_known, normal
from provisioner.checks.configs import COMPACTION_LAGS, compaction_lag
from provisioner.checks.context import Context
from provisioner.importing.candidate import candidate, topic_at
from provisioner.importing.context import ImportContext
from provisioner.importing.entry import TopicEntry
from provisioner.importing.existing_topic import ExistingTopic

MOST_SHOWN = 60
EXTERNAL = "declare it by hand with state: external, which only watches it, or leave it undeclared"
_KEEP = "write undeclared_overrides: keep for the cluster to leave such overrides alone, or"


def declarable(topics: Sequence[ExistingTopic], context: ImportContext) -> tuple[list[ExistingTopic], dict[str, str]]:
    """The topics without what no entry can say, and why others cannot be declared, with what helps, by name."""
    sieve = _Sieve(context, _contradictions(topics, context), _unknown(topics))
    fits = {topic.name: sieve.fitting(topic) for topic in topics}
    left_out = {name: why for name, why in fits.items() if isinstance(why, str)}
    return [topic for topic in fits.values() if isinstance(topic, ExistingTopic)], left_out


def _unknown(topics: Sequence[ExistingTopic]) -> frozenset[str]:
    """Of all topics, so that one line to paste is for all."""
    return frozenset(key for topic in topics for key in topic.config if not is_known(key))


def _contradictions(topics: Sequence[ExistingTopic], context: ImportContext) -> dict[str, str]:
    """What the check says against configs as they live: brokers older than a rule may have taken them."""
    bare = replace(context, defaults=replace(context.defaults, config={}))
    odd = [topic for topic in topics if topic.config.keys() & set(COMPACTION_LAGS)]
    entries = [TopicEntry(topic.name, config={**topic.inherited, **topic.config}) for topic in odd]
    live = {entry.name: candidate(entry, bare) for entry in entries}
    problems = compaction_lag(Context((Catalog(context.cluster, live),)))
    return {name: problem.message for problem in problems if (name := topic_at(problem.span, live))}


@dataclass(frozen=True, slots=True)
class _Sieve:
    """What a cluster takes; `contradictions` by topic, `unknown`: keys of all topics that no Kafka has."""

    context: ImportContext
    contradictions: Mapping[str, str]
    unknown: frozenset[str]

    def fitting(self, topic: ExistingTopic) -> ExistingTopic | str:
        """The topic without what no entry can say, or why it cannot be declared and what helps."""
        odd = dict(self._odd(topic))
        if not odd:
            return topic
        if self.context.cluster.keep_undeclared and not odd.keys() & self.context.config.keys():
            config = {key: value for key, value in topic.config.items() if key not in odd}
            return replace(topic, config=config, undeclared=tuple(_undeclared(topic, key) for key in odd))
        key, why = next(iter(odd.items()))
        return f"{why}: {self._way_out(key)}"

    def _odd(self, topic: ExistingTopic) -> Iterator[tuple[str, str]]:
        for key, value in topic.config.items():
            if why := _fault(key, value, self.context.cluster.extra_configs):
                yield key, why
        if against := self.contradictions.get(topic.name):
            yield from ((key, against) for key in COMPACTION_LAGS if key in topic.config)

    def _way_out(self, key: str) -> str:
        cluster = self.context.cluster
        if key in self.context.config:
            return f"a default has {key} too; {EXTERNAL}"
        if is_known(key) or key in cluster.extra_configs:
            return f"{_KEEP} {EXTERNAL}"
        keys = ", ".join(sorted(cluster.extra_configs | self.unknown))
        return f"to import it, write extra_configs: [{keys}] at cluster {cluster.name} ({cluster.span})"


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


def _undeclared(topic: ExistingTopic, key: str) -> str:
    return f"not declared, and left alone: {key} is {quoted(topic.config[key], MOST_SHOWN)}"
