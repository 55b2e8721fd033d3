"""What a plan says of a lane besides its changes: what is gone, what stays behind, and whether the branch is old."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from provisioner.errors import UnreachableError
from provisioner.problem import Span
from provisioner.reconcile.change import Change
from provisioner.reconcile.lanes import Lane
from provisioner.reconcile.model import R, Wanted

NAMED = 3
"""How many a remark names."""


def gone(changes: Sequence[Change[R]]) -> list[str]:
    """Each of them by name: it is no wish of the files that they went, and nothing here brings them back."""
    named = ", ".join(f"{change.key.name} ({_place(change.span)})" for change in changes)
    noun = changes[0].key.kind if changes else ""
    return [f"declared, and gone since it was applied: {noun} {named}; `provisioner drift` tells more"] if named else []


def ahead(lane: Lane[R], changes: Sequence[Change[R]]) -> list[str]:
    """A branch that does not have what was applied since would undo it: that is told, and not planned."""
    if not changes:
        return []
    stamps = [applied.stamp for change in changes if (applied := lane.record.applied(change.key))]
    newest = max(stamps, key=lambda stamp: stamp.at)
    names = ", ".join(change.key.name for change in changes[:NAMED]) + (", ..." if len(changes) > NAMED else "")
    commit = (newest.commit or "")[:12]
    return [f"the cluster is ahead of this branch ({names}; commit {commit}, applied {newest.at[:10]}): rebase"]


def left(lane: Lane[R], cluster: str) -> list[str]:
    """What is asked for here no more, and stays: a renamed topic is a new one beside the old.

    With the declaration that would remove the first of them.
    """
    if lane.is_marked or not lane.scope.is_whole:
        return []
    gone = [name for name in (lane.base or {}) if lane.is_gone(name)]
    base = {name: want for name in gone if lane.base and not (want := lane.base[name]).is_absent}
    recorded = lane.record.names(lane.kind.name, lane.destination) if lane.base is None else ()
    lost = [*base, *filter(lane.is_gone, sorted(recorded))]
    if not lost:
        return []
    shown = lost[:NAMED]
    known, ids = _looked_up(lane, shown)
    named = [_named(name, base, known) for name in shown]
    more = f" and {len(lost) - NAMED} more" if len(lost) > NAMED else ""
    text = f"{lane.kind.name} in no file of {cluster} any more, and left as it is: {', '.join(named)}{more}"
    way = lane.kind.removal(shown[0], ids[shown[0]], cluster) if shown[0] in ids else ""
    return [f"{text}; to remove it, write {way}" if way else text]


def _looked_up(lane: Lane[R], names: Sequence[str]) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Who uses them and what they are called; a remark that cannot be had holds up no plan."""
    try:
        return lane.store.belongings(names), lane.store.identify(names)
    except UnreachableError:
        return {}, {}


def _named(name: str, base: Mapping[str, Wanted[R]], known: Mapping[str, str]) -> str:
    whose = [base[name].owner, _place(base[name].span)] if name in base else []
    words = ", ".join([*whose, *([known[name]] if name in known else [])])
    return f"{name} ({words})" if words else name


def _place(span: Span) -> str:
    return f"{span.path}:{span.line}"
