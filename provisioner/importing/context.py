"""What entries are written into: the cluster, the defaults that hold for them, and what is declared already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from provisioner.catalog.model import Cluster, Origin, Setting, Topic
from provisioner.importing.team_defaults import TeamDefaults
from provisioner.problem import Span

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ImportContext:
    """`defaults`: what an entry of the team gets that says nothing but a name; `declared`: the cluster's topics so far.

    `is_home`: topics that name no cluster live on this one.
    """

    cluster: Cluster
    defaults: Topic
    is_home: bool = True
    declared: Mapping[str, Topic] = field(default_factory=dict)

    @property
    def config(self) -> dict[str, str]:
        """The merged default of each config key."""
        return {key: setting.value for key, setting in self.defaults.config.items()}

    def with_team(self, team: TeamDefaults) -> ImportContext:
        """The same with a new team's defaults merged in."""
        above = self.defaults
        defaults = replace(
            above,
            partitions=_or(above.partitions, team.partitions),
            replication_factor=_or(above.replication_factor, team.replication_factor),
            config={**above.config, **{key: _setting(value) for key, value in team.config.items()}},
        )
        return replace(self, defaults=defaults)


def _or(above: Setting[int], value: int | None) -> Setting[int]:
    return above if value is None else _setting(value)


def _setting(value: T) -> Setting[T]:
    return Setting(value, Span("(team)"), Origin.TEAM)
