"""Drift as one GitLab issue: by team what was changed by hand, how to keep and how to undo it; what is not known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

from provisioner.reconcile.drift import Verdict
from provisioner.report import issue_entry
from provisioner.report.drift_file import Cluster, Difference, Resource
from provisioner.report.markdown import code

MARKER = "<!-- kafka-drift -->"
LABEL = "kafka-drift"
TITLE = "Kafka is not what the files say"
CLEAN = "Every cluster was looked at, and nothing is changed by hand."

MOST = 900_000
_TAIL = 250_000
MOST_NAMED = 50


@dataclass(frozen=True, slots=True)
class Looked:
    """What is known of a fleet. `missing`: clusters that were not looked at, and why; `remarks`: what else is amiss."""

    clusters: Sequence[Cluster]
    missing: Mapping[str, str] = field(default_factory=dict)
    remarks: Sequence[str] = ()

    @property
    def is_clean(self) -> bool:
        """True where every cluster was looked at, and nothing is changed by hand."""
        whole = all(each.is_whole and not each.by_hand for each in self.clusters)
        return whole and not self.missing and not self.remarks


def text(looked: Looked) -> str:
    """The whole issue, below GitLab's limit of characters; equal for what is equal."""
    head = [MARKER, f"**{_verdict(looked)}**", "", _INTRODUCTION]
    tail = "\n".join(_not_known(looked))
    blocks, left = [], MOST - _TAIL - len("\n".join(head))
    resources = _resources(looked.clusters)
    for number, block in enumerate(_blocks(resources)):
        left -= len(block) + 1
        if left < 0:
            blocks.append(f"\n## More\n\n{len(resources) - number} more are not shown: `provisioner drift` lists them.")
            break
        blocks.append(block)
    return "\n".join([*head, *blocks, *([tail] if tail else [])])


_INTRODUCTION = (
    "Written anew by each scheduled run, and closed by the first one that finds nothing. "
    "What is changed by hand stands until somebody adopts it into the files or undoes it."
)


class _Resource(NamedTuple):
    cluster: str
    fields: Sequence[Difference]
    words: Sequence[str]
    yaml: str


def _verdict(looked: Looked) -> str:
    if looked.is_clean:
        return CLEAN
    counts = Counter(str(one.verdict) for each in looked.clusters for one in each.differences)
    parts = [f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict]]
    unknown = sum(len(each.unknown) for each in looked.clusters)
    parts += [f"{unknown} not known"] if unknown else []
    parts += [f"{len(looked.missing)} clusters not looked at"] if len(looked.missing) > 1 else []
    parts += ["1 cluster not looked at"] if len(looked.missing) == 1 else []
    return f"{', '.join(parts) or 'Not everything could be looked at'}."


def _resources(clusters: Iterable[Cluster]) -> list[_Resource]:
    """By team, cluster and name; the fields of one together."""
    found: list[_Resource] = []
    for cluster in clusters:
        told = _told(cluster)
        for key, group in groupby(sorted(cluster.by_hand, key=_key), key=_key):
            words = [word for each in told.get(key, ()) for word in each.words]
            adopt = "\n".join(each.adopt for each in told.get(key, ()) if each.adopt)
            found.append(_Resource(cluster.cluster, list(group), words, adopt))
    return sorted(found, key=lambda each: (each.fields[0].owner, each.cluster, _key(each.fields[0])))


def _told(cluster: Cluster) -> dict[tuple[str, str], list[Resource]]:
    """By kind and name; one that lives at two destinations is told twice."""
    told: dict[tuple[str, str], list[Resource]] = {}
    for each in cluster.resources:
        told.setdefault((each.kind, each.name), []).append(each)
    return told


def _key(one: Difference) -> tuple[str, str]:
    return one.kind, one.name


def _blocks(resources: Sequence[_Resource]) -> Iterator[str]:
    team: str | None = None
    for cluster, fields, words, yaml in resources:
        heading = [f"\n## {f'Team {code(fields[0].owner)}' if fields[0].owner else 'No team'}"]
        yield "\n".join(
            [*(heading if fields[0].owner != team else ()), *issue_entry.lines(cluster, fields, words, yaml)]
        )
        team = fields[0].owner


def _not_known(looked: Looked) -> Iterator[str]:
    """Nothing here may be taken for agreement."""
    rows = [f"{code(name)} was not looked at: {code(why)}" for name, why in looked.missing.items()]
    rows += [row for cluster in looked.clusters for row in _unknown(cluster)]
    rows += [code(remark) for remark in looked.remarks]
    if rows:
        yield "\n## Not known\n"
        yield from (f"- {row}" for row in rows[:MOST_NAMED])
        if len(rows) > MOST_NAMED:
            yield f"- {len(rows) - MOST_NAMED} more"


def _unknown(cluster: Cluster) -> Iterator[str]:
    name = code(cluster.cluster)
    if cluster.unreadable:
        yield f"{name}: what was applied is not known: {code(cluster.unreadable)}"
    yield from (f"{name}: {code(kind)} could not be asked: {code(why)}" for kind, why in cluster.stopped.items())
    ordered = sorted(cluster.unknown, key=lambda one: (one.kind, one.why, one.name))
    for (kind, why), group in groupby(ordered, key=lambda one: (one.kind, one.why)):
        names = [one.name for one in group]
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        yield f"{name}: {code(kind)} {', '.join(map(code, names[:3]))}{more} not known: {code(why)}"
