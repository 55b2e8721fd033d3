"""What the groups of a topic may be late, each by its own limit: one piece of PromQL for all of them.

A limit costs a piece with its number in it and the name of its group. What all limits share (who has read how far,
where the log begins and ends) is asked once: with the limit as a label, each group is held against its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count

from provisioner.catalog.units import Duration
from provisioner.profiles.groups import Groups
from provisioner.profiles.metric import GROUP, Metric
from provisioner.profiles.promql import Fragment, any_of

LABEL = "limit"
"""Tells apart whose limit a piece is; no exporter has it."""


@dataclass(frozen=True, slots=True)
class Limit:
    """The groups whose alert fires when a message is older than `lag`, `slack` offsets in each partition allowed.

    `window`: how far back the alert looks over the holes of scrapes.
    """

    lag: Duration
    slack: int
    window: Duration
    groups: Groups


def late(log_end: Metric, committed: Metric, limits: Sequence[Limit], log_start: Metric, ignored: str) -> Fragment:
    """Unread messages older than the limit of the group, by group and partition; nothing where none is.

    `ignored`: a regular expression of groups that are none of the others.
    """
    read = _Read(log_end, committed, log_start, ignored)
    return _joined(read.late([each for each in limits if each.slack == slack]) for slack in _slacks(limits))


def limits_of(lag: Metric, limits: Sequence[Limit], ignored: str, marked: bool) -> Fragment:
    """The seconds of its limit, by group; `marked`: each limit once, in a label `limit` too."""

    def pieces(alone: bool) -> list[str]:
        found = [each for each in limits if _is_alone(each) == alone]
        texts = [_seconds_of_one(lag, each) if alone else _seconds_of_many(lag, each, ignored) for each in found]
        marks = [_literal(lag, str(each.lag)) for each in found]
        return [_replaced(*one) for one in zip(texts, [LABEL] * len(marks), marks, strict=True)] if marked else texts

    known = [f"{_joined(named)} and on ({_label(lag)}) {lag} >= 0"] if (named := pieces(alone=True)) else []
    found = _joined([*known, *pieces(alone=False)])
    return Fragment(f"max by ({LABEL}) ({found})") if marked else found


def _seconds_of_one(lag: Metric, limit: Limit) -> str:
    return _replaced(f"vector({limit.lag.seconds})", _label(lag), _literal(lag, limit.groups.names[0]))


def _seconds_of_many(lag: Metric, limit: Limit, ignored: str) -> str:
    return f"{limit.lag.seconds} * group by ({_label(lag)}) ({limit.groups.narrow(lag, ignored)} >= 0)"


def limited(metric: Metric, limits: Sequence[Limit], ignored: str) -> Fragment:
    """The metric of every group that has a limit."""
    names = [name for each in limits if not each.groups.others for name in each.groups.names]
    others = [each.groups for each in limits if each.groups.others]
    without = [name for each in others for name in each.names if name not in names]
    pieces = [Groups(tuple(names)).narrow(metric)] if names else []
    # Who is named has a limit, also where the name is like those that are ignored.
    return _joined([*pieces, *(Groups(tuple(without), others=True).narrow(metric, ignored) for _ in others)])


def _slacks(limits: Iterable[Limit]) -> list[int]:
    return sorted({each.slack for each in limits})


@dataclass(frozen=True, slots=True)
class _Read:
    log_end: Metric
    committed: Metric
    log_start: Metric
    ignored: str

    def late(self, limits: Sequence[Limit]) -> str:
        """By limits of one slack."""
        if len(limits) == 1:
            alone = limits[0]
            return self._unread(alone.slack, self.log_end.ago(str(alone.lag)), self._narrowed(alone), "")
        labels = f"{self.log_end.labels}, {LABEL}"
        then = _joined(_replaced(self.log_end.ago(str(each.lag)).each, LABEL, self._key(each)) for each in limits)
        return self._unread(limits[0].slack, f"max by ({labels}) ({then})", self._keyed(limits), f", {LABEL}")

    def _narrowed(self, limit: Limit) -> str:
        return limit.groups.narrow(self.committed, self.ignored)

    def _unread(self, slack: int, then: str, read: str, more: str) -> str:
        labels, many = self.log_end.labels, " group_left ()" if more else ""
        there = f"({then} <= on ({labels}){many} {self.log_end}) > on ({labels}){many} {self.log_start}"
        return f"({there}) - on ({labels}{more}) group_right () ({read} >= 0) > {slack}"

    def _key(self, limit: Limit) -> str:
        """The others' has none, as a group that nobody named."""
        return '""' if limit.groups.others else _literal(self.committed, limit.groups.names[0])

    def _keyed(self, limits: Sequence[Limit]) -> str:
        """How far each group has read, with its limit as a label."""
        group, quote, text = _label(self.committed), self.committed.selection.quote, str(self.committed)
        shared = [each for each in limits if not each.groups.others and len(each.groups.names) > 1]
        if any(each.groups.others for each in limits) and self.ignored:
            text = _replaced(text, LABEL, _literal(self.committed, _no_key(limits)), group, quote(self.ignored))
        if names := _alone(limits):
            text = _replaced(text, LABEL, '"$1"', group, quote(f"({any_of(names)})"))
        for each in shared:
            text = _replaced(text, LABEL, self._key(each), group, quote(any_of(each.groups.names)))
        return text


def _alone(limits: Sequence[Limit]) -> list[str]:
    """The groups that are a key of their own: those with a limit that no other has, and those that have none here."""
    shared = {name for each in limits if not each.groups.others and not _is_alone(each) for name in each.groups.names}
    found = dict.fromkeys(name for each in limits for name in each.groups.names)
    return [name for name in found if name not in shared]


def _no_key(limits: Sequence[Limit]) -> str:
    names = {name for each in limits for name in each.groups.names}
    return next(mark for size in count(1) if (mark := "-" * size) not in names)


def _is_alone(limit: Limit) -> bool:
    return len(limit.groups.names) == 1 and not limit.groups.others


def _label(metric: Metric) -> str:
    return metric.series.labels[metric.series.shape.index(GROUP)]


def _literal(metric: Metric, text: str) -> str:
    """As `label_replace` takes it in place of a value, where `$` begins a reference."""
    return metric.selection.quote(text.replace("$", "$$"))


def _replaced(text: str, label: str, value: str, source: str = "", pattern: str = '""') -> str:
    return f'label_replace({text},"{label}",{value},"{source}",{pattern})'


def _joined(pieces: Iterable[str]) -> Fragment:
    """As one operand, in brackets."""
    texts = [f"({each})" for each in pieces]
    return Fragment(f"({' or '.join(texts)})" if len(texts) > 1 else "".join(texts))
