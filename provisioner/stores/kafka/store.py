"""Topics of one cluster as a store."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from provisioner.catalog.reserved_names import is_internal
from provisioner.kinds.topic_spec import TopicSpec
from provisioner.reconcile.change import Action, Change
from provisioner.reconcile.model import Key, Observed, Prepared, Reading
from provisioner.reconcile.outcome import Outcome, State
from provisioner.stores.kafka import (
    broker_defaults,
    consumer_notes,
    dry_run,
    existence,
    log_dirs,
    operations,
    preflight,
    read_back,
    reading,
    writing,
)
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.moving import forecast, shapes
from provisioner.stores.kafka.moving.mover import Mover
from provisioner.stores.kafka.moving.raising import Raising
from provisioner.stores.kafka.moving.shapes import Shapes
from provisioner.stores.kafka.operations import OPERATIONS
from provisioner.stores.kafka.reading import Configs, Listing

Changes = Sequence[Change[TopicSpec]]

FILES_ONLY = "nothing to send: it is in the files only"


@dataclass
class KafkaTopics:
    """Reads and writes the topics of one cluster.

    `inherited`: config keys whose broker values are needed; `identified`: names whose topic id is needed at once;
    `readers`: the declared consumer groups by topic; `mover`: changes replication factors, None where nothing can be
    noted of that; `least_replicas`: the lowest factor that is allowed; `batch_topics`: how many topics one request
    carries at most.
    """

    connection: Connection
    cluster_id: str | None = None
    inherited: frozenset[str] = frozenset()
    identified: frozenset[str] = frozenset()
    readers: consumer_notes.Readers = field(default_factory=dict)
    mover: Mover | None = None
    least_replicas: int = 1
    batch_topics: int = operations.BATCH_TOPICS
    writer: writing.Writer = field(init=False)
    raising: Raising | None = field(init=False)
    _last_sent: float = 0.0
    _todo: Counter[Action] = field(default_factory=Counter)
    _begun: Counter[Action] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.writer = writing.Writer(self.connection)
        self.raising = Raising(self.mover, self.least_replicas) if self.mover else None

    def listed(self) -> dict[str, int]:
        """Every topic that our user may see, and how many replicas the partition with most of them has."""
        return {name: shape.most for name, shape in reading.listing_of(self.connection, self.cluster_id).topics.items()}

    def read(self, names: Sequence[str], beside: Collection[str] = ()) -> Reading[TopicSpec]:
        """The declared topics as they are. Names that the brokers hide or are late with are unsure."""
        view = reading.listing_of(self.connection, self.cluster_id)
        self.writer.probe_topic = next((name for name in names if name in view.topics), next(iter(view.topics), None))
        missing = existence.resolve_missing(self.connection, [name for name in names if name not in view.topics])
        listed = {name: view.topics[name] for name in names if name in view.topics} | missing.late
        coming = shapes.coming(self.connection, listed)
        known, unread = existence.configs(self.connection, listed, self.inherited)
        observed, remarks = self._observed(coming, known, view)
        unmanaged = sum(not is_internal(name) for name in view.topics.keys() - {*names, *beside})
        unsure = {**missing.unsure, **unread}
        return Reading(
            observed, unsure, unmanaged=unmanaged, notes=missing.notes, source=view.cluster_id, remarks=remarks
        )

    def _observed(
        self, there: Shapes, known: Mapping[str, Configs], view: Listing
    ) -> tuple[dict[str, Observed[TopicSpec]], tuple[str, ...]]:
        described = reading.by_name(self.connection, [name for name in known if name in self.identified])
        ids = {name: answer.topic_id for name, answer in described.items()}
        inherited = broker_defaults.inherited(self.connection, known, self.inherited)
        configs = broker_defaults.completed(self.connection, view.brokers, known, inherited, self.inherited)
        unsettled = frozenset(inherited.unsettled)
        observed = {
            name: reading.observed(there.shapes[name], config, ids.get(name), unsettled, name in there.growing)
            for name, config in configs.items()
        }
        return observed, (*broker_defaults.remarks(inherited), *there.remarks)

    def prepare(self, changes: Changes) -> Mapping[Key, Prepared]:
        """The cluster's word on each change, its identity, and what readers of the topic would lose."""
        parts: dict[Key, list[Prepared]] = defaultdict(list)
        for key, prepared in self._prepared(changes):
            parts[key].append(prepared)
        return {key: _together(each) for key, each in parts.items()}

    def _prepared(self, changes: Changes) -> Iterator[tuple[Key, Prepared]]:
        if not changes:
            return
        too_large = {change.key for change in changes if operations.is_too_large(change)}
        yield from ((key, Prepared((operations.TOO_LARGE,))) for key in sorted(too_large))
        sent = [change for change in changes if change.key not in too_large]
        facts = preflight.facts(self.connection, frozenset(change.key.name for change in changes))
        yield from preflight.refusals(facts, sent)
        conditions = tuple(preflight.conditions(facts))
        yield from ((change.key, Prepared(conditions=conditions)) for change in changes[:1] if conditions)
        yield from dry_run.objections(self.connection, sent)
        yield from forecast.forecasts(self.connection, self.mover, sent, self.least_replicas)
        yield from consumer_notes.notes(self.connection, sent, self.readers)

    def identify(self, names: Sequence[str]) -> dict[str, str]:
        """The ids of these topics; one that did not answer has none."""
        described = reading.by_name(self.connection, names)
        return {name: answer.topic_id for name, answer in described.items() if answer.topic_id}

    def belongings(self, names: Sequence[str]) -> dict[str, str]:
        """What these topics take on disk, and who reads and writes them, as far as that can be found out."""
        if not names:
            return {}
        use, sizes = consumer_notes.belongings(self.connection, names), log_dirs.log_dirs(self.connection, names)
        there = {name for name, _ in sizes.replicas}
        return {name: ", ".join(filter(None, (sizes.words(name), use.get(name)))) for name in names if name in there}

    def remember(self, inputs: Mapping[str, str]) -> None:
        """Topics are made of nothing but what they say."""

    def batches(self, changes: Changes) -> Iterator[Changes]:
        """One action a batch, bounded by topics and by metadata records."""
        self._todo = Counter(change.action for change in changes)
        self._begun = Counter()
        long = [change for change in changes if forecast.is_about_replicas(change)]
        yield from operations.batches([change for change in changes if change not in long], self.batch_topics)
        # All at once: which of them come first is decided over all of them.
        yield from ([long] if long else [])

    def write(self, batch: Changes) -> Iterator[Outcome]:
        """Create, update or delete one batch; every outcome was read back."""
        if self.writer.unanswered:
            yield from (Outcome(change.key, State.STOPPED, writing.SILENT) for change in batch)
            return
        action = batch[0].action
        self._begun[action] += len(batch)
        self.connection.progress(f"topics to {action}: {self._begun[action]}/{self._todo[action] or len(batch)}")
        try:
            yield from self._outcomes(batch)
        finally:
            # Also where the write dies: doubt counts from the last request that may have left.
            self._last_sent = time.monotonic()

    def _outcomes(self, batch: Changes) -> Iterator[Outcome]:
        """A change that needs several operations has one outcome."""
        yield from (Outcome(change.key, State.DONE, FILES_ONLY) for change in batch if _is_files_only(change))
        todo, outdated = self._drop_outdated([change for change in batch if not _is_files_only(change)])
        yield from outdated
        outcomes: dict[Key, list[Outcome]] = defaultdict(list)
        for outcome in self._sent([forecast.without_early(change) for change in todo]):
            outcomes[outcome.key].append(outcome)
        bad = {key for key, several in outcomes.items() if _worst(several).state is not State.DONE}
        for outcome in self._moved([change for change in todo if change.key not in bad]):
            outcomes[outcome.key].append(outcome)
        yield from (_worst(outcomes[change.key]) for change in todo)

    def _sent(self, changes: Changes) -> Iterator[Outcome]:
        for operation in OPERATIONS:
            for part in operations.bounded(operation.part(changes), self.batch_topics):
                yield from self.writer.write(operation(self.connection), part)

    def _moved(self, changes: Changes) -> Iterator[Outcome]:
        mine = [change for change in changes if forecast.is_about_replicas(change)]
        if not mine:
            return
        if self.raising is None:
            yield from (Outcome(change.key, State.FAILED, forecast.NO_RECORD.reason) for change in mine)
        else:
            yield from self._finished(self.raising.begin(mine), mine)

    def advance(self, started: Changes) -> Iterator[Outcome]:
        """One more look at replicas on their way. Those that have come make room for what waited for them."""
        if self.raising is not None:
            yield from self._finished(self.raising.advance(started), started)

    def tidy(self) -> Sequence[str]:
        """Remove the throttles of replicas that have come."""
        return self.mover.step({}).left if self.mover is not None else ()

    def _finished(self, outcomes: Iterable[Outcome], changes: Changes) -> Iterator[Outcome]:
        """With what had to wait until the replicas are in sync."""
        by_key = {change.key: change for change in changes}
        for outcome in outcomes:
            change = by_key[outcome.key]
            early = forecast.too_early(change) if outcome.state is State.DONE else ()
            yield _worst([outcome, *self._sent([change.only(early)] if early else [])])

    def _drop_outdated(self, batch: Changes) -> tuple[list[Change[TopicSpec]], list[Outcome]]:
        if batch and batch[0].action is not Action.CREATE:
            self._probe(batch)
        return read_back.drop_outdated(self.connection, batch)

    def _probe(self, changes: Changes) -> None:
        """By no topic that is about to go: asking for it later would start a search without end."""
        if self.writer.probe_topic in {change.key.name for change in changes if change.action is Action.DELETE}:
            self.writer.probe_topic = None
        self.connection.probe(self.writer.probe_topic)

    def await_pending(self, doubtful: Changes) -> Iterator[Outcome]:
        """Look again until the time in which a lost request may still be carried out is over."""
        sent = self._last_sent or time.monotonic()
        yield from writing.await_pending(self.connection, doubtful, sent, self._visible)

    def _visible(self, changes: Changes) -> set[str]:
        self.connection.probe(self.writer.probe_topic)
        deletions = [change for change in changes if change.action is Action.DELETE]
        others = [change for change in changes if change.action is not Action.DELETE]
        return read_back.gone(self.connection, deletions) | read_back.visible(self.connection, others)


def _is_files_only(change: Change[TopicSpec]) -> bool:
    return change.action is Action.UPDATE and not change.fields


def _together(parts: Sequence[Prepared]) -> Prepared:
    return Prepared(
        tuple(why for part in parts for why in part.refusals),
        tuple(dict.fromkeys(note for part in parts for note in part.notes)),
        tuple(condition for part in parts for condition in part.conditions),
        tuple(hazard for part in parts for hazard in part.hazards),
        {name: why for part in parts for name, why in part.unknown.items()},
        tuple(reader for part in parts for reader in part.readers),
        next((part.work for part in parts if part.work), None),
    )


def _worst(outcomes: Sequence[Outcome]) -> Outcome:
    """An update of several requests is as good as its worst part; what was read back of the others is kept."""
    worst = next((outcome for outcome in outcomes if outcome.state is not State.DONE), outcomes[0])
    done = tuple(field for outcome in outcomes for field in outcome.changes)
    return Outcome(worst.key, worst.state, worst.comment, done)
