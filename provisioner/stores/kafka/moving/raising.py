"""Replication factors of a run's changes brought about: begun at once, looked after as long as the run waits."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from provisioner.errors import UnreachableError
from provisioner.kinds.topic_spec import TopicSpec
from provisioner.kinds.topic_words import REPLICAS
from provisioner.moves import words
from provisioner.moves.fewer import Floor, fewer
from provisioner.moves.look import Look, Pace
from provisioner.moves.move import Drop
from provisioner.reconcile.change import Change
from provisioner.reconcile.model import FieldChange, Key
from provisioner.reconcile.outcome import Outcome, State
from provisioner.stores.kafka import partitions, reassignments
from provisioner.stores.kafka.kafka_python import KafkaPython, NoClientError
from provisioner.stores.kafka.moving import forecast, reading
from provisioner.stores.kafka.moving.mover import Mover

Changes = Sequence[Change[TopicSpec]]

CONTINUE = "provisioner replicas continue goes on with it"


@dataclass
class Raising:
    """`least`: the lowest factor that the platform team allows. What was begun is kept until it has ended."""

    mover: Mover
    least: int
    _begun: dict[Key, Change[TopicSpec]] = field(default_factory=dict)
    _pace: Pace = field(default_factory=Pace)

    def begin(self, changes: Changes) -> Iterator[Outcome]:
        """Remove what is to go, and begin the first wave of what is to come."""
        if lacks := " and ".join(forecast.lacking(self.mover.connection)):
            why = f"our user lacks {lacks}: docs/rights.md has the commands that give it"
            yield from (Outcome(change.key, State.FAILED, why) for change in changes)
            return
        less = [change for change in changes if forecast.shrinks(change) and not forecast.grows(change)]
        more = [change for change in changes if forecast.grows(change)]
        if less:
            yield from self._lowered(less)
        if more:
            self._begun |= {change.key: change for change in more}
            yield from self._looked(more, begins=True)

    def advance(self, changes: Changes) -> Iterator[Outcome]:
        """One more look at what was begun: what has ended is done, and the next wave begins."""
        yield from self._looked(changes, begins=False)

    def _looked(self, changes: Changes, *, begins: bool) -> Iterator[Outcome]:
        try:
            look = self.mover.step(forecast.factors(self._begun.values()))
        except UnreachableError as error:
            # What is noted and approved is done by a later run; nothing is known of what was begun.
            state = State.FAILED if begins else State.STARTED
            yield from (Outcome(change.key, state, f"{error.message}; {CONTINUE}") for change in changes)
            return
        if look.running:
            self.mover.connection.tick(words.progress(look, self._pace.rate(look, time.monotonic())))
        for change in changes:
            yield outcome(change, look)

    def _lowered(self, changes: Changes) -> Iterator[Outcome]:
        try:
            with KafkaPython(self.mover.connection) as client:
                yield from self._dropped(client, changes)
        except (NoClientError, UnreachableError) as error:
            yield from (Outcome(change.key, State.FAILED, f"nothing was removed: {error}") for change in changes)

    def _dropped(self, client: KafkaPython, changes: Changes) -> Iterator[Outcome]:
        """By what is there now, not when it was planned: replicas that lead, or are not in sync, may be others."""
        whole = reading.cluster(client, self.mover.seen(client))
        found = fewer(whole, forecast.factors(changes), Floor(self.least, forecast.min_insync(changes)))
        against = {each.topic: words.refusal(each) for each in reversed(found.refused)}
        answers = reassignments.alter(client, {(each.topic, each.number): each.after for each in found.drops})
        for change in changes:
            name = change.key.name
            mine = [drop for drop in found.drops if drop.topic == name]
            bad = next((answers[drop.topic, drop.number].why for drop in mine if _is_bad(answers, drop)), "")
            if why := bad or against.get(name):
                yield Outcome(change.key, State.FAILED, why)
            else:
                yield self._removed(client, change, mine)

    def has_begun(self, key: Key) -> bool:
        """True for what this run has begun."""
        return key in self._begun

    def _removed(self, client: KafkaPython, change: Change[TopicSpec], drops: Sequence[Drop]) -> Outcome:
        targets = {(drop.topic, drop.number): drop.after for drop in drops}
        seen = partitions.placement(client, [change.key.name])
        if reassignments.ended(seen, targets) == targets.keys():
            return Outcome(change.key, State.DONE, seen=_factor(change))
        return Outcome(change.key, State.STARTED, "accepted, and not seen yet: the next run looks again")


def _is_bad(answers: reassignments.Answers, drop: Drop) -> bool:
    return answers[drop.topic, drop.number].state in (State.FAILED, State.REFUSED)


def _factor(change: Change[TopicSpec]) -> tuple[FieldChange, ...]:
    return tuple(each for each in change.fields if each.field == REPLICAS)


def outcome(change: Change[TopicSpec], look: Look) -> Outcome:
    """What became of one raise, by one look."""
    name = change.key.name
    if name in look.ended:
        return Outcome(change.key, State.DONE, seen=_factor(change))
    if name in look.failed:
        return Outcome(change.key, State.FAILED, look.failed[name])
    if name in look.moving:
        return Outcome(change.key, State.STARTED, f"{_copying(name, look)}; {CONTINUE}")
    if name in look.refused:
        return Outcome(change.key, State.FAILED, words.refusal(look.refused[name]))
    why = look.against or "its turn comes with a later wave"
    return Outcome(change.key, State.STARTED, f"waits: {why}; {CONTINUE}")


def _copying(name: str, look: Look) -> str:
    mine = [each for each in look.running if each.topic == name]
    return f"replicas of {words.counted(len(mine), 'partition')} are being copied"
