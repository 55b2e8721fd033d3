"""The age of the oldest unread message, from offsets alone.

As a graph: a ladder of rungs, interpolated between them. Exact at each rung, so the threshold of an alert belongs among
them. Between two rungs messages count as evenly spread: where they came at once, the age may be anything up to the
upper one. Beyond the last rung it stands still.

At one instant: how many steps back the log end was above what is committed now. At most one step too little, however
messages came; on a graph it would look at all those steps for each of its points.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from provisioner.profiles.metric import GROUP, Metric
from provisioner.profiles.promql import Fragment

MAX_RUNGS = 24
STEPS, SHORTEST_STEP = 720, 30
"""Looks back at most so many steps of at least so many seconds: 6 h by 30 s."""


def unread_age(log_end: Metric, committed: Metric, rungs: Iterable[int], log_start: Metric | None = None) -> Fragment:
    """Seconds, per group. `rungs`: seconds; at most 24 of them are used. What lies before `log_start` is deleted."""
    steps = sorted({0, *(rung for rung in rungs if rung > 0)})[: MAX_RUNGS + 1]
    read = f"({committed} >= 0)"
    pieces = [_rung(log_end, log_start, read, low, high) for low, high in pairwise(steps)]
    pieces.append(_marked(f"0 * {read}", "read"))
    group = committed.series.labels[committed.series.shape.index(GROUP)]
    return Fragment(f"max by ({group}) (\n  " + "\n  or ".join(pieces) + "\n)")


def unread_age_now(log_end: Metric, committed: Metric, longest: int, log_start: Metric) -> Fragment:
    """Seconds, per group, in an instant query; at most `longest`. What lies before `log_start` is deleted."""
    step = max(SHORTEST_STEP, -(-longest // STEPS))
    there = f"({log_end} <= {log_end.fixed()}) > {log_start.fixed()}"
    unread = f"({there}) - on ({log_end.labels}) group_right () ({committed.fixed()} >= 0) > 0"
    group = committed.series.labels[committed.series.shape.index(GROUP)]
    # The first of them is now, when a message is unread that came this moment.
    counted = f"{step} * (max by ({group}) (count_over_time(({unread})[{longest}s:{step}s])) - 1)"
    return Fragment(f"{counted} or 0 * max by ({group}) ({committed} >= 0)")


def _rung(log_end: Metric, log_start: Metric | None, read: str, low: int, high: int) -> str:
    labels = log_end.labels
    unread = f"({_end(log_end, log_start, low)} - on ({labels}) group_right () {read} > 0)"
    written = f"({_at(log_end, low)} - {_at(log_end, high)})"
    return _marked(f"{low} + {high - low} * clamp({unread} / on ({labels}) group_left () {written}, 0, 1)", str(low))


def _end(log_end: Metric, log_start: Metric | None, seconds: int) -> str:
    """The log's end so long ago; nothing if the topic was made again since, or if all before that is deleted."""
    then = f"({_at(log_end, seconds)} <= {log_end})" if seconds else str(log_end)
    return f"({then} > {log_start})" if log_start else then


def _at(metric: Metric, seconds: int) -> Metric:
    return metric.ago(f"{seconds}s") if seconds else metric


def _marked(text: str, rung: str) -> str:
    """Each piece has a label of its own, or `or` would keep only the first."""
    return f'label_replace({text}, "rung", "{rung}", "", "")'
