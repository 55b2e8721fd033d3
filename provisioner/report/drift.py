"""Drift as text and JSON: each difference in its three versions, and who made it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from provisioner import printable
from provisioner.catalog.topic_config import shown
from provisioner.reconcile.drift import WHOLE, Difference, Verdict
from provisioner.reconcile.model import Action, Change, Key
from provisioner.report import wording
from provisioner.report.summary import counted_of

FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class Drift:
    """One cluster's differences. `stopped`: kinds whose store did not answer, and why; `unknown`: what was not read.

    `changes`: what an apply would do, from live to declared; for kinds whose fields nobody can read.
    """

    cluster: str
    base: str | None
    differences: Sequence[Difference]
    stopped: Mapping[str, str]
    unknown: Mapping[Key, str] = field(default_factory=dict)
    changes: Mapping[Key, Change[Any]] = field(default_factory=dict)


def text(drift: Drift) -> str:
    """Resource by resource, then one line of counts."""
    since = (
        f"last applied {drift.base[:12]}" if drift.base else "no last apply is known: who changed what cannot be told"
    )
    lines = [f"cluster {drift.cluster}, {since}"]
    lines += [f"! {kind}: {why}" for kind, why in drift.stopped.items()]
    ordered = sorted(drift.differences, key=lambda one: (one.key.kind != "topic", one.key, one.field))
    for key, group in groupby(ordered, key=lambda one: one.key):
        lines += _resource(f"{key.kind} {key.name}", list(group), drift.changes.get(key))
    return printable.lines([*lines, *_unknown(drift), _summary(drift)])


def _unknown(drift: Drift) -> Iterator[str]:
    """What nothing is known of, by kind and reason; nothing here may be taken for agreement."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for key, why in sorted(drift.unknown.items()):
        reasons.setdefault((key.kind, why), []).append(key.name)
    for (kind, why), names in reasons.items():
        shown = ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
        yield f"? {counted_of(len(names), kind)} not known ({shown}): {why}"


def _resource(name: str, differences: Sequence[Difference], change: Change[Any] | None) -> Iterator[str]:
    first = differences[0]
    yield f"~ {name}   {first.owner}   {first.span.path}:{first.span.line}".rstrip()
    if change and _is_worded(change):
        yield from _words(differences, change)
        return
    width = max(len(one.field) for one in differences)
    for one in differences:
        yield f"    {one.field:<{width}}  {_told(one)}".replace("      ", "    ", 1 if one.field == WHOLE else 0)


def _is_worded(change: Change[Any]) -> bool:
    return change.action is Action.UPDATE and wording.is_worded(change)


def _words(differences: Sequence[Difference], change: Change[Any]) -> Iterator[str]:
    """As a plan words it; what was changed by hand is shown from what is declared to what is there."""
    verdict = _common(differences)
    if verdict is Verdict.BY_HAND:
        change = replace(change, before=change.after, after=change.before)
    yield f"    {verdict}:"
    yield from (f"      {sentence}" for sentence in wording.sentences(change))


def _common(differences: Sequence[Difference]) -> Verdict:
    verdicts = {one.verdict for one in differences}
    return verdicts.pop() if len(verdicts) == 1 else Verdict.BOTH


def _counted(drift: Drift) -> Counter[Verdict]:
    """Field by field; a resource that is told in words is one difference."""
    worded = {key for key, change in drift.changes.items() if _is_worded(change)}
    by_key: dict[Key, list[Difference]] = {}
    for one in drift.differences:
        by_key.setdefault(one.key, []).append(one)
    groups = ([_common(some)] if key in worded else [one.verdict for one in some] for key, some in by_key.items())
    return Counter(verdict for group in groups for verdict in group)


def _told(one: Difference) -> str:
    live, declared, base = (_value(one, value) for value in (one.live, one.declared, one.base))
    if one.verdict is Verdict.NOT_APPLIED:
        return f"{one.verdict}: {live} -> {declared}"
    if one.verdict is Verdict.BY_HAND:
        return f"{one.verdict}: {declared} -> {live}"
    if one.verdict is Verdict.BOTH:
        return f"{one.verdict}: applied {base}, declared {declared}, live {live}"
    return f"{one.verdict}: declared {declared}, live {live}"


def _value(one: Difference, value: str | None) -> str:
    return "(not set)" if value is None else printable.cut(shown(one.field.removeprefix("config."), value))


def _summary(drift: Drift) -> str:
    counts = _counted(drift)
    parts = [f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict]]
    parts += [f"{len(drift.unknown)} not known"] if drift.unknown else []
    return f"Drift: {', '.join(parts) or 'none'}."


def document(drifts: Sequence[Drift]) -> str:
    """All clusters as one JSON document."""
    made = {"format_version": FORMAT_VERSION, "clusters": [_cluster(drift) for drift in drifts]}
    return json.dumps(made, indent=2)


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
