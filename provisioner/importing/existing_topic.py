"""A topic that lives on the cluster and in no file yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ExistingTopic:
    """A topic as it is. `config` was set on it, `inherited` comes from its broker; values in Kafka's form.

    `replication_factor`: of the partition that has fewest replicas, `most_replicas` of the one that has most.
    `undeclared`: what is set on it besides and stays out of the files, a sentence each.
    """

    name: str
    partitions: int
    replication_factor: int
    most_replicas: int
    config: Mapping[str, str] = field(default_factory=dict)
    inherited: Mapping[str, str] = field(default_factory=dict)
    undeclared: tuple[str, ...] = ()
