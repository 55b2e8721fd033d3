"""Drift as text and JSON: each difference in its three versions, and who made it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from provisioner.line import Line, Style, signed
from provisioner.reconcile import plain_words
from provisioner.reconcile.change import Action, Change
from provisioner.reconcile.drift import Difference, Verdict
from provisioner.reconcile.kind import Kind
from provisioner.reconcile.model import Key
from provisioner.reconcile.record import Record
from provisioner.reconcile.scope import WHOLE
from provisioner.report.summary import counted_of

FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class Drift:
    """One cluster's differences. `stopped`: kinds whose store did not answer, and why; `unknown`: what was not read.

    `record`: what was applied.
    `changes`: what an apply would do, from live to declared; `kinds`: those that were looked at.
    """

    cluster: str
    base: str | None
    differences: Sequence[Difference]
    stopped: Mapping[str, str]
    unknown: Mapping[Key, str] = field(default_factory=dict)
    changes: Mapping[Key, Change[Any]] = field(default_factory=dict)
    kinds: tuple[Kind[Any], ...] = ()
    record: Record = field(default_factory=Record)

    def kind(self, name: str) -> Kind[Any]:
        """The kind of that name: every difference is of one of `kinds`."""
        return next(kind for kind in self.kinds if kind.name == name)

    def is_worded(self, key: Key) -> bool:
        """True where the difference is told in words, its fields being for programs."""
        change = self.changes.get(key)
        return change is not None and change.action is Action.UPDATE and self.kind(key.kind).worded


def lines(drift: Drift) -> Iterator[Line]:
    """Resource by resource, then one line of counts."""
    yield Line(f"cluster {drift.cluster}, {_since(drift)}")
    if not drift.record.is_readable:
        yield signed("!", Style.ALARM, f"the record {drift.record.name} cannot be read: {drift.record.why}")
    yield from (signed("!", Style.ALARM, f"{kind}: {why}") for kind, why in drift.stopped.items())
    order = [kind.name for kind in drift.kinds]
    ordered = sorted(drift.differences, key=lambda one: (order.index(one.key.kind), one.key, one.field))
    for key, group in groupby(ordered, key=lambda one: one.key):
        yield from _resource(drift, key, list(group))
    yield from _unknown(drift)
    yield Line(_summary(drift))


def _since(drift: Drift) -> str:
    run = drift.record.run.stamp if drift.record.run else None
    if run is not None:
        commit = f" {run.commit[:12]}" if run.commit else ""
        return f"last applied{commit} {run.at[:16]}".rstrip()
    if drift.base:
        return f"compared with what {drift.base[:12]} asked for"
    what = "nothing is on record" if drift.record.is_readable else "what was applied is not known"
    return f"{what}: who changed what cannot be told"


def _unknown(drift: Drift) -> Iterator[Line]:
    """What nothing is known of, by kind and reason; nothing here may be taken for agreement."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for key, why in sorted(drift.unknown.items()):
        reasons.setdefault((key.kind, why), []).append(key.name)
    for (kind, why), names in reasons.items():
        shown = ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
        counted = counted_of(len(names), drift.kind(kind))
        yield signed("?", Style.UNKNOWN, f"{counted} not known ({shown}): {why}")


def _resource(drift: Drift, key: Key, differences: Sequence[Difference]) -> Iterator[Line]:
    first = differences[0]
    head = f"{key.kind} {key.name}   {first.owner}   {first.span.path}:{first.span.line}"
    yield signed("~", Style.CHANGED, head)
    if drift.is_worded(key):
        yield from _words(drift, differences)
        return
    width = max(len(one.field) for one in differences)
    for one in differences:
        told = _row(one, drift.kind(key.kind))
        yield Line(f"    {told}" if one.field == WHOLE else f"    {one.field:<{width}}  {told}")


def _words(drift: Drift, differences: Sequence[Difference]) -> Iterator[Line]:
    """As a plan words it; what was changed by hand is shown from what is declared to what is there."""
    verdict, change = _common(differences), drift.changes[differences[0].key]
    if verdict is Verdict.BY_HAND:
        change = replace(change, before=change.after, after=change.before)
    yield Line(f"    {verdict}:")
    yield from (Line(f"      {sentence}") for sentence in drift.kind(change.key.kind).sentences(change))


def _common(differences: Sequence[Difference]) -> Verdict:
    verdicts = {one.verdict for one in differences}
    return verdicts.pop() if len(verdicts) == 1 else Verdict.BOTH


def _counted(drift: Drift) -> Counter[Verdict]:
    """Field by field; a resource that is told in words is one difference."""
    by_key: dict[Key, list[Difference]] = {}
    for one in drift.differences:
        by_key.setdefault(one.key, []).append(one)
    groups = (
        [_common(some)] if drift.is_worded(key) else [one.verdict for one in some] for key, some in by_key.items()
    )
    return Counter(verdict for group in groups for verdict in group)


def _row(one: Difference, kind: Kind[Any]) -> str:
    values = (one.live, one.declared, one.base)
    live, declared, base = (plain_words.value(one.field, value, kind.shown) for value in values)
    if one.verdict is Verdict.NOT_APPLIED:
        return f"{one.verdict}: {live} -> {declared}"
    if one.verdict is Verdict.BY_HAND:
        return f"{one.verdict}: {declared} -> {live}"
    if one.verdict is Verdict.BOTH:
        return f"{one.verdict}: applied {base}, declared {declared}, live {live}"
    return f"{one.verdict}: declared {declared}, live {live}"


def _summary(drift: Drift) -> str:
    counts = _counted(drift)
    parts = [f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict]]
    parts += [f"{len(drift.unknown)} not known"] if drift.unknown else []
    return f"Drift: {', '.join(parts) or 'none'}."


def document(drifts: Sequence[Drift]) -> dict[str, Any]:
    """All clusters as one JSON document."""
    return {"format_version": FORMAT_VERSION, "clusters": [_cluster(drift) for drift in drifts]}


def _cluster(drift: Drift) -> dict[str, Any]:
    told = [_difference(one) for one in sorted(drift.differences, key=lambda one: (one.key, one.field))]
    unknown = [{"kind": key.kind, "name": key.name, "why": why} for key, why in sorted(drift.unknown.items())]
    head = {"cluster": drift.cluster, "base": drift.base, "stopped": dict(drift.stopped)}
    return {**head, "unknown": unknown, "differences": told}


def _difference(one: Difference) -> dict[str, Any]:
    return {
        "kind": one.key.kind,
        "name": one.key.name,
        "owner": one.owner,
        "place": {"file": one.span.path, "line": one.span.line, "column": one.span.column},
        "field": one.field or None,
        "declared": one.declared,
        "applied": one.base,
        "live": one.live,
        "verdict": str(one.verdict),
    }
