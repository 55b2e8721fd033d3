"""What was begun and is given up: the record says that it was asked for, so that it stands until somebody asks anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from provisioner.reconcile import record
from provisioner.reconcile.entry import Applied, EntryError, Stamp
from provisioner.reconcile.model import Key
from provisioner.reconcile.record import Record
from provisioner.reconcile.review import Reviewed


def entries(known: Record, approved: Mapping[Key, Reviewed], stamp: Stamp) -> dict[Key, bytes | None]:
    """What to write (None: to remove) for these approvals: none is left, and what they asked for counts as asked."""
    found: dict[Key, bytes | None] = {}
    for key, one in approved.items():
        found[record.of_approval(key)] = None
        try:
            applied = known.applied(key) or Applied()
        except EntryError:
            continue
        asked = {field.field: field.after for field in one.fields if field.after is not None}
        left = {name: value for name, value in applied.open.items() if name not in asked}
        unclaimed = applied.unclaimed - asked.keys()
        noted = replace(applied, asked={**applied.asked, **asked}, open=left, unclaimed=unclaimed, stamp=stamp)
        found[key] = noted.text()
    return found
