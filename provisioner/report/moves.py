"""Replicas on their way, for people and as a document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from provisioner.line import Line, Style, signed
from provisioner.moves import rounded, words
from provisioner.moves.look import Copy

if TYPE_CHECKING:
    from provisioner.report.results import MovesState

FORMAT_VERSION = 1
MOST_NAMES = 5
"""Of those that wait."""


def lines(state: MovesState) -> Iterator[Line]:
    """What runs, what waits and why, what is paused."""
    look = state.look
    yield Line(f"cluster {state.cluster}: {_head(state)}")
    for name, copies in _by_topic(look.running).items():
        yield signed("~", Style.CHANGED, f"{name}   {_copied(copies)}")
    if state.cancelled:
        yield Line(f"cancelled: {_some(state.cancelled)}; they stand as they are until the files change or name them")
    waiting = sorted(set(look.waiting) - look.moving)
    if waiting:
        yield Line(f"{words.counted(len(waiting), 'topic')} to come: {_some(waiting)}")
        yield Line(f"no wave begins: {look.against}" if look.against else "the next run of `replicas continue` begins")
    if state.pause is not None:
        end = f"until {state.pause.until:%Y-%m-%d %H:%M} UTC" if state.pause.until else "until `replicas resume`"
        yield signed("!", Style.ALARM, f"paused {end}, by {state.pause.by} at {state.pause.since:%Y-%m-%d %H:%M} UTC")
    for name, refused in look.refused.items():
        yield signed("!", Style.ALARM, f"{name}: {words.refusal(refused)}")
    for name, why in look.failed.items():
        yield signed("!", Style.ALARM, f"{name}: {why}")
    for text in look.left:
        yield signed("!", Style.ALARM, f"{text}; the next run removes it")


def _head(state: MovesState) -> str:
    look = state.look
    if look.running:
        return words.progress(look, None)
    return "no replica is on its way" if not look.waiting else "nothing is being copied"


def _by_topic(copies: Sequence[Copy]) -> dict[str, list[Copy]]:
    found: dict[str, list[Copy]] = defaultdict(list)
    for each in copies:
        found[each.topic].append(each)
    return dict(sorted(found.items()))


def _copied(copies: Sequence[Copy]) -> str:
    partitions = words.counted(len(copies), "partition")
    sizes = [(each.copied, each.size) for each in copies if each.copied is not None and each.size is not None]
    if len(sizes) < len(copies):
        return f"{partitions}, how much is there is not known"
    there, whole = sum(copied for copied, _ in sizes), sum(size for _, size in sizes)
    return f"{partitions}, {rounded.size(there)} of {rounded.size(whole)}"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return f"{', '.join(names[:MOST_NAMES])}{more}"


def document(state: MovesState) -> dict[str, Any]:
    """For programs. Sizes in bytes, null where a broker does not say."""
    look, pause = state.look, state.pause
    return {
        "format_version": FORMAT_VERSION,
        "cluster": state.cluster,
        "running": [
            {"topic": each.topic, "partition": each.number, "bytes": each.size, "copied": each.copied}
            for each in look.running
        ],
        "waiting": sorted(set(look.waiting) - look.moving),
        "against": look.against,
        "paused": None
        if pause is None
        else {
            "until": pause.until.isoformat() if pause.until else None,
            "by": pause.by,
            "since": pause.since.isoformat(),
        },
        "refused": {name: words.refusal(each) for name, each in look.refused.items()},
        "failed": dict(look.failed),
        "left": list(look.left),
        "cancelled": list(state.cancelled),
    }
