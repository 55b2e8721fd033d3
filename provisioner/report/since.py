"""What was applied since some time, by the record alone: newest first, whose merge request, by whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from provisioner.line import Line, Style, signed
from provisioner.reconcile.entry import EntryError, Stamp
from provisioner.reconcile.model import Key
from provisioner.reconcile.record import Record
from provisioner.report.stamps import run_parts, stamp_document

FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of the record. `owner`: the team, where a file declares it."""

    key: Key
    owner: str
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class Since:
    """One cluster's. `since`: ISO 8601, in UTC; `unclear`: entries that are not understood."""

    cluster: str
    since: str
    record: Record = field(default_factory=Record)
    rows: Sequence[Row] = ()
    unclear: Mapping[Key, str] = field(default_factory=dict)


def since(
    cluster: str, record: Record, moment: str, owners: Mapping[str, str], selects: Callable[[Key], bool]
) -> Since:
    """The entries written at `moment` or later; the times of all of them are in UTC, and compare as text.

    `owners`: name -> team; `selects`: which of them are asked for.
    """
    rows, unclear = [], {key: why for key, why in record.unclear.items() if selects(key)}
    for key in filter(selects, record.texts):
        try:
            applied = record.applied(key)
        except EntryError as error:
            unclear[key] = str(error)
            continue
        if applied is not None and applied.stamp.at >= moment:
            rows.append(Row(key, owners.get(key.name, ""), applied.stamp))
    by_name = sorted(rows, key=lambda row: row.key)
    return Since(cluster, moment, record, sorted(by_name, key=lambda row: row.stamp.at, reverse=True), unclear)


def lines(found: Since) -> Iterator[Line]:
    """A line each."""
    yield Line(f"cluster {found.cluster}, applied since {found.since[:16]}")
    if not found.record.is_readable:
        yield signed("!", Style.ALARM, f"the record {found.record.name} cannot be read: {found.record.why}")
    elif not found.record.is_kept:
        yield Line("nothing is kept on record of this cluster")
    for row in found.rows:
        what = [f"{row.key.kind} {row.key.name}", row.owner, (row.stamp.commit or "")[:12], *run_parts(row.stamp)]
        yield Line("   ".join([row.stamp.at[:16], *filter(None, what)]))
    for key, why in sorted(found.unclear.items()):
        yield signed("?", Style.UNKNOWN, f"{key.kind} {key.name}: its entry is not understood: {why}")
    yield Line(f"Applied since: {len(found.rows) or 'nothing'}.")


def document(found: Sequence[Since]) -> dict[str, Any]:
    """All clusters."""
    return {"format_version": FORMAT_VERSION, "clusters": [_cluster(each) for each in found]}


def _cluster(found: Since) -> dict[str, Any]:
    rows = [
        {"kind": row.key.kind, "name": row.key.name, "owner": row.owner or None, **(stamp_document(row.stamp) or {})}
        for row in found.rows
    ]
    unclear = [{"kind": key.kind, "name": key.name, "why": why} for key, why in sorted(found.unclear.items())]
    head = {"cluster": found.cluster, "since": found.since, "unreadable": found.record.why or None}
    return {**head, "applied": rows, "unclear": unclear}
