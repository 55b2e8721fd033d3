"""What lives on a cluster -> entries that say so: only what the defaults do not say, and what the checks must accept.

Values in, values out. Whether an entry is really enough is proven by the catalog, the checks and the plan themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from provisioner.catalog.factoring import Found, Shared
from provisioner.catalog.model import Cluster, Origin, Setting, State, Topic
from provisioner.catalog.topic_config import THROTTLES
from provisioner.catalog.units import Duration
from provisioner.problem import Span

T = TypeVar("T")

SCRAPES = 4
"""A threshold of the lag alert below so many scrapes would measure the scraping."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry to be written. None and empty: left out. `comments` stand above it, one a line."""

    name: str
    state: State = State.PRESENT
    clusters: tuple[str, ...] = ()
    partitions: int | None = None
    replication_factor: int | None = None
    config: Mapping[str, str] = field(default_factory=dict)
    lag: Duration | str | None = None
    allow: Mapping[str, str] = field(default_factory=dict)
    comments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ground:
    """What entries stand on: the cluster, what a topic of the team gets that says nothing, and where it would live."""

    cluster: Cluster
    bare: Topic
    home: bool

    @property
    def defaults(self) -> dict[str, str]:
        """The merged default of each config key."""
        return {key: setting.value for key, setting in self.bare.config.items()}

    def with_team(self, shared: Shared) -> Ground:
        """The same with a new team's defaults merged in."""
        mine = {key: _setting(value) for key, value in shared.config.items()}
        bare = replace(
            self.bare,
            partitions=_setting(shared.partitions) if shared.partitions else self.bare.partitions,
            replication_factor=(
                _setting(shared.replication_factor) if shared.replication_factor else self.bare.replication_factor
            ),
            config={**self.bare.config, **mine},
        )
        return replace(self, bare=bare)


def _setting(value: T) -> Setting[T]:
    return Setting(value, Span("(team)"), Origin.TEAM)


def kept(found: Found, ground: Ground) -> Draft:
    """The entry of a topic that is ours from now on."""
    config = dict(_overrides(found, ground.defaults))
    merged = {**ground.defaults, **config}
    lag, why = _lag(merged, ground)
    mixed = f"some of its partitions have {found.most_replicas} replicas; {found.replicas} is what is compared"
    return Draft(
        found.name,
        clusters=_clusters(ground),
        partitions=_unless(found.partitions, ground.bare.partitions),
        replication_factor=_unless(found.replicas, ground.bare.replication_factor),
        config=config,
        lag=lag,
        allow=dict(_consents(found, merged, ground.cluster)),
        comments=(*([mixed] if found.most_replicas > found.replicas else []), *([why] if why else []), *found.aside),
    )


def watched(found: Found, ground: Ground) -> Draft:
    """The entry of a topic that somebody else keeps."""
    lag, why = _lag(ground.defaults, ground)
    return Draft(found.name, State.EXTERNAL, _clusters(ground), lag=lag, comments=(why,) if why else ())


def colliding(drafts: Mapping[str, Draft], declared: Mapping[str, Topic]) -> dict[str, Draft]:
    """The drafts, those with a consent whose names Kafka's metrics cannot tell from another's."""
    first: dict[str, str] = {}
    for name, topic in declared.items():
        if topic.state is not State.EXTERNAL:
            first.setdefault(name.replace(".", "_"), name)
    return {name: _apart(draft, first) for name, draft in drafts.items()}


def _apart(draft: Draft, first: dict[str, str]) -> Draft:
    if draft.state is State.EXTERNAL:
        return draft
    other = first.setdefault(draft.name.replace(".", "_"), draft.name)
    return draft if other == draft.name else replace(draft, allow={**draft.allow, "metric-collision": other})


def _clusters(ground: Ground) -> tuple[str, ...]:
    return () if ground.home else (ground.cluster.name,)


def _unless(value: int, default: Setting[int]) -> int | None:
    return None if value == default.value else value


def _overrides(found: Found, defaults: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What the entry must say; a default that the topic neither has nor inherits cannot be unset, so it is said too."""
    for key in sorted({*found.config, *defaults} - THROTTLES):
        value = found.config.get(key, found.inherited.get(key))
        if value is not None and value != defaults.get(key):
            yield key, value


def _consents(found: Found, merged: Mapping[str, str], cluster: Cluster) -> Iterator[tuple[str, str]]:
    if found.replicas < cluster.limits.min_replication_factor:
        yield "low-replication", str(found.replicas)
    if int(merged.get("min.insync.replicas", 0)) >= found.replicas:
        yield "min-insync-replicas", merged["min.insync.replicas"]
    if found.partitions > cluster.limits.max_partitions:
        yield "too-many-partitions", str(found.partitions)


def _lag(merged: Mapping[str, str], ground: Ground) -> tuple[Duration | str | None, str]:
    """The threshold that fits scrapes and retention, None where the default fits; why, where there is none."""
    default = ground.bare.lag
    least = SCRAPES * ground.cluster.metrics.scrape_interval.seconds
    most = _most_seconds(merged)
    if default is None or least <= default.seconds <= most:
        return None, ""
    if most < least:
        return "none", f"no lag alert: its retention is too short to measure a lag ({SCRAPES} scrapes take {least}s)"
    return Duration(int(min(max(default.seconds, least), most))), ""


def _most_seconds(merged: Mapping[str, str]) -> float:
    """Half of the retention, in whole seconds."""
    kept_ms = int(merged.get("retention.ms", -1))
    deletes = "delete" in merged.get("cleanup.policy", "delete")
    return kept_ms // 2000 if deletes and kept_ms >= 0 else float("inf")
