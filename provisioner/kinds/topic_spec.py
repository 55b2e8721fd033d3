"""What a topic is asked to be, how it meets the live one, and what only the cluster knows of it. Values alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from provisioner.catalog import topic_config
from provisioner.kinds.directions import TO
from provisioner.kinds.topic_words import CONFIG, REPLICAS

MIN_INSYNC = "min.insync.replicas"


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """What can be set of a topic. Observed: what is set on the topic itself (config source 1, DYNAMIC_TOPIC).

    `most_replicas`: of the partition that has most, where they do not all have the same; `replication_factor` is then
    of the one that has fewest. While a partition is reassigned it counts with what it will have.
    """

    partitions: int
    replication_factor: int
    config: Mapping[str, str] = field(default_factory=dict)
    most_replicas: int = 0

    @property
    def is_uneven(self) -> bool:
        """True where some partitions have more replicas than others."""
        return self.most_replicas > self.replication_factor

    def fields(self) -> Mapping[str, str]:
        """`partitions`, `replication_factor` (`1..3` where uneven), and `config.<key>` for each override."""
        config = {CONFIG + key: value for key, value in self.config.items()}
        copies = str(self.replication_factor) + (f"{TO}{self.most_replicas}" if self.is_uneven else "")
        return {"partitions": str(self.partitions), REPLICAS: copies, **config}

    def exact(self) -> Mapping[str, str]:
        """Nothing is shortened."""
        return self.fields()

    def restricted_to(self, fields: frozenset[str], observed: TopicSpec) -> TopicSpec:
        """This topic in those fields, the observed one in all others."""
        kept = {key: value for key, value in observed.config.items() if CONFIG + key not in fields}
        mine = {key: value for key, value in self.config.items() if CONFIG + key in fields}
        copies = self if REPLICAS in fields else observed
        return TopicSpec(
            self.partitions if "partitions" in fields else observed.partitions,
            copies.replication_factor,
            {**kept, **mine},
            copies.most_replicas,
        )

    def without(self, members: frozenset[str]) -> TopicSpec | None:
        """It depends on nothing."""
        return self


@dataclass(frozen=True, slots=True)
class TopicPolicy:
    """How a declared topic meets the live one.

    `defaults` names the config keys that the topic's own entry does not mention, and the counts; `external` is somebody
    else's topic. `keep_undeclared` leaves overrides alone that no file names, except those in `dropped`, which the
    files named before, and `inherited`, which they ask to be so. A key that we do not know is left alone in any case,
    unless it is one of the cluster's `extra` keys and one of those. `message`: what its records are.
    """

    defaults: frozenset[str] = frozenset()
    external: bool = False
    keep_undeclared: bool = False
    dropped: frozenset[str] = frozenset()
    inherited: frozenset[str] = frozenset()
    extra: frozenset[str] = frozenset()
    message: str | None = None

    def keeps(self, key: str) -> bool:
        """An override that no file names stays where the cluster says so; one that we do not know stays everywhere."""
        if key in self.dropped or key in self.inherited:
            return not topic_config.is_known(key) and key not in self.extra
        return self.keep_undeclared or not topic_config.is_known(key)


@dataclass(frozen=True, slots=True)
class TopicFacts:
    """What the cluster says of a live topic besides what is set on it.

    `inherited` has values that come from the broker, `fallback` those that would take the place of overrides (as far as
    that can be known), `unsettled` names the keys on which its brokers do not agree, `topic_id` is the topic's own.
    `in_sync` False: some partition has fewer replicas in sync than it has. `growing`: it is getting replicas, which are
    not in sync yet.
    """

    inherited: Mapping[str, str] = field(default_factory=dict)
    fallback: Mapping[str, str] = field(default_factory=dict)
    unsettled: frozenset[str] = frozenset()
    topic_id: str | None = None
    in_sync: bool = True
    growing: bool = False


NO_POLICY, NO_FACTS = TopicPolicy(), TopicFacts()


def resolved(asked: TopicSpec, policy: TopicPolicy, live: TopicSpec | None, facts: TopicFacts = NO_FACTS) -> TopicSpec:
    """What a topic is to be: a default that it already inherits from its broker needs no override of its own."""
    if live is None:
        return asked
    if policy.external:
        return live

    def inherits(key: str, value: str) -> bool:
        """Also where the brokers do not agree: in a rolling upgrade a default would be set or not by luck."""
        if key not in policy.defaults or key in live.config:
            return False
        return key in facts.unsettled or facts.inherited.get(key) == value

    kept = {key: value for key, value in live.config.items() if policy.keeps(key)}
    mine = {key: value for key, value in asked.config.items() if not inherits(key, value)}
    if facts.growing and is_raised(MIN_INSYNC, asked, live, facts):
        # Writes would stop until the new replicas are in sync.
        mine = {key: value for key, value in mine.items() if key != MIN_INSYNC}
        kept |= {key: value for key, value in live.config.items() if key == MIN_INSYNC}
    return TopicSpec(asked.partitions, asked.replication_factor, {**kept, **mine})


def is_raised(key: str, after: TopicSpec, before: TopicSpec, facts: TopicFacts) -> bool:
    """True for a config that is a number, and is to be more than what is in force now, or than nobody knows what."""
    wanted = after.config.get(key)
    now = before.config.get(key) or facts.inherited.get(key)
    return wanted is not None and (now is None or int(wanted) > int(now))
