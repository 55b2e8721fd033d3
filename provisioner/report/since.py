"""What was applied since some time, by the record alone: newest first, whose merge request, by whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from provisioner.line import Line, Style, signed
from provisioner.reconcile.entry import EntryError, Stamp
from provisioner.reconcile.kind import Kind
from provisioner.reconcile.model import Key
from provisioner.reconcile.record import Record
from provisioner.report import folding
from provisioner.report.stamps import run_parts, stamp_document
from provisioner.report.summary import counted_of

FORMAT_VERSION = 1
NAMED = 3
"""How many names a line of many has, besides the last one."""


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of the record. `owner`: the team, where a file declares it."""

    key: Key
    owner: str
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class Since:
    """One cluster's. `since`: ISO 8601, in UTC; `unclear`: entries that are not understood; `kinds`: in their order."""

    cluster: str
    since: str
    record: Record = field(default_factory=Record)
    rows: Sequence[Row] = ()
    unclear: Mapping[Key, str] = field(default_factory=dict)
    kinds: Sequence[Kind[Any]] = ()


def since(
    cluster: str,
    record: Record,
    moment: str,
    owners: Mapping[str, str],
    selects: Callable[[Key], bool],
    kinds: Sequence[Kind[Any]] = (),
) -> Since:
    """The entries written at `moment` or later; the times of all of them are in UTC, and compare as text.

    Newest first, run by run, and in each by name and in the order of the kinds. `owners`: name -> team; `selects`:
    which of them are asked for.
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
    order = [kind.name for kind in kinds]
    rows.sort(key=lambda row: (row.key.name, order.index(row.key.kind) if row.key.kind in order else len(order)))
    rows.sort(key=lambda row: (row.stamp.at, row.stamp.commit or "", sorted(row.stamp.run.items())), reverse=True)
    return Since(cluster, moment, record, rows, unclear, kinds)


def lines(found: Since) -> Iterator[Line]:
    """Run by run, with what each of them applied; what is alike but for names is one line."""
    yield Line(f"cluster {found.cluster}, applied since {found.since[:16]}")
    if not found.record.is_readable:
        yield signed("!", Style.ALARM, f"the record {found.record.name} cannot be read: {found.record.why}")
    elif not found.record.is_kept:
        yield Line("nothing is kept on record of this cluster")
    for stamp, rows in groupby(found.rows, key=lambda row: row.stamp):
        yield Line(", ".join([f"{stamp.at[:16]}  {(stamp.commit or '')[:12]}".rstrip(), *run_parts(stamp)]))
        yield from _run(found, list(rows))
    for key, why in sorted(found.unclear.items()):
        yield signed("?", Style.UNKNOWN, f"{key.kind} {key.name}: its entry is not understood: {why}")
    if found.record.is_kept:
        yield Line(f"Applied since: {_counted(found, found.rows) or 'nothing'}.")


def _run(found: Since, rows: Sequence[Row]) -> Iterator[Line]:
    """What belongs to one name is one line: the topic, its alerts, its dashboard."""
    by_name: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        by_name.setdefault((row.key.name, row.owner), []).append(row)
    for run in folding.grouped(list(by_name.values()), lambda those: tuple(row.key.kind for row in those)):
        yield Line(f"    {_line(found, run)}")


def _line(found: Since, run: Sequence[Sequence[Row]]) -> str:
    first, names = run[0][0], [those[0].key.name for those in run]
    if len(run) == 1:
        return f"{', '.join(dict.fromkeys(row.key.kind for row in run[0]))} {first.key.name}   {first.owner}".rstrip()
    counted = _counted(found, [row for those in run for row in those])
    teams = folding.by_team(those[0].owner for those in run)
    return f"{counted}{teams}: {', '.join(names[:NAMED])}, ... {names[-1]}"


def _counted(found: Since, rows: Sequence[Row]) -> str:
    """`3 topics, 3 alert sets`."""
    counts, nouns = Counter(row.key.kind for row in rows), {kind.name: kind for kind in found.kinds}
    ordered = [*(name for name in nouns if name in counts), *(name for name in counts if name not in nouns)]
    return ", ".join(
        counted_of(counts[name], nouns[name]) if name in nouns else f"{counts[name]} {name}" for name in ordered
    )


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
