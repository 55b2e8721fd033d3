"""Topics of one cluster as a store."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from provisioner.errors import RefusedError
from provisioner.kinds.topic import Topic
from provisioner.reconcile.model import Action, Change, Key, Observed, Outcome, Prepared, Reading, State
from provisioner.stores.kafka import (
    asking,
    batches,
    broker_configs,
    bystanders,
    codes,
    doubt,
    fresh,
    inheriting,
    missing,
    preflight,
    reading,
    requests,
    seeing,
    writing,
)
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.inheriting import Inherited
from provisioner.stores.kafka.reading import Configs, Described, Shape
from provisioner.stores.kafka.writing import Job

Changes = Sequence[Change[Topic]]


@dataclass
class KafkaTopics:
    """Reads and writes the topics of one cluster.

    `inherited`: config keys whose broker values are needed; `identify`: names whose topic id is needed at once.
    """

    connection: Connection
    cluster_id: str | None = None
    inherited: frozenset[str] = frozenset()
    identify: frozenset[str] = frozenset()
    writer: writing.Writer = field(init=False)
    _sent: float = 0.0
    _todo: Counter[Action] = field(default_factory=Counter)
    _begun: Counter[Action] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.writer = writing.Writer(self.connection)

    def _listing(self) -> reading.Listing:
        """The brokers' listing. Raises RefusedError if this is not the declared cluster."""
        view = reading.listing(self.connection)
        if self.cluster_id is not None and view.cluster_id != self.cluster_id:
            raise RefusedError(
                f"the brokers at {self.connection.bootstrap} are cluster {view.cluster_id}, "
                f"declared is {self.cluster_id}",
                "correct bootstrap: or cluster_id: in clusters.yaml; nothing was read or changed",
            )
        return view

    def listed(self) -> dict[str, int]:
        """Every topic that our user may see, and how many replicas the partition with most of them has."""
        return {name: shape.most for name, shape in self._listing().topics.items()}

    def read(self, names: Sequence[str]) -> Reading[Topic]:
        """The declared topics as they are. Names that the brokers hide or are late with are unsure."""
        view = self._listing()
        self.writer.anchor = next((name for name in names if name in view.topics), next(iter(view.topics), None))
        lacking = missing.found_out(self.connection, [name for name in names if name not in view.topics])
        shapes = {name: view.topics[name] for name in names if name in view.topics} | lacking.late
        known, unread = self._configs(shapes)
        lacking.unsure.update(unread)
        found, remarks = self._found(shapes, view.brokers, known)
        asked = set(names)
        unmanaged = sum(name not in asked and not name.startswith("__") for name in view.topics)
        notes, source = lacking.notes, view.cluster_id
        return Reading(found, lacking.unsure, unmanaged=unmanaged, notes=notes, source=source, remarks=remarks)

    def _configs(self, shapes: dict[str, Shape]) -> tuple[dict[str, Configs], dict[str, str]]:
        """The configs that could be read, and why others could not; a topic that some brokers deny is looked for.

        One that exists after all gets its shape as the brokers describe it by now.
        """
        known, unread = self._read(shapes)
        unsure: dict[str, str] = {}
        deadline = time.monotonic() + missing.LATE_SECONDS
        while denied := [name for name, code in unread.items() if code == codes.UNKNOWN_TOPIC]:
            if time.monotonic() > deadline:
                break
            disputed = missing.disputed(self.connection, denied)
            shapes.update(disputed.late)
            late, again = self._read(disputed.late)
            known, unread = known | late, {name: unread[name] for name in unread if name not in denied} | again
            unsure.update(disputed.unsure)
        return known, {**unsure, **{name: missing.unreadable(code) for name, code in unread.items()}}

    def _read(self, shapes: Mapping[str, Shape]) -> tuple[dict[str, Configs], dict[str, int]]:
        """Each topic's configs, or the error code."""
        known: dict[str, Configs] = {}
        unread: dict[str, int] = {}
        for name, config in reading.configs(self.connection, list(shapes), self.inherited):
            if isinstance(config, Configs):
                known[name] = config
            else:
                unread[name] = config
        return known, unread

    def _found(
        self, shapes: Mapping[str, Shape], brokers: Sequence[int], known: Mapping[str, Configs]
    ) -> tuple[dict[str, Observed[Topic]], tuple[str, ...]]:
        ids = reading.by_name(self.connection, [name for name in known if name in self.identify])
        learnt = inheriting.inherited(self.connection, known, self.inherited)
        fallback = {**learnt.values, **self._fallbacks(brokers, known.values(), learnt)}
        settled = {name: _settled(config, fallback, learnt.unsettled) for name, config in known.items()}
        found = {
            name: _observed(shapes[name], config, frozenset(learnt.unsettled), ids.get(name))
            for name, config in settled.items()
        }
        return found, inheriting.remarks(learnt)

    def _fallbacks(self, brokers: Sequence[int], known: Iterable[Configs], learnt: Inherited) -> dict[str, str]:
        """Of overrides that no topic is without: the brokers are asked for their own configs."""
        lacking = {key for config in known for key in config.overrides if key in self.inherited}
        lacking -= learnt.values.keys() | learnt.unsettled.keys()
        return broker_configs.fallbacks(self.connection, brokers, lacking) if lacking else {}

    def prepare(self, changes: Changes) -> Mapping[Key, Prepared]:
        """The cluster's word on each change, its identity, and what readers of the topic would lose."""
        said: dict[Key, list[Prepared]] = defaultdict(list)
        for key, prepared in self._prepared(changes):
            said[key].append(prepared)
        return {key: _together(parts) for key, parts in said.items()}

    def _prepared(self, changes: Changes) -> Iterator[tuple[Key, Prepared]]:
        if not changes:
            return
        sent = [change for change in changes if not batches.is_too_large(change)]
        yield from ((change.key, Prepared((batches.TOO_LARGE,))) for change in changes if batches.is_too_large(change))
        facts = preflight.facts(self.connection, frozenset(change.key.name for change in changes))
        yield from preflight.refusals(facts, sent)
        conditions = tuple(preflight.conditions(facts))
        yield from ((change.key, Prepared(conditions=conditions)) for change in changes[:1] if conditions)
        yield from asking.asked(self.connection, sent)
        yield from self._identities(sent)
        yield from bystanders.notes(self.connection, sent)

    def _identities(self, changes: Changes) -> Iterator[tuple[Key, Prepared]]:
        there = [change for change in changes if change.before is not None and change.identity is None]
        described = reading.by_name(self.connection, [change.key.name for change in there])
        yield from ((change.key, Prepared(identity=described[change.key.name].topic_id)) for change in there)

    def batches(self, changes: Changes) -> Iterator[Changes]:
        """One action a batch, bounded by topics and by metadata records."""
        self._todo = Counter(change.action for change in changes)
        self._begun = Counter()
        yield from batches.batches(changes)

    def write(self, batch: Changes) -> Iterator[Outcome]:
        """Create, update or delete one batch; every outcome was read back."""
        if self.writer.unanswered:
            yield from (Outcome(change.key, State.STOPPED, writing.SILENT) for change in batch)
            return
        action = batch[0].action
        self._begun[action] += len(batch)
        self.connection.progress(f"topics to {action}: {self._begun[action]}/{self._todo[action] or len(batch)}")
        try:
            yield from _WRITES[batch[0].action](self, batch)
        finally:
            # Also where the write dies: doubt counts from the last request that may have left.
            self._sent = time.monotonic()

    def await_pending(self, doubtful: Changes) -> Iterator[Outcome]:
        """Look again until the time in which a lost request may still be carried out is over."""
        yield from doubt.waited_out(self.connection, doubtful, self._sent or time.monotonic(), self._seen)

    def _create(self, batch: Changes) -> Iterator[Outcome]:
        outcomes = self.writer.write(Job(batch, requests.create, "create", self._visible))
        self.writer.created += len(batch)
        yield from outcomes

    def _update(self, batch: Changes) -> Iterator[Outcome]:
        self.connection.probe(self.writer.anchor)
        todo, told = fresh.sifted(self.connection, [change for change in batch if change.fields])
        yield from told
        yield from (Outcome(change.key, State.DONE, FILES_ONLY) for change in batch if not change.fields)
        parts = (
            (writing.by_field(todo, "partitions"), requests.grow, "grow"),
            (writing.by_field(todo, "config."), requests.alter, "alter"),
        )
        answers = [
            self.writer.write(Job(part, request, right, self._visible)) for part, request, right in parts if part
        ]
        for change in todo:
            yield _worst([outcome for part in answers for outcome in part if outcome.key == change.key])

    def _delete(self, batch: Changes) -> Iterator[Outcome]:
        self._probe_without({change.key.name for change in batch})
        described = reading.by_name(self.connection, [change.key.name for change in batch])
        same = [change for change in batch if described[change.key.name].topic_id == change.identity]
        yield from (_not_deleted(change, described[change.key.name]) for change in batch if change not in same)
        if same:
            yield from self.writer.write(Job(same, requests.delete, "delete", self._gone))

    def _probe_without(self, names: set[str]) -> None:
        """A topic that is about to go is no anchor: asking for it later would start a search without end."""
        if self.writer.anchor in names:
            self.writer.anchor = None
        self.connection.probe(self.writer.anchor)

    def _visible(self, changes: Changes) -> set[str]:
        return seeing.visible(self.connection, changes)

    def _gone(self, changes: Changes) -> set[str]:
        return seeing.gone(self.connection, changes)

    def _seen(self, changes: Changes) -> set[str]:
        self.connection.probe(self.writer.anchor)
        deletions = [change for change in changes if change.action is Action.DELETE]
        others = [change for change in changes if change.action is not Action.DELETE]
        return self._gone(deletions) | (self._visible(others) if others else set())


_WRITES: Mapping[Action, Callable[[KafkaTopics, Changes], Iterator[Outcome]]] = {
    Action.CREATE: KafkaTopics._create,
    Action.UPDATE: KafkaTopics._update,
    Action.DELETE: KafkaTopics._delete,
}
FILES_ONLY = "nothing to send: it is in the files only"


def _settled(config: Configs, fallback: Mapping[str, str], unsettled: Collection[str]) -> Configs:
    """Without what brokers do not agree on; an override falls back to what topics without it inherit."""
    return Configs(
        config.overrides,
        {key: value for key, value in config.inherited.items() if key not in unsettled},
        {key: fallback[key] for key in config.overrides if key in fallback},
    )


def _observed(shape: Shape, config: Configs, unsettled: frozenset[str], described: Described | None) -> Observed[Topic]:
    topic_id = described.topic_id if described else None
    return Observed(replace(reading.topic(shape, config, topic_id), unsettled=unsettled), topic_id)


def _together(parts: Sequence[Prepared]) -> Prepared:
    return Prepared(
        tuple(why for part in parts for why in part.refusals),
        tuple(dict.fromkeys(note for part in parts for note in part.notes)),
        next((part.identity for part in parts if part.identity), None),
        tuple(condition for part in parts for condition in part.conditions),
        tuple(hazard for part in parts for hazard in part.hazards),
        {name: why for part in parts for name, why in part.unknown.items()},
    )


def _worst(outcomes: Sequence[Outcome]) -> Outcome:
    """An update of several requests is as good as its worst part; what was read back of the others is kept."""
    worst = next((outcome for outcome in outcomes if outcome.state is not State.DONE), outcomes[0])
    done = tuple(field for outcome in outcomes for field in outcome.changes)
    return Outcome(worst.key, worst.state, worst.comment, done)


def _not_deleted(change: Change[Topic], answer: Described) -> Outcome:
    if answer.code == codes.UNKNOWN_TOPIC:
        return Outcome(change.key, State.DONE, "it was gone already", change.fields)
    if answer.shape:
        return Outcome(change.key, State.FAILED, "it is another topic than the one that was planned: plan again")
    return Outcome(change.key, State.FAILED, f"nothing was sent: {missing.hidden(answer)}")
