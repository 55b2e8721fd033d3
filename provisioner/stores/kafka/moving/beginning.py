"""One wave begun: noted, throttled, and only then asked of the controller; what did not begin is undone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from provisioner.errors import UnreachableError
from provisioner.moves.move import Move
from provisioner.moves.notes import Noted, Notes, Values
from provisioner.moves.waves import Wave
from provisioner.reconcile.outcome import State
from provisioner.stores.kafka import reassignments, throttle_values, throttles
from provisioner.stores.kafka.kafka_python import KafkaPython, NoClientError
from provisioner.stores.kafka.moving import tidying
from provisioner.stores.kafka.moving.ledger import Ledger
from provisioner.stores.kafka.throttle_values import Place, Throttles

TOO_LATE = "it took too long to set the throttles: the next run begins it"


@dataclass(frozen=True, slots=True)
class Begun:
    """`failed`: topic -> why nothing of it began; `why`: the reason for all of them, if there is one."""

    failed: Mapping[str, str] = field(default_factory=dict)
    why: str = ""


@dataclass
class Beginning:
    """`noted`: what was noted before; nothing of ours runs. `may_begin`: False once others may have taken the turn."""

    client: KafkaPython
    ledger: Ledger
    noted: Notes
    rate: int
    may_begin: Callable[[], bool]

    def begin(self, wave: Wave) -> Begun:
        """Raises UnreachableError: what was set is noted, and the next run removes it."""
        topics = _by_topic(wave.moves)
        lists, rates = self._lists(wave.moves), self._rates(wave.moves)
        failed = self._cleared({**lists, **rates}) | self._of_others({**lists, **rates})
        if why := _of_brokers(failed):
            return Begun(why=why)
        left = {name: moves for name, moves in topics.items() if Place("topic", name) not in failed}
        self._note(left, lists, rates)
        wanted = {**rates, **{place: lists[place] for place in lists if place.name in left}}
        gaps = throttles.put(self.client.connection, wanted, {**wanted})
        if why := _of_brokers(gaps):
            return self._given_up(left, why)
        bad = {name: gaps[Place("topic", name)] for name in left if Place("topic", name) in gaps}
        if not self.may_begin():
            return self._given_up(left, TOO_LATE)
        bad |= self._altered([move for name, moves in left.items() if name not in bad for move in moves])
        self._undo(bad)
        return Begun({**{place.name: why for place, why in failed.items()}, **bad})

    def _lists(self, moves: Sequence[Move]) -> Throttles:
        return throttle_values.lists({(move.topic, move.number): (move.before, move.after) for move in moves})

    def _rates(self, moves: Sequence[Move]) -> Throttles:
        return throttle_values.rates({broker for move in moves for broker in move.after}, self.rate)

    def _cleared(self, wanted: Throttles) -> dict[Place, str]:
        """Remove what we set before with other values: noted twice, nobody would know which of them is there."""
        before = self._noted(place.name for place in wanted)
        stale = {place: values for place, values in before.items() if dict(wanted.get(place, values)) != dict(values)}
        return dict(throttles.remove(self.client.connection, stale)) if stale else {}

    def _of_others(self, wanted: Throttles) -> dict[Place, str]:
        """Whatever is set and not noted is somebody else's, the same value too: as ours it would go at our end."""
        ours = self._noted(place.name for place in wanted)
        found, _ = throttles.read(self.client.connection, wanted)
        theirs = {place: values for place, values in found.items() if values and not ours.get(place)}
        return {place: throttles.somebodys(*next(iter(values.items()))) for place, values in theirs.items()}

    def _noted(self, names: Iterable[str]) -> dict[Place, Values]:
        topics = [name for name in names if name in self.noted.topics]
        return {**tidying.of_topics(self.noted, topics), **tidying.of_brokers(self.noted)}

    def _note(self, topics: Mapping[str, Sequence[Move]], lists: Throttles, rates: Throttles) -> None:
        for name, moves in topics.items():
            before = {move.number: move.before for move in moves}
            targets = {move.number: move.after for move in moves}
            self.ledger.note_topic(name, Noted(before, targets, lists[Place("topic", name)]))
        for place, values in rates.items():
            self.ledger.note_broker(int(place.name), values)
        self.ledger.flush()

    def _altered(self, moves: Sequence[Move]) -> dict[str, str]:
        """The topics of which nothing began, with the reason; in doubt counts as begun, as it may be."""
        if not moves:
            return {}
        try:
            answers = reassignments.alter(self.client, {(each.topic, each.number): each.after for each in moves})
        except (NoClientError, UnreachableError) as error:
            return {each.topic: f"nothing was sent: {error}" for each in moves}
        begun = {topic for (topic, _), each in answers.items() if each.state in (State.STARTED, State.DOUBT)}
        return {topic: each.why for (topic, _), each in answers.items() if topic not in begun}

    def _given_up(self, topics: Collection[str], why: str) -> Begun:
        self._undo(topics)
        return Begun(why=why)

    def _undo(self, names: Collection[str]) -> None:
        noted = self.ledger.read()
        tidying.tidy(self.client.connection, self.ledger, noted, [n for n in names if n in noted.topics], rates=False)


def _by_topic(moves: Sequence[Move]) -> dict[str, list[Move]]:
    topics: dict[str, list[Move]] = defaultdict(list)
    for move in moves:
        topics[move.topic].append(move)
    return dict(topics)


def _of_brokers(gaps: throttles.Gaps) -> str:
    return next((f"broker {place.name}: {why}" for place, why in sorted(gaps.items()) if place.kind == "broker"), "")
