"""What most topics of a team share and the defaults lack: values for the `defaults:` of a new team.yaml.

A default must hold for every topic or apply would set it: each has an override of its own, or inherits the same value.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from provisioner.catalog.limits import Limits
from provisioner.catalog.model import Topic
from provisioner.catalog.topic_config import is_known
from provisioner.importing.existing_topic import ExistingTopic


@dataclass(frozen=True, slots=True)
class TeamDefaults:
    """Values for a team's defaults; None, or a missing key: what holds above it is good enough."""

    partitions: int | None = None
    replication_factor: int | None = None
    config: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.partitions or self.replication_factor or self.config)


def team_defaults(topics: Sequence[ExistingTopic], above: Topic, limits: Limits) -> TeamDefaults:
    """`above`: what a topic gets by the cluster's defaults, if it says nothing itself."""
    partitions = _most(topic.partitions for topic in topics if topic.partitions <= limits.max_partitions)
    least = limits.min_replication_factor
    copies = _most(topic.replication_factor for topic in topics if topic.replication_factor >= least)
    return TeamDefaults(
        _unlike(partitions, above.partitions.value, len(topics)),
        _unlike(copies, above.replication_factor.value, len(topics)),
        dict(_config(topics, {key: setting.value for key, setting in above.config.items()})),
    )


def _most(values: Iterator[int]) -> tuple[int, int]:
    """The commonest value, and how often it is there."""
    counted = Counter(values).most_common(1)
    return counted[0] if counted else (0, 0)


def _unlike(commonest: tuple[int, int], above: int, all_topics: int) -> int | None:
    value, count = commonest
    return value if _is_shared(count, all_topics) and value != above else None


def _is_shared(count: int, all_topics: int) -> bool:
    """Most have it, and more than one."""
    return count >= 2 and count * 2 > all_topics


def _config(topics: Sequence[ExistingTopic], above: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    keys = {*above, *(key for topic in topics for key in topic.config)}
    # A team's defaults hold on every cluster, and another one may not list the same extra configs.
    for key in sorted(filter(is_known, keys)):
        value = _default(key, topics, above.get(key))
        if value is not None and value != above.get(key):
            yield key, value


def _default(key: str, topics: Sequence[ExistingTopic], above: str | None) -> str | None:
    """The one value that suits every topic, if there is one that spares lines or a change."""
    inherited = {topic.inherited.get(key) for topic in topics if key not in topic.config}
    counted = Counter(topic.config[key] for topic in topics if key in topic.config).most_common(1)
    if above is not None and inherited and inherited != {above}:
        return next(iter(inherited)) if len(inherited) == 1 else None
    value, count = counted[0] if counted else ("", 0)
    return value if _is_shared(count, len(topics)) and inherited <= {value} else None
