"""What changes set going that takes long: of one in its own words, of many alike their sum."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from provisioner.line import Line, Style
from provisioner.moves import rounded
from provisioner.reconcile.change import Change
from provisioner.reconcile.model import Work

AnyChange = Change[Any]


def by_owner(change: AnyChange) -> str | None:
    """The team whose resources such work is on: each has a line of its own."""
    return change.owner if change.prepared.work else None


def lines(run: Sequence[AnyChange]) -> Iterator[Line]:
    """Below a change, or below many that are folded into one line."""
    several = [change.prepared.work for change in run if change.prepared.work]
    if len(run) == 1:
        yield from (Line(f"note: {text}", Style.NOTE) for each in several for text in each.words)
    elif several:
        yield Line(f"note: {total(several)}", Style.NOTE)


def total(several: Sequence[Work]) -> str:
    """adds 12,000 replicas, about 480 GiB to copy, at most 3 h one after the other; the smallest first"""
    copies, size = sum(each.copies for each in several), sum(each.size for each in several)
    unsized, seconds = sum(each.unsized for each in several), sum(each.seconds for each in several)
    least = "at least" if unsized else "about"
    parts = [f"adds {copies:,} replicas in all", f"{least} {rounded.size(size)} to copy" if size else "nothing to copy"]
    parts += [f"the bytes of {unsized:,} partitions not known"] if unsized else []
    parts += [f"{least} {rounded.time(seconds)} one after the other"] if seconds else []
    return f"{', '.join(parts)}; the smallest first"
