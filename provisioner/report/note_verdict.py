"""The first line of a note: what is planned over all clusters, and of which of them nothing is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from provisioner.report import markdown
from provisioner.report.note_changes import Told, Weight
from provisioner.report.note_input import Plans, Unplanned
from provisioner.report.planfile import PlanDocument
from provisioner.report.summary import counted_of

MOST_CLUSTERS = 8
MOST_PIECES = 20
ACTIONS = ("create", "update", "delete")


def line(plans: Plans, changes: Iterable[Told]) -> str:
    """`Plan: 1 to create, ... on prod; no changes on staging; eu: not planned: its job left no plan`, in bold."""
    counts = _counts(changes)
    clusters: dict[str, list[str]] = {}
    for name, planned in plans.by_cluster.items():
        clusters.setdefault(_words(plans, planned, counts.get(name, Counter())), []).append(name)
    pieces = list(_pieces(clusters))
    more = [f"and {len(pieces) - MOST_PIECES} more, which the jobs' logs have"] if len(pieces) > MOST_PIECES else []
    return f"**Plan: {'; '.join([*pieces[:MOST_PIECES], *more]) or 'no cluster'}.**"


def is_quiet(plans: Plans, changes: Collection[Told]) -> bool:
    """True where every cluster is known to need nothing."""
    return not changes and all(
        isinstance(each, PlanDocument) and _words(plans, each, Counter()) in (UNTOUCHED, NOTHING)
        for each in plans.by_cluster.values()
    )


Counts = Counter[tuple[str, str]]
UNTOUCHED, NOTHING, UNKNOWN = "untouched", "no changes", "unknown"


def _counts(changes: Iterable[Told]) -> dict[str, Counts]:
    """By cluster; what is made along with something is counted, too, and what falls with it is not."""
    found: dict[str, Counts] = {}
    for each in changes:
        counts = found.setdefault(each.cluster, Counter())
        word = {Weight.REFUSED: "refused", Weight.UNKNOWN: UNKNOWN}.get(each.weight, each.change.action)
        counts[each.change.kind, word] += 1
        counts.update((change.kind, change.action) for change in each.along)
    return found


def _words(plans: Plans, planned: PlanDocument | Unplanned, counts: Counts) -> str:
    if isinstance(planned, Unplanned):
        return f"not planned: {planned.why}"
    if planned.untouched:
        return UNTOUCHED
    if not planned.declared:
        return "not planned: " + "; ".join(
            [*planned.stopped.values(), *planned.remarks][:1] or ["nothing was looked at"]
        )
    return ", ".join(_parts(plans, planned, counts)) or NOTHING


def _parts(plans: Plans, planned: PlanDocument, counts: Counts) -> Iterator[str]:
    own, derived = ([kind for kind in plans.kinds if kind.derived is which] for which in (False, True))
    if any(word != UNKNOWN for _, word in counts):
        doing = [f"{sum(counts[kind.name, action] for kind in own)} to {action}" for action in ACTIONS]
        refused = sum(count for (_, word), count in counts.items() if word == "refused")
        besides = [counted_of(n, kind) for kind in derived if (n := sum(counts[kind.name, each] for each in ACTIONS))]
        yield ", ".join([*doing, f"{refused} refused"]) + (f" (+ {', '.join(besides)})" if besides else "")
    if unknown := sum(count for (_, word), count in counts.items() if word == UNKNOWN):
        yield f"{unknown} not known"
    if back := len({each.name for each in plans.held_back(planned)[0]}):
        yield f"{back} held back"
    if planned.held:
        yield "a default that the cluster does not know"
    if planned.stopped:
        yield f"nothing planned of {' and '.join(planned.stopped)}"
    if planned.record.state == "unreadable":
        yield "its record cannot be read"


def _pieces(clusters: dict[str, list[str]]) -> Iterator[str]:
    """Clusters of which the same is said, together; the changes first, what is unknown next, the others last."""
    order = {UNTOUCHED: 3, NOTHING: 2}
    for words, names in sorted(
        clusters.items(), key=lambda each: order.get(each[0], each[0].startswith("not planned"))
    ):
        if words == UNTOUCHED:
            yield f"{len(names)} cluster{'' if len(names) == 1 else 's'} untouched"
        elif words.startswith("not planned"):
            yield f"{_named(names)}: {markdown.prose(words)}"
        else:
            yield f"{markdown.prose(words)} on {_named(names)}"


def _named(names: list[str]) -> str:
    more = f" and {len(names) - MOST_CLUSTERS} more" if len(names) > MOST_CLUSTERS else ""
    return ", ".join(map(markdown.name, names[:MOST_CLUSTERS])) + more
