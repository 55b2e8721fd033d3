"""Topics of one cluster as a store."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from provisioner.errors import RefusedError
from provisioner.kinds.topic import Topic
from provisioner.reconcile.model import Action, Change, Key, Observed, Outcome, Prepared, Reading, Refusal, State
from provisioner.stores.kafka import codes, reading, requests, writing
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.reading import Configs, Described, Shape

BATCH_TOPICS = 200
BATCH_RECORDS = 2_000
MOST_RECORDS = 10_000
"""The controller refuses an operation of more metadata records: topic 1, each config 1, each partition 1."""

LATE_SECONDS = 30.0
NOT_ASKED = "not asked whether the cluster would accept it: no right to create"

Changes = Sequence[Change[Topic]]


@dataclass
class KafkaTopics:
    """Reads and writes the topics of one cluster.

    `inherited`: config keys whose broker values are needed; `identify`: names whose topic id is needed.
    """

    connection: Connection
    cluster_id: str | None = None
    inherited: frozenset[str] = frozenset()
    identify: frozenset[str] = frozenset()
    writer: writing.Writer = field(init=False)

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

    def read(self, names: Sequence[str]) -> Reading[Topic]:
        """The declared topics as they are. Names that the brokers hide or are late with are unsure."""
        view = self._listing()
        self.writer.anchor = next((name for name in names if name in view.topics), next(iter(view.topics), None))
        shapes = {name: view.topics[name] for name in names if name in view.topics}
        unsure, notes = self._missing([name for name in names if name not in shapes], shapes)
        found = self._found(shapes, unsure)
        asked = set(names)
        unmanaged = sum(name not in asked and not name.startswith("__") for name in view.topics)
        return Reading(found, unsure, unmanaged=unmanaged, notes=notes, source=view.cluster_id)

    def _found(self, shapes: Mapping[str, Shape], unsure: dict[str, str]) -> dict[str, Observed[Topic]]:
        ids = reading.by_name(self.connection, [name for name in shapes if name in self.identify])
        found = {}
        for name, config in reading.configs(self.connection, list(shapes), self.inherited):
            if isinstance(config, Configs):
                topic_id = ids[name].topic_id if name in ids else None
                found[name] = Observed(reading.topic(shapes[name], config, topic_id), topic_id)
            else:
                unsure[name] = _unreadable(config)
        return found

    def _missing(
        self, names: Sequence[str], shapes: dict[str, Shape]
    ) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
        """What the listing lacks: hidden, late (then added to `shapes`), or absent."""
        if not names:
            return {}, {}
        described = reading.by_name(self.connection, names)
        unsure = {name: why for name, answer in described.items() if (why := _hidden(answer))}
        shapes.update({name: answer.shape for name, answer in described.items() if answer.shape})
        absent = [name for name, answer in described.items() if answer.code == codes.UNKNOWN_TOPIC]
        said = self._asked(absent)
        self._wait_for([name for name, code in said.items() if code == codes.TOPIC_EXISTS], shapes, unsure)
        unsure.update({name: _silent(code) for name, code in said.items() if _is_no_answer(code)})
        return unsure, {name: (NOT_ASKED,) for name, code in said.items() if code in codes.DENIED}

    def _asked(self, absent: Sequence[str]) -> dict[str, int]:
        if not absent or not reading.dry_runs_are_dry(self.connection):
            return {}
        return reading.dry_creates(self.connection, absent)

    def _wait_for(self, late: Sequence[str], shapes: dict[str, Shape], unsure: dict[str, str]) -> None:
        deadline = time.monotonic() + LATE_SECONDS
        while late and time.monotonic() < deadline:
            self.connection.progress(f"{len(late)} topics exist, but a broker does not show them yet")
            time.sleep(1)
            described = reading.by_name(self.connection, late)
            shapes.update({name: answer.shape for name, answer in described.items() if answer.shape})
            late = [name for name in late if name not in shapes]
        unsure.update(dict.fromkeys(late, "it exists, but the brokers do not show it yet; plan again in a minute"))

    def prepare(self, changes: Changes) -> Mapping[Key, Prepared]:
        """Refuses what no request could carry."""
        why = Refusal(
            "impossible",
            f"more than {MOST_RECORDS} metadata records in one topic",
            "declare fewer partitions; add more in later steps",
        )
        return {change.key: Prepared((why,)) for change in changes if _records(change) > MOST_RECORDS}

    def batches(self, changes: Changes) -> Iterator[Changes]:
        """One action a batch, bounded by topics and by metadata records."""
        for action in Action:
            yield from _bounded([change for change in changes if change.action is action])

    def write(self, batch: Changes) -> Iterator[Outcome]:
        """Create, update or delete one batch; every outcome was read back."""
        yield from _WRITES[batch[0].action](self, batch)

    def _create(self, batch: Changes) -> Iterator[Outcome]:
        self.connection.progress(f"creating {len(batch)} topics")
        outcomes = self.writer.write(batch, requests.create, "create", self._visible)
        self.writer.created += len(batch)
        yield from outcomes

    def _update(self, batch: Changes) -> Iterator[Outcome]:
        self.connection.progress(f"updating {len(batch)} topics")
        parts = (
            (writing.by_field(batch, "partitions"), requests.grow, "grow"),
            (writing.by_field(batch, "config."), requests.alter, "alter"),
        )
        answers = [self.writer.write(part, request, right, self._visible) for part, request, right in parts if part]
        for change in batch:
            yield _together([outcome for part in answers for outcome in part if outcome.key == change.key])

    def _delete(self, batch: Changes) -> Iterator[Outcome]:
        self.connection.progress(f"deleting {len(batch)} topics")
        self._probe_without({change.key.name for change in batch})
        described = reading.by_name(self.connection, [change.key.name for change in batch])
        same = [change for change in batch if described[change.key.name].topic_id == change.identity]
        for change in batch:
            if change not in same:
                yield Outcome(change.key, State.FAILED, _not_deleted(described[change.key.name]))
        if same:
            yield from self.writer.write(same, requests.delete, "delete", lambda c: writing.gone(self.connection, c))

    def _probe_without(self, names: set[str]) -> None:
        """A topic that is about to go is no anchor: asking for it later would start a search without end."""
        if self.writer.anchor in names:
            self.writer.anchor = None
        self.connection.probe(self.writer.anchor)

    def _visible(self, changes: Changes) -> set[str]:
        return writing.visible(self.connection, changes)


_WRITES: Mapping[Action, Callable[[KafkaTopics, Changes], Iterator[Outcome]]] = {
    Action.CREATE: KafkaTopics._create,
    Action.UPDATE: KafkaTopics._update,
    Action.DELETE: KafkaTopics._delete,
}


def _bounded(changes: Changes) -> Iterator[Changes]:
    batch: list[Change[Topic]] = []
    records = 0
    for change in changes:
        more = _records(change)
        if batch and (len(batch) == BATCH_TOPICS or records + more > BATCH_RECORDS):
            yield batch
            batch, records = [], 0
        batch.append(change)
        records += more
    if batch:
        yield batch


def _records(change: Change[Topic]) -> int:
    if change.after is None:
        return 1
    new = change.after.partitions - (change.before.partitions if change.before else 0)
    return 1 + max(0, new) + len(change.fields)


def _together(outcomes: Sequence[Outcome]) -> Outcome:
    """An update of several requests is as good as its worst part; what was read back of the others is kept."""
    worst = next((outcome for outcome in outcomes if outcome.state is not State.DONE), outcomes[0])
    done = tuple(field for outcome in outcomes for field in outcome.changes)
    return Outcome(worst.key, worst.state, worst.comment, done)


def _hidden(answer: Described) -> str | None:
    if answer.code in codes.DENIED:
        return f"hidden: it may exist, but our user lacks {codes.RIGHTS['describe']}"
    return None if answer.shape or answer.code == codes.UNKNOWN_TOPIC else _silent(answer.code)


def _not_deleted(answer: Described) -> str:
    if answer.shape:
        return "it is another topic than the one that was planned: plan again"
    if answer.code == codes.UNKNOWN_TOPIC:
        return "it is gone already: plan again"
    return f"nothing was sent: {_hidden(answer)}"


def _silent(code: int) -> str:
    return f"the brokers gave no clear answer about it ({code}); plan again"


def _is_no_answer(code: int) -> bool:
    return codes.verdict(code) in (codes.Verdict.RETRY, codes.Verdict.WAIT)


def _unreadable(code: int) -> str:
    if code in codes.DENIED:
        return f"its configs cannot be read: our user lacks {codes.RIGHTS['configs']}"
    return _silent(code)
