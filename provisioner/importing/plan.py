"""All topics that a run imports: who is left out and why, what the team's defaults would be, and the entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from provisioner.catalog.model import Presence
from provisioner.catalog.reserved_names import reserved_name, reserved_names
from provisioner.importing.acceptance import accepted
from provisioner.importing.context import ImportContext
from provisioner.importing.entry import TopicEntry, external_entry, managed_entry
from provisioner.importing.existing_topic import ExistingTopic
from provisioner.importing.team_defaults import TeamDefaults, team_defaults
from provisioner.importing.undeclarable import declarable


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """Entries by name, in that order; reasons by name; and what most topics share, None where the team is not new."""

    entries: Mapping[str, TopicEntry] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    team: TeamDefaults | None = None

    @property
    def external(self) -> int:
        """How many are only watched."""
        return sum(entry.state is Presence.EXTERNAL for entry in self.entries.values())


def plan(topics: Sequence[ExistingTopic], context: ImportContext, new_team: bool) -> ImportPlan:
    """Entries that pass the checks. Defaults are found for a new team only."""
    rows = reserved_names(context.cluster.protected)
    others = [topic for topic in topics if reserved_name(topic.name, rows)]
    names = {topic.name for topic in others}
    ours, undeclarable = declarable([topic for topic in topics if topic.name not in names], context)
    team = team_defaults(ours, context.defaults, context.cluster.limits) if new_team else None
    context = context.with_team(team) if team else context
    entries = [managed_entry(topic, context) for topic in ours] + [external_entry(each, context) for each in others]
    taken, refused = accepted(sorted(entries, key=lambda entry: entry.name), context)
    return ImportPlan(taken, undeclarable | refused, team)
