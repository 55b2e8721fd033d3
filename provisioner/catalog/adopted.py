"""All topics that a run adopts: who is left out and why, what the team's defaults would be, and the entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from provisioner.catalog import adoption, odd_configs
from provisioner.catalog.adoption import Draft, Ground
from provisioner.catalog.factoring import Found, Shared, shared
from provisioner.catalog.foreign import kept_by
from provisioner.catalog.model import State, Topic


@dataclass(frozen=True, slots=True)
class Adopted:
    """Entries by name, reasons by name, and what most topics share."""

    drafts: Mapping[str, Draft] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    shared: Shared = Shared()

    @property
    def external(self) -> int:
        """How many are only watched."""
        return sum(draft.state is State.EXTERNAL for draft in self.drafts.values())


def adopted(found: Sequence[Found], ground: Ground, declared: Mapping[str, Topic], new_team: bool) -> Adopted:
    """`declared`: what the cluster's catalog has already; defaults are found for a new team only."""
    foreign = [topic for topic in found if kept_by(topic.name, ground.cluster.protected)]
    ours = [topic for topic in found if topic not in foreign] if foreign else list(found)
    sieve = odd_configs.sieve(ground.cluster, ground.defaults, ours)
    fits = {topic.name: sieve.fitting(topic) for topic in ours}
    left_out = {name: why for name, why in fits.items() if isinstance(why, str)}
    ours = [topic for topic in fits.values() if isinstance(topic, Found)]
    values = shared(ours, ground.bare, ground.cluster.limits) if new_team else Shared()
    ground = ground.with_team(values)
    drafts = [adoption.kept(topic, ground) for topic in ours]
    merged = {draft.name: {**ground.defaults, **draft.config} for draft in drafts}
    against = {name: odd_configs.contradiction(config) for name, config in merged.items()}
    left_out |= {name: f"{why}: {odd_configs.EXTERNAL}" for name, why in against.items() if why}
    drafts += [adoption.watched(topic, ground) for topic in foreign]
    by_name = {draft.name: draft for draft in sorted(drafts, key=lambda d: d.name) if draft.name not in left_out}
    return Adopted(adoption.colliding(by_name, declared), left_out, values)
