"""One more look before an update is sent: what somebody else did meanwhile is neither overwritten nor repeated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from provisioner.kinds.topic import Topic
from provisioner.reconcile.model import Change, Outcome, State
from provisioner.stores.kafka import reading, seeing
from provisioner.stores.kafka.connection import Connection

Changes = Sequence[Change[Topic]]
AGAIN = "plan again"


def sifted(connection: Connection, batch: Changes) -> tuple[list[Change[Topic]], list[Outcome]]:
    """The updates still to be sent, and the outcomes of those that are not."""
    described = reading.by_name(connection, [change.key.name for change in batch])
    found = seeing.live(connection, batch)
    told = {change.key: _told(change, described[change.key.name], found.get(change.key.name)) for change in batch}
    outcomes = [outcome for outcome in told.values() if outcome]
    return [change for change in batch if told[change.key] is None], outcomes


def _told(change: Change[Topic], described: reading.Described, found: Mapping[str, str] | None) -> Outcome | None:
    """None: it is as it was planned, or a broker does not show it right now; sending tells then."""
    if described.topic_id and change.identity and described.topic_id != change.identity:
        why = "it is another topic than the one that was planned, made again under the same name"
        return Outcome(change.key, State.FAILED, f"{why}: {AGAIN}")
    if found is None:
        return None
    if all(found.get(field.field) == field.after for field in change.fields):
        return Outcome(change.key, State.DONE, "it was as wanted already", change.fields)
    if moved := [f for f in change.fields if found.get(f.field) not in (f.before, f.after)]:
        said = ", ".join(f"{f.field} is {found.get(f.field) or 'not set'} by now" for f in moved)
        return Outcome(change.key, State.FAILED, f"changed by somebody else meanwhile: {said}; {AGAIN}")
    return None
