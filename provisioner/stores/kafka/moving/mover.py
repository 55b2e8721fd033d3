"""Replicas added wave by wave: each step tidies what has ended, and begins the next wave if nothing is against it.

A step can be interrupted anywhere, and any later one of any run goes on: what is ours is noted before it is done.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from provisioner.catalog.limits import MoveLimits
from provisioner.errors import UnreachableError
from provisioner.moves import resuming
from provisioner.moves.look import Look
from provisioner.moves.notes import Notes
from provisioner.moves.placement import place
from provisioner.moves.waves import Bounds, waves
from provisioner.reconcile.outcome import State
from provisioner.stores.kafka import partitions, reassignments
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.kafka_python import KafkaPython, NoClientError
from provisioner.stores.kafka.moving import looking, reading, tidying
from provisioner.stores.kafka.moving.beginning import Beginning
from provisioner.stores.kafka.moving.claim import Turn
from provisioner.stores.kafka.moving.ledger import Ledger
from provisioner.stores.kafka.moving.looking import Clock, Factors
from provisioner.stores.kafka.partitions import Placement

BUSY = "another run is about to begin a wave"
AGAIN = "run it again in a minute"
NOTHING: Factors = {}


@dataclass
class Mover:
    """Moves replicas of one cluster."""

    connection: Connection
    ledger: Ledger
    limits: MoveLimits
    now: Clock
    turn: Turn = field(init=False, repr=False)

    def __post_init__(self) -> None:
        lease = timedelta(seconds=self.connection.timeouts.lease)
        self.turn = Turn(self.ledger, lease, self.now)

    def look(self, factors: Factors) -> Look:
        """What there is, nothing done. Raises UnreachableError where that is not known."""
        with KafkaPython(self.connection) as client:
            return self._looked(client, self.ledger.read(), self.seen(client), factors)

    def step(self, factors: Factors) -> Look:
        """Tidy, and begin the next wave if there is one and nothing speaks against it. Raises UnreachableError."""
        with KafkaPython(self.connection) as client:
            noted, seen = self.ledger.read(), self.seen(client)
            look = self._looked(client, noted, seen, factors)
            is_untidy = _is_untidy(noted, seen) or self.turn.is_left(noted)
            if not (is_untidy or (look.waiting and not look.against)):
                return look
            return self._in_turn(lambda: replace(look, against=BUSY), lambda: self._stepped(client, factors))

    def cancel(self, selects: Callable[[str], bool]) -> Look:
        """Put back what runs of ours of these topics, and tidy. Raises UnreachableError where nothing was put back."""
        with KafkaPython(self.connection) as client:
            return self._in_turn(_nothing_put_back, lambda: self._cancelled(client, selects))

    def seen(self, client: KafkaPython) -> Placement:
        """Every partition. What is moving has to be known, or a wave would begin on top of another one."""
        try:
            seen = partitions.placement(client)
        except NoClientError as error:
            raise UnreachableError(f"{self.connection.bootstrap}: {error}", "docs/rights.md") from None
        if seen.unlisted:
            why = f"{self.connection.bootstrap}: what is being moved is not known ({seen.unlisted})"
            raise UnreachableError(why, f"{partitions.RIGHT} is needed: docs/rights.md")
        return seen

    def _looked(self, client: KafkaPython, noted: Notes, seen: Placement, factors: Factors) -> Look:
        return looking.look(client, noted, seen, factors, self.limits, self.now())

    def _in_turn(self, otherwise: Callable[[], Look], act: Callable[[], Look]) -> Look:
        if not self.turn.take(self.connection.timeouts.again_pause, self.connection.progress):
            return otherwise()
        try:
            return act()
        finally:
            self.turn.give_back()

    def _stepped(self, client: KafkaPython, factors: Factors) -> Look:
        """Everything is read again: whoever had the turn before may have begun a wave."""
        noted, seen = self.ledger.read(), self.seen(client)
        left = tidying.tidy(self.connection, self.ledger, noted, looking.over(noted, seen), rates=False)
        look = self._looked(client, self.ledger.read(), seen, factors)
        if look.waiting and not look.against:
            look = self._begun(client, seen, factors, noted)
        return replace(look, left=(*left, *self._rates_removed(look)))

    def _rates_removed(self, look: Look) -> list[str]:
        if look.running:
            return []
        return tidying.tidy(self.connection, self.ledger, self.ledger.read(), (), rates=True)

    def _begun(self, client: KafkaPython, seen: Placement, factors: Factors, then: Notes) -> Look:
        """`then`: what was noted when the step began."""
        whole = reading.cluster(client, seen)
        placed = place(whole, factors, reading.reserve(whole))
        refused = {each.topic: each for each in reversed(placed.refused)}
        moves = resuming.resumed(placed.moves, then, whole)
        todo = waves(moves, Bounds(self.limits.wave_bytes, self.limits.wave_partitions))
        failed, why = {}, ""
        if todo:
            noted = self.ledger.read()
            beginning = Beginning(client, self.ledger, noted, self.limits.rate, lambda: self.turn.is_fresh)
            begun = beginning.begin(todo[0])
            failed, why = dict(begun.failed), begun.why
        look = self._looked(client, self.ledger.read(), self.seen(client), factors)
        return replace(look, refused=refused, failed=failed, against=why or look.against)

    def _cancelled(self, client: KafkaPython, selects: Callable[[str], bool]) -> Look:
        noted, seen = self.ledger.read(), self.seen(client)
        keys = [key for key in looking.ours(noted, seen) if selects(key[0])]
        try:
            answers = reassignments.cancel(client, keys) if keys else {}
        except NoClientError as error:
            raise UnreachableError(f"nothing was put back: {error}", AGAIN) from None
        failed = {topic: each.why for (topic, _), each in answers.items() if each.state is not State.DONE}
        look = self._stepped(client, NOTHING)
        return replace(look, failed=failed)


def _nothing_put_back() -> Look:
    raise UnreachableError(f"{BUSY}: nothing was put back", AGAIN)


def _is_untidy(noted: Notes, seen: Placement) -> bool:
    """Something of ours is there that nothing needs any more."""
    return bool(looking.over(noted, seen)) or bool(noted.brokers and not looking.ours(noted, seen))
