"""Drift as text, by team: each difference in its versions, who made it, and which run applied what was there before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from provisioner.line import Line, Style, signed
from provisioner.reconcile import plain_words
from provisioner.reconcile.drift import Difference, Verdict
from provisioner.reconcile.kind import Kind
from provisioner.reconcile.model import Key
from provisioner.reconcile.scope import WHOLE
from provisioner.report.drift import Drift, common, counted, own_unknown
from provisioner.report.stamps import stamped
from provisioner.report.summary import counted_of


def lines(drift: Drift) -> Iterator[Line]:
    """Team by team and resource by resource, then one line of counts."""
    yield Line(f"cluster {drift.cluster}, {_since(drift)}")
    yield from alarms(drift)
    for owner, differences in groupby(drift.in_order, key=lambda one: one.owner):
        yield from _team(drift, owner, list(differences))
    yield from unknown(drift)
    yield from _ways(drift)
    yield Line(_summary(drift))


def alarms(drift: Drift) -> Iterator[Line]:
    """What could not be asked at all."""
    if not drift.record.is_readable:
        yield signed("!", Style.ALARM, f"the record {drift.record.name} cannot be read: {drift.record.why}")
    yield from (signed("!", Style.ALARM, f"{kind}: {why}") for kind, why in drift.stopped.items())


def _team(drift: Drift, owner: str, differences: Sequence[Difference]) -> Iterator[Line]:
    yield Line(f"{owner or 'no team'}: {_counts(counted(drift, differences))}")
    for key, group in groupby(differences, key=lambda one: one.key):
        yield from _resource(drift, key, list(group))


def _since(drift: Drift) -> str:
    run = drift.record.run.stamp if drift.record.run else None
    if run is not None:
        commit = f" {run.commit[:12]}" if run.commit else ""
        return f"last applied{commit} {run.at[:16]}".rstrip()
    if drift.base:
        return f"compared with what {drift.base[:12]} asked for"
    what = "nothing is on record" if drift.record.is_readable else "what was applied is not known"
    return f"{what}: who changed what cannot be told"


def unknown(drift: Drift) -> Iterator[Line]:
    """What nothing is known of, by kind and reason; nothing here may be taken for agreement."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for key, why in sorted(own_unknown(drift).items()):
        reasons.setdefault((key.kind, why), []).append(key.name)
    for (kind, why), names in reasons.items():
        shown = ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
        counted = counted_of(len(names), drift.kind(kind))
        yield signed("?", Style.UNKNOWN, f"{counted} not known ({shown}): {why}")


def _resource(drift: Drift, key: Key, differences: Sequence[Difference]) -> Iterator[Line]:
    first = differences[0]
    yield signed("~", Style.CHANGED, f"{key.kind} {key.name}   {first.span.path}:{first.span.line}")
    if stamp := stamped(drift.stamp(key)):
        yield Line(f"    last applied {stamp}")
    yield from (line.indented(4) for line in told(drift, key, differences))


def told(drift: Drift, key: Key, differences: Sequence[Difference]) -> Iterator[Line]:
    """What differs of one resource: field by field, or in its kind's own words."""
    if drift.is_worded(key):
        yield from _words(drift, differences)
        return
    width = max(len(one.field) for one in differences)
    for one in differences:
        row = _row(one, drift.kind(key.kind))
        yield Line(row if one.field == WHOLE else f"{one.field:<{width}}  {row}")


def _words(drift: Drift, differences: Sequence[Difference]) -> Iterator[Line]:
    """As a plan words it; what was changed by hand is shown from what is declared to what is there."""
    verdict, change = common(differences), drift.changes[differences[0].key]
    if verdict is Verdict.BY_HAND:
        change = replace(change, before=change.after, after=change.before)
    yield Line(f"{verdict}:")
    yield from (Line(f"  {sentence}") for sentence in drift.kind(change.key.kind).sentences(change))


def _row(one: Difference, kind: Kind[Any]) -> str:
    values = (one.live, one.declared, one.base)
    live, declared, base = (plain_words.value(one.field, value, kind.shown) for value in values)
    if one.verdict is Verdict.NOT_APPLIED:
        return f"{one.verdict}: {live} -> {declared}"
    if one.verdict in (Verdict.BY_HAND, Verdict.GONE):
        return f"{one.verdict}: {declared} -> {live}"
    if one.verdict is Verdict.BOTH:
        return f"{one.verdict}: applied {base}, declared {declared}, live {live}"
    if one.verdict is Verdict.ADDED:
        return f"{one.verdict}: {live}"
    return f"{one.verdict}: declared {declared}, live {live}"


def _ways(drift: Drift) -> Iterator[Line]:
    """What to do about what was changed by hand, where there is anything to do and the record lets it be done."""
    if not drift.record.is_readable:
        return
    by_hand = [one for one in drift.differences if one.verdict is not Verdict.NOT_APPLIED]
    ways = [drift.ways[at] for one in by_hand if (at := (one.key, one.field)) in drift.ways]
    if any(way.adopt for way in ways):
        yield Line(f"  = to keep it: provisioner drift --cluster {drift.cluster} --adopt [--topic NAME]", Style.NOTE)
    if any(way.undo for way in ways):
        undo = f"provisioner apply --cluster {drift.cluster} --scope all --topic NAME"
        yield Line(f"  = to undo it, by name: {undo}", Style.NOTE)


def _summary(drift: Drift) -> str:
    parts = [counts] if (counts := _counts(counted(drift, drift.differences))) else []
    parts += [f"{count} not known"] if (count := len(own_unknown(drift))) else []
    return f"Drift: {', '.join(parts) or 'none'}."


def _counts(counts: Counter[Verdict]) -> str:
    return ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict])
