"""One run at a time begins a wave: the record is a log, and of two claims in it the first one counts.

Kafka replaces a reassignment that runs by one that comes later: two runs at once would copy twice.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from provisioner.moves.notes import Claim, Notes
from provisioner.stores.kafka.moving.ledger import Ledger

FRESH = 0.5
"""The part of a lease within which whoever holds it may still begin something."""

WAITING = "another run is about to begin a wave, or died there: waiting for its end, or for {seconds:.0f} s at most"


def _silent(_text: str) -> None:
    """Nobody is told."""


@dataclass
class Turn:
    """A run's turn to begin a wave. `lease`: for how long a run that died keeps others waiting."""

    ledger: Ledger
    lease: timedelta
    now: Callable[[], datetime]
    _mine: Claim | None = None

    def take(self, pause: float, tell: Callable[[str], None] = _silent) -> bool:
        """Wait until nobody else is about to begin one, for two leases at most. Raises UnreachableError."""
        deadline = time.monotonic() + 2 * self.lease.total_seconds()
        while not (self._is_free(self.ledger.read()) and self._claimed()):
            if time.monotonic() > deadline:
                return False
            tell(WAITING.format(seconds=self.lease.total_seconds()))
            tell = _silent
            time.sleep(pause)
        return True

    @property
    def is_fresh(self) -> bool:
        """False where the time is half over: others may take the turn before what is begun now has come through."""
        return self._mine is not None and self._mine.holds(self.now(), self.lease * FRESH)

    def is_left(self, noted: Notes) -> bool:
        """Somebody died in his turn, and his time is over: whoever takes the next one removes what he noted."""
        return len(self._holding(noted)) < len(noted.claims)

    def give_back(self) -> None:
        """Let others have it."""
        if self._mine is not None:
            self.ledger.note_claim(self._mine.token, None)
            self.ledger.flush()
            self._mine = None

    def _claimed(self) -> bool:
        self._mine = Claim(secrets.token_hex(8), self.now())
        self.ledger.note_claim(self._mine.token, self._mine)
        self.ledger.flush()
        first = next((each for each in self._holding(self.ledger.read())), None)
        if first == self._mine:
            return True
        self.give_back()
        return False

    def _is_free(self, noted: Notes) -> bool:
        for over in (each for each in noted.claims if not each.holds(self.now(), self.lease)):
            self.ledger.note_claim(over.token, None)
        return not self._holding(noted)

    def _holding(self, noted: Notes) -> list[Claim]:
        return [each for each in noted.claims if each.holds(self.now(), self.lease)]
