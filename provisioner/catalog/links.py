"""What declarations say of each other: clusters and topics that are named must be there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from provisioner.catalog import raw
from provisioner.catalog.entries import Declarations, Entry
from provisioner.catalog.model import Catalog
from provisioner.catalog.quoting import quoted
from provisioner.problem import Problem, Span

MOST_NAMED = 20
"""Clusters that a hint lists."""


def unknown_clusters(declarations: Declarations) -> Iterator[Problem]:
    """Clusters that topics and consumers name, and clusters.yaml does not."""
    known = sorted(set(declarations.clusters) | declarations.broken_clusters)
    listed = ", ".join(name[:63] for name in known[:MOST_NAMED]) + (", ..." if len(known) > MOST_NAMED else "")
    there = frozenset(known)
    for name, span in _named_clusters(declarations):
        if name not in there:
            check = "topics/unknown-cluster"
            hint = declarations.suggestions.near(check, name, known) or f"clusters.yaml names: {listed or 'none'}"
            yield Problem(check, f"there is no cluster {quoted(name)}", span, hint)


def _named_clusters(declarations: Declarations) -> Iterator[tuple[str, Span]]:
    entries: list[Entry[Any]] = [*declarations.topics, *declarations.consumers]
    for entry in entries:
        for index, name in enumerate(entry.value.clusters or ()):
            yield name, entry.span("clusters", index)
    for topic in declarations.topics:
        for name in topic.value.overrides:
            yield name, topic.key_span("overrides", name)


def unknown_teams(declarations: Declarations) -> Iterator[Problem]:
    """The team that a cluster's own alerts call has a folder as every team has."""
    for name, entry in declarations.clusters.items():
        team = entry.value.team
        if team is not None and team not in declarations.teams:
            check, teams = "clusters/unknown-team", sorted(declarations.teams)
            hint = declarations.suggestions.near(check, team, teams) or f"create {quoted(team)}/team.yaml"
            message = f"cluster {quoted(name)} names the team {quoted(team)}, which has no folder with a team.yaml"
            yield Problem(check, message, entry.span("team"), hint)


def unclear_default(declarations: Declarations) -> Iterator[Problem]:
    """Two default clusters, or a topic that needs one where there is none."""
    defaults = [name for name, entry in declarations.clusters.items() if entry.value.default]
    for name in defaults[1:]:
        first, span = (declarations.clusters[each].span("default") for each in (defaults[0], name))
        message, both = f"{defaults[0]!r} and {name!r} are both the default", (span, first)
        yield Problem("clusters/default", message, span, "let one cluster be it", governs=both)
    if defaults or len(declarations.clusters) < 2 or declarations.broken_clusters:
        return
    for topic in declarations.topics:
        if topic.value.clusters is None:
            hint = "add clusters: [...], or `default: true` to one cluster"
            yield Problem(
                "topics/no-cluster",
                f"topic {quoted(topic.value.name)} names no cluster and none is the default",
                topic.span("name"),
                hint,
            )


def consumers_without_topic(declarations: Declarations, catalogs: Sequence[Catalog]) -> Iterator[Problem]:
    """Consumers of topics that no file declares, or not on the cluster they name.

    Nobody is blamed for a topic that stands in a file which cannot be read, or may stand in one of the same team.
    """
    on: Mapping[str, set[str]] = {catalog.cluster.name: set(catalog.topics) for catalog in catalogs}
    placed: set[str] = set().union(*on.values())
    known = sorted(declarations.names | placed)
    everywhere, unplaced = frozenset(known), declarations.names - placed
    broken = (path for path, file in declarations.files.items() if not file.document.whole)
    unread = {word for path in broken for word in raw.words(declarations.sources[path])}
    for entry in declarations.consumers:
        name, check = entry.value.topic, "consumers/unknown-topic"
        if name not in everywhere:
            if name in unread or entry.team in declarations.unread.values():
                continue
            near = declarations.suggestions.near(check, name, known)
            hint = near or "declare the topic, `state: external` if others keep it"
            message = f"there is no topic {quoted(name)} in these files"
            if declarations.unread:
                message, hint = f"{message}, as far as they can be read", f"{hint}{_unread(declarations, hint)}"
            yield Problem(check, message, entry.span("topic"), hint)
        elif name not in unplaced:
            for index, where in enumerate(entry.value.clusters or ()):
                if where in on and name not in on[where]:
                    place, message = entry.span("clusters", index), f"topic {quoted(name)} is not on cluster {where}"
                    yield Problem(check, message, place, "correct clusters:")


def _unread(declarations: Declarations, hint: str) -> str:
    """It may stand there: a misspelled name is not the only way to be missing."""
    first = min(declarations.unread)
    more = f" and {len(declarations.unread) - 1} more" if len(declarations.unread) > 1 else ""
    otherwise = " Or" if hint.endswith("?") else "; or"
    return f"{otherwise} it stands in {first}{more}, which cannot be read: mend that first"
