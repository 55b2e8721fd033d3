"""How late consumer groups are, as a table, worst first, and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from provisioner.lag import words
from provisioner.lag.judgement import Row, Share, State
from provisioner.line import Line, Style, signed

FORMAT_VERSION = 1
MOST_ROWS = 200
MOST_UNPLACED = 5
WIDEST = 40
"""Columns that a value is padded to; a longer one is shown whole."""

_HEADS = ("group", "topic", "partition", "unread", "oldest", "limit", "team", "chat", "state")
_SIGNS: Mapping[State, tuple[str, Style]] = {
    State.LATE: ("!", Style.ALARM),
    State.UNKNOWN: ("?", Style.UNKNOWN),
    State.NEVER: ("~", Style.CHANGED),
}
_COUNTED = {
    State.LATE: "late",
    State.UNKNOWN: "not known",
    State.NEVER: "never committed",
    State.BEHIND: "behind and not late",
    State.READ: "with nothing unread",
}


@dataclass(frozen=True, slots=True)
class Look:
    """One cluster. `rows`: worst first; `unplaced`: groups of which nothing is known, and why; `gaps`: likewise words.

    `partitions`: they are shown, too. `stopped`: why nothing was read at all.
    """

    cluster: str
    cluster_id: str | None = None
    rows: Sequence[Row] = ()
    unplaced: Mapping[str, str] = field(default_factory=dict)
    gaps: Sequence[str] = ()
    partitions: bool = False
    stopped: str = ""

    @property
    def is_unclear(self) -> bool:
        """True where anything that was asked for is not known."""
        return bool(self.unplaced or self.gaps) or any(row.is_unclear for row in self.rows)

    @property
    def is_late(self) -> bool:
        """True where a group is later than it may be."""
        return any(row.state is State.LATE for row in self.rows)


def lines(look: Look, verbose: bool) -> Iterator[Line]:
    """A line a group and topic; with `verbose` all of them, and their partitions."""
    if look.stopped:
        yield signed("!", Style.ALARM, f"cluster {look.cluster}: {look.stopped}")
        return
    yield Line(f"cluster {look.cluster}" + (f" (id {look.cluster_id})" if look.cluster_id else ""))
    shown = look.rows if verbose else look.rows[:MOST_ROWS]
    yield from _table(shown, verbose or look.partitions)
    if more := len(look.rows) - len(shown):
        yield Line(f"  ... and {more} more, none of them worse; --verbose shows all")
    yield from _gaps(look)
    yield Line(f"Lag: {_counts(look.rows)}.")


def _table(rows: Sequence[Row], partitions: bool) -> Iterator[Line]:
    cells = [_cells(row) for row in rows]
    widths = [max(len(each[at]) for each in (_HEADS, *cells)) for at in range(len(_HEADS))]
    if rows:
        yield Line("  " + _aligned(_HEADS, widths))
    for row, each in zip(rows, cells, strict=True):
        sign, style = _SIGNS.get(row.state, (" ", Style.PLAIN))
        yield signed(sign, style, _aligned(each, widths))
        if partitions:
            yield from (Line(f"      partition {each.partition}: {words.share(each)}") for each in row.shares)


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [f"{cell:<{min(width, WIDEST)}}" for cell, width in zip(cells[:-1], widths, strict=False)]
    return "  ".join([*padded, cells[-1]])


def _cells(row: Row) -> tuple[str, ...]:
    worst, threshold = row.worst, row.threshold
    is_behind = worst is not None and row.age is not None
    return (
        row.group,
        row.topic,
        str(worst.partition) if is_behind and worst else "-",
        "-" if row.unread is None else str(row.unread),
        words.span(row.age) if row.age is not None else "-",
        words.limit(row),
        threshold.team,
        threshold.chat or "-",
        words.state(row),
    )


def _gaps(look: Look) -> Iterator[Line]:
    for name, why in list(look.unplaced.items())[:MOST_UNPLACED]:
        yield signed("?", Style.UNKNOWN, f"{why}: whether group {name} reads these topics is not known")
    if (more := len(look.unplaced) - MOST_UNPLACED) > 0:
        yield signed("?", Style.UNKNOWN, f"of {more} more groups that is not known either")
    yield from (signed("?", Style.UNKNOWN, gap) for gap in look.gaps)


def _counts(rows: Sequence[Row]) -> str:
    counts = Counter(row.state for row in rows)
    return ", ".join(f"{counts[state]} {said}" for state, said in _COUNTED.items() if counts[state]) or "nobody reads"


def document(looks: Sequence[Look]) -> dict[str, Any]:
    """Every row with all its partitions."""
    return {"format_version": FORMAT_VERSION, "clusters": [_cluster(look) for look in looks]}


def _cluster(look: Look) -> dict[str, Any]:
    return {
        "cluster": look.cluster,
        "cluster_id": look.cluster_id,
        "stopped": look.stopped or None,
        "gaps": list(look.gaps),
        "unknown_groups": [{"group": name, "why": why} for name, why in look.unplaced.items()],
        "groups": [_row(row) for row in look.rows],
    }


def _row(row: Row) -> dict[str, Any]:
    worst = row.worst if row.age is not None else None
    return {
        "group": row.group,
        "topic": row.topic,
        "declared": row.declared,
        "team": row.threshold.team,
        "chat": row.threshold.chat,
        "limit_seconds": row.threshold.lag,
        "state": str(row.state),
        "words": words.state(row),
        "connected": row.connected,
        "read_at": _time(row.at) if row.at else None,
        "partition": worst.partition if worst else None,
        "unread": row.unread,
        "age_seconds": row.age,
        "partitions": [_share(share) for share in row.shares],
    }


def _share(share: Share) -> dict[str, Any]:
    return {
        "partition": share.partition,
        "committed": share.committed,
        "log_start": share.log.start if share.log else None,
        "log_end": share.log.end if share.log else None,
        "unread": None if share.why or share.log is None else share.unread,
        "deleted": share.deleted,
        "age_seconds": share.age,
        "oldest": None if share.oldest is None else _time(share.oldest),
        "open_transaction": share.open,
        "unknown": share.why or None,
    }


def _time(ms: int) -> str | None:
    """None beyond the year 9999: a producer may write what it likes."""
    try:
        return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")
    except (ValueError, OverflowError, OSError):
        return None
