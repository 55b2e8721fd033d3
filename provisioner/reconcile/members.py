"""A resource without some of what it is made for: one topic that fails must not keep the rules of a hundred others."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from provisioner.reconcile.change import Change
from provisioner.reconcile.model import Key, R, fields_changed


def without(change: Change[R], lost: Collection[Key]) -> Change[R] | None:
    """The change with what is lost left out of its resource; None where nothing would be left."""
    names = frozenset(name for name, key in change.members.items() if key in lost)
    left = change.after.without(names) if change.after is not None else None
    if left is None:
        return None
    before = change.before.fields() if change.before is not None else {}
    kept = {name: key for name, key in change.members.items() if name not in names}
    return replace(change, after=left, listed=fields_changed(before, left.fields()), members=kept)


def noted(change: Change[R], lost: Collection[Key], why: str) -> Change[R]:
    """The change with a note on each of those that are left out."""
    notes = tuple(f"left out: {key.kind} {key.name}, which {why}" for key in sorted(lost))
    return replace(change, prepared=replace(change.prepared, notes=(*change.prepared.notes, *notes)))


def is_needless(change: Change[R]) -> bool:
    """True where what is there is what is left to ask for."""
    return change.before is not None and change.before == change.after
