"""What declarations say of each other: clusters and topics that are named must be there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from provisioner.catalog.folder import Declarations, Entry
from provisioner.catalog.model import Catalog
from provisioner.catalog.schema import did_you_mean
from provisioner.problem import Problem, Span


def unknown_clusters(declarations: Declarations) -> Iterator[Problem]:
    """Clusters that topics and consumers name, and clusters.yaml does not."""
    known = set(declarations.clusters) | declarations.broken_clusters
    entries: list[Entry[Any]] = [*declarations.topics, *declarations.consumers]
    for entry in entries:
        for index, name in enumerate(entry.value.clusters or ()):
            if name not in known:
                yield _unknown_cluster(name, known, entry.span("clusters", index))
    for topic in declarations.topics:
        for name in topic.value.overrides:
            if name not in known:
                yield _unknown_cluster(name, known, topic.key_span("overrides", name))


def _unknown_cluster(name: str, known: Iterable[str], span: Span) -> Problem:
    hint = did_you_mean(name, known) or f"clusters.yaml names: {', '.join(sorted(known)) or 'none'}"
    return Problem("topics/unknown-cluster", f"there is no cluster {name!r}", span, hint)


def unclear_default(declarations: Declarations) -> Iterator[Problem]:
    """Two default clusters, or a topic that needs one where there is none."""
    defaults = [name for name, entry in declarations.clusters.items() if entry.value.default]
    for name in defaults[1:]:
        span = declarations.clusters[name].span("default")
        yield Problem(
            "clusters/default", f"{defaults[0]!r} and {name!r} are both the default", span, "let one cluster be it"
        )
    if defaults or len(declarations.clusters) < 2 or declarations.broken_clusters:
        return
    for topic in declarations.topics:
        if topic.value.clusters is None:
            hint = "add clusters: [...], or `default: true` to one cluster"
            yield Problem(
                "topics/no-cluster",
                f"topic {topic.value.name!r} names no cluster and none is the default",
                topic.span("name"),
                hint,
            )


def consumers_without_topic(declarations: Declarations, made: Sequence[Catalog]) -> Iterator[Problem]:
    """Consumers of topics that no file declares, or not on the cluster they name."""
    on: Mapping[str, set[str]] = {catalog.cluster.name: set(catalog.topics) for catalog in made}
    everywhere = declarations.names.union(*on.values()) if on else declarations.names
    for entry in declarations.consumers:
        name, span = entry.value.topic, entry.span("topic")
        if name not in everywhere:
            hint = did_you_mean(name, everywhere) or "declare the topic, `state: external` if others keep it"
            yield Problem("consumers/unknown-topic", f"there is no topic {name!r} in these files", span, hint)
        for index, where in enumerate(entry.value.clusters or ()):
            if name in everywhere and where in on and name not in on[where] and name not in _unmade(declarations, on):
                place = entry.span("clusters", index)
                yield Problem(
                    "consumers/unknown-topic", f"topic {name!r} is not on cluster {where}", place, "correct clusters:"
                )


def _unmade(declarations: Declarations, on: Mapping[str, set[str]]) -> set[str]:
    return declarations.names.difference(*on.values())
