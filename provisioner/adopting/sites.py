"""Where a topic's own values stand in the files, and where one for a cluster goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from provisioner.catalog.catalog import homes
from provisioner.catalog.entries import Declarations, Entry
from provisioner.catalog.places import Loc
from provisioner.catalog.topic_declarations import DeadLetter, TopicDeclaration, TopicFields
from provisioner.problem import Span

Values = TopicFields | DeadLetter


@dataclass(frozen=True, slots=True)
class Site:
    """One topic of one cluster: its entry, or that of the topic whose dead letters it takes.

    `below`: where its values stand in the entry. `override`: where those for this cluster alone do, None where there is
    no such place. `own`, `special`: what is written there. `several`: the entry is for other clusters as well.
    """

    cluster: str
    entry: Entry[TopicDeclaration]
    below: Loc
    override: Loc | None
    own: TopicDeclaration | DeadLetter
    special: Values | None
    several: bool

    @property
    def name(self) -> str:
        """Of the topic."""
        return self.own.name

    @property
    def is_dead_letter(self) -> bool:
        """True for what stands in the entry of another topic."""
        return isinstance(self.own, DeadLetter)

    @property
    def span(self) -> Span:
        """Of the name."""
        return self.entry.span(*self.below, "name")

    def loc(self, relative: Loc) -> Loc:
        """In the file."""
        return (*self.entry.loc, *relative)


def sites(declarations: Declarations, cluster: str) -> Mapping[str, Site]:
    """Of every topic of a cluster, by name: a declaration of its own counts before that of a dead letter."""
    found: dict[str, Site] = {}
    home = homes(declarations)
    here = [entry for entry in declarations.topics if cluster in _clusters(entry, home)]
    for entry in here:
        several, special = len(_clusters(entry, home)) > 1, entry.value.overrides.get(cluster)
        found.setdefault(
            entry.value.name, Site(cluster, entry, (), ("overrides", cluster), entry.value, special, several)
        )
    for entry in here:
        if (site := _of_dead_letter(entry, cluster, len(_clusters(entry, home)) > 1)) is not None:
            found.setdefault(site.name, site)
    return found


def _clusters(entry: Entry[TopicDeclaration], home: Sequence[str]) -> Sequence[str]:
    return home if entry.value.clusters is None else entry.value.clusters


def _of_dead_letter(entry: Entry[TopicDeclaration], cluster: str, several: bool) -> Site | None:
    special = entry.value.overrides.get(cluster)
    if special and special.dead_letter:
        return Site(
            cluster, entry, ("overrides", cluster, "dead_letter"), None, special.dead_letter, None, several=False
        )
    if entry.value.dead_letter:
        return Site(cluster, entry, ("dead_letter",), None, entry.value.dead_letter, None, several)
    return None
