"""The age of the oldest unread message as a graph, from offsets alone: a ladder of rungs, interpolated between them.

Exact at each rung, so the threshold of an alert belongs among them; between two rungs messages count as evenly
spread. Beyond the last rung it stands still.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from provisioner.profiles.metric import GROUP, Metric
from provisioner.profiles.promql import Fragment

MAX_RUNGS = 24


def unread_age(log_end: Metric, committed: Metric, rungs: Iterable[int]) -> Fragment:
    """Seconds, per group. `rungs`: seconds; at most 24 of them are used."""
    steps = sorted({0, *(rung for rung in rungs if rung > 0)})[: MAX_RUNGS + 1]
    read = f"({committed} >= 0)"
    pieces = [_rung(log_end, read, low, high) for low, high in pairwise(steps)]
    pieces.append(_marked(f"0 * {read}", "read"))
    group = committed.series.labels[committed.series.shape.index(GROUP)]
    return Fragment(f"max by ({group}) (\n  " + "\n  or ".join(pieces) + "\n)")


def _rung(log_end: Metric, read: str, low: int, high: int) -> str:
    then, before = _at(log_end, low), _at(log_end, high)
    labels = _listed(log_end.series.labels)
    unread = f"({then} - on ({labels}) group_right () {read} > 0)"
    share = f"clamp_max({unread} / on ({labels}) group_left () ({then} - {before}), 1)"
    return _marked(f"{low} + {high - low} * {share}", str(low))


def _at(metric: Metric, seconds: int) -> Metric:
    return metric.ago(f"{seconds}s") if seconds else metric


def _marked(text: str, rung: str) -> str:
    """Each piece has a label of its own, or `or` would keep only the first."""
    return f'label_replace({text}, "rung", "{rung}", "", "")'


def _listed(labels: Sequence[str]) -> str:
    return ", ".join(labels)
