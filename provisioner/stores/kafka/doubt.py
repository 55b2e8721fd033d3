"""Waiting out doubt: a request that timed out may still be carried out about a minute later (measured on 4.4)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

from provisioner.kinds.topic import Topic
from provisioner.reconcile.model import Action, Change, Outcome, State
from provisioner.stores.kafka import codes, reading
from provisioner.stores.kafka.connection import Connection

Changes = Sequence[Change[Topic]]
Done = Callable[[Changes], set[str]]

DOUBT_SECONDS = 65.0
PAUSE_SECONDS = 2.0


def waited_out(connection: Connection, doubtful: Changes, sent: float, done: Done) -> Iterator[Outcome]:
    """Look again and again until all is seen or the time of doubt is over, counted from when the last was `sent`."""
    left = list(doubtful)
    while left:
        seen = done(left)
        yield from (_seen(change) for change in left if change.key.name in seen)
        left = [change for change in left if change.key.name not in seen]
        rest = sent + DOUBT_SECONDS - time.monotonic()
        if not left or rest <= 0:
            break
        connection.progress(f"{len(left)} changes in doubt; looking again for up to {rest:.0f} s")
        time.sleep(min(PAUSE_SECONDS, rest))
    yield from _over(connection, left)


def _seen(change: Change[Topic]) -> Outcome:
    return Outcome(change.key, State.DONE, "in doubt at first, and seen since", change.fields)


def _over(connection: Connection, left: Changes) -> Iterator[Outcome]:
    """No answer will come any more: what is certainly not there has failed, the rest stays in doubt."""
    creations = [change.key.name for change in left if change.action is Action.CREATE]
    said = reading.dry_creates(connection, creations, tries=1) if creations else {}
    for change in left:
        if said.get(change.key.name) == codes.OK:
            why = f"no answer, and {DOUBT_SECONDS:.0f} s later it does not exist: it was not carried out"
            yield Outcome(change.key, State.FAILED, f"{why}; apply again")
        else:
            why = f"no answer, and not seen {DOUBT_SECONDS:.0f} s later"
            yield Outcome(change.key, State.DOUBT, f"{why}; plan again before anything else is done to it")
