"""What an import did: which files, who was left out and why, and what the plan will say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from provisioner.line import Line

REPLICAS = "replication_factor"
MOST_LINES = 10
"""More files than this are counted, not listed."""


@dataclass(frozen=True, slots=True)
class Import:
    """One run. `matching`: topics of the cluster that the glob names; `declared`: those in files already.

    `imported`: name -> state, `external` of them only watched; `left_out`: name -> why. `files`: path -> whether it was
    new; `pending`: topic -> the fields that a plan would still change; `rendered`: whether the cluster's topics get
    alerts or dashboards.
    """

    cluster: str
    matching: int
    declared: int
    folder: str = ""
    imported: Mapping[str, str] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    external: int = 0
    files: Mapping[str, bool] = field(default_factory=dict)
    pending: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    errors: int = 0
    rendered: bool = False


def lines(done: Import) -> list[Line]:
    """For people; one line where there was nothing to do."""
    return [Line(text) for text in (*_files(done), *_left_out(done), *_pending(done), _counts(done))]


def _files(done: Import) -> Iterator[str]:
    if len(done.files) > MOST_LINES:
        yield f"{len(done.files)} files written below {done.folder}"
        return
    for path, new in done.files.items():
        yield f"{'wrote' if new else 'added to'} {path}"


def _left_out(done: Import) -> Iterator[str]:
    reasons = sorted(done.left_out.items())
    if reasons:
        yield f"left out, {_counted(len(reasons))}:"
    yield from (f"  {name}: {why}" for name, why in reasons)


def _pending(done: Import) -> Iterator[str]:
    if uneven := sorted(name for name, fields in done.pending.items() if REPLICAS in fields):
        some = f"{_counted(len(uneven))} with fewer replicas in some partitions"
        yield f"the plan will not be empty: {some}, which an apply adds: {_some(uneven)}"
    told = {name: [each for each in fields if each != REPLICAS] for name, fields in done.pending.items()}
    names = sorted(name for name, fields in told.items() if fields)
    if not names:
        return
    fields = ", ".join(sorted({each for several in told.values() for each in several}))
    own = f"{_counted(len(names))} will get {fields} as overrides of their own"
    yield f"the plan will not be empty: {own}: {_some(names)}"
    yield "  the cluster's or the team's defaults have another value than these topics inherit from their brokers, and"
    yield "  an entry cannot unset a default: it names the value that holds today. Plan, and see whether that is meant"


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _counts(done: Import) -> str:
    aside = f"{done.declared} of {_counted(done.matching)} declared already"
    if not done.imported:
        return f"nothing new on cluster {done.cluster}: {aside}; nothing was written"
    watched = f", {done.external} of them external" if done.external else ""
    return f"{_counted(len(done.imported))} of cluster {done.cluster} imported{watched}; {aside}.{_proof(done)}"


def _proof(done: Import) -> str:
    if done.errors or done.pending:
        return ""
    return " A plan changes none of them" + ("; their alerts and dashboards are new." if done.rendered else ".")


def _counted(count: int) -> str:
    return "1 topic" if count == 1 else f"{count} topics"


def document(done: Import) -> dict[str, Any]:
    """For programs."""
    return {
        "format_version": 1,
        "cluster": done.cluster,
        "matching": done.matching,
        "declared": done.declared,
        "imported": [{"name": name, "state": state} for name, state in done.imported.items()],
        "left_out": dict(sorted(done.left_out.items())),
        "files": [{"path": path, "new": new} for path, new in done.files.items()],
        "pending": {name: list(fields) for name, fields in sorted(done.pending.items())},
        "errors": done.errors,
    }
