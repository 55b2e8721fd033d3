"""Throttles of ours removed when nothing needs them any more, and then the notes of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from provisioner.moves.notes import Notes
from provisioner.stores.kafka import throttles
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.moving.ledger import Ledger
from provisioner.stores.kafka.throttle_values import Place, Throttles


def of_topics(noted: Notes, names: Collection[str]) -> Throttles:
    """The lists that we set on these topics."""
    return {Place("topic", name): noted.topics[name].throttle for name in names}


def of_brokers(noted: Notes) -> Throttles:
    """The rates that we set."""
    return {Place("broker", str(broker)): values for broker, values in noted.brokers.items()}


def tidy(connection: Connection, ledger: Ledger, noted: Notes, over: Collection[str], *, rates: bool) -> list[str]:
    """Remove the lists of those topics, and the `rates` too. Returns in words what could not be removed yet.

    Raises UnreachableError: then the notes stay, and the next run does it again.
    """
    ours = {**of_topics(noted, over), **(of_brokers(noted) if rates else {})}
    if not ours:
        return []
    gaps = throttles.remove(connection, ours)
    for place in ours.keys() - gaps.keys():
        if place.kind == "topic":
            ledger.note_topic(place.name, None)
        else:
            ledger.note_broker(int(place.name), None)
    ledger.flush()
    return list(_words(gaps))


def _words(gaps: throttles.Gaps) -> Iterator[str]:
    for place, why in sorted(gaps.items()):
        yield f"the throttle on {place.kind} {place.name} is still there: {why}"
