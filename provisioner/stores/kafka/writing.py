"""One batch of changes, seen through: sent, sent again where it got lost, and read back before it is called done."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from provisioner.kinds.topic_spec import TopicSpec
from provisioner.reconcile.change import Action, Change
from provisioner.reconcile.outcome import Outcome, State
from provisioner.stores.kafka import codes, dry_run, read_back, reading
from provisioner.stores.kafka.codes import Verdict
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.operations import Operation

SILENT = "not sent: the cluster gave no answer to the changes before it"

CONFIRMING_BROKERS = 2
"""A broker's first answer after a write is right only 15-35 % of the time: one broker is not enough."""

MOST_LISTINGS = 8
"""Each names any broker as the next one to be asked: so many of them for two different ones."""

Changes = Sequence[Change[TopicSpec]]
Visible = Callable[[Changes], set[str]]


@dataclass
class _Batch:
    """What is known of a batch so far, by topic."""

    failed: dict[str, Outcome] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    """The last error, with its code."""
    conflicting: set[str] = field(default_factory=set)
    """Somebody was first, maybe our own earlier request: only a look at the topic can tell."""
    sent: set[str] = field(default_factory=set)
    """A request may have been carried out, or may yet be."""


@dataclass
class Writer:
    """Writes batches to one cluster. `probe_topic`: a topic known to exist; `created`: how many this run has created.

    `unanswered`: nothing at all is known of the last batch, and nothing more is sent.
    """

    connection: Connection
    probe_topic: str | None = None
    created: int = 0
    unanswered: bool = False

    def write(self, operation: Operation, changes: Changes) -> list[Outcome]:
        """Send the changes until each is accepted or refused, then read them back."""
        if self.unanswered:
            return [Outcome(change.key, State.STOPPED, SILENT) for change in changes]
        batch = _Batch()
        unsent = {change.key.name for change in self._send(operation, changes, batch)} - batch.sent
        left = [change for change in changes if change.key.name not in batch.failed]
        differing = self._differing(left, batch)
        sent = [change for change in left if change.key.name not in {*differing, *unsent}]
        visible = self._await_visible(operation, sent)
        self.unanswered = not batch.failed and not differing and not visible
        differing |= self._differing([change for change in left if change.key.name not in visible], batch)
        self.created += sum(change.before is None for change in changes)
        return [*batch.failed.values(), *(_outcome(change, visible, differing, batch) for change in left)]

    def _differing(self, changes: Changes, batch: _Batch) -> dict[str, str]:
        conflicting = [change for change in changes if change.key.name in batch.conflicting]
        return read_back.differences(self.connection, conflicting)

    def _send(self, operation: Operation, changes: Changes, batch: _Batch) -> Changes:
        """Send, and send again what is not visible. Returns the changes that got no clear answer in all the time."""
        timeouts, left = self.connection.timeouts, changes
        deadline, (pause, longest) = time.monotonic() + timeouts.send, timeouts.retry_pause
        while True:
            self.connection.probe(self.probe_topic)
            left = self._attempt(operation, left, batch)
            if left:
                self.connection.progress(f"no clear answer for {len(left)} topics; asking the cluster what it has")
                self.connection.probe(self.probe_topic)
                visible = operation.visible(left)
                left = [change for change in left if change.key.name not in visible]
            if not left or time.monotonic() >= deadline:
                return left
            time.sleep(random.uniform(0, pause))  # noqa: S311 -- several runs need not knock at the same time
            pause = min(longest, 2 * pause)

    def _attempt(self, operation: Operation, left: Changes, batch: _Batch) -> list[Change[TopicSpec]]:
        answers = operation.request(left)
        unclear = []
        for change in left:
            name = change.key.name
            code, text = answers.get(name, (codes.TIMED_OUT, "no answer for this topic"))
            if not _was_not_carried_out(code, text):
                batch.sent.add(name)
            if code == codes.OK:
                continue
            batch.answers[name] = f"{self.connection.clean(text)} ({code})"
            if self._try_again(change, code, text):
                unclear.append(change)
            elif _is_conflict(change, code):
                batch.conflicting.add(name)
            else:
                why = _why(code, self.connection.clean(text), operation.right)
                batch.failed[name] = Outcome(change.key, State.FAILED, why)
        return unclear

    def _try_again(self, change: Change[TopicSpec], code: int, text: str) -> bool:
        if code == codes.TIMED_OUT and "waiting for response" in text:
            self.connection.renew_writer()
        return codes.is_unclear(code) or (codes.verdict(code) is Verdict.NOT_FOUND and change.before is None)

    def _await_visible(self, operation: Operation, changes: Changes) -> set[str]:
        """The names whose change more than one broker shows within the time that brokers may need."""
        timeouts = self.connection.timeouts
        budget = timeouts.visible + timeouts.visible_per_topic * (self.created + len(changes))
        deadline, (pause, longest) = time.monotonic() + budget, timeouts.look_pause
        while changes:
            visible = self._confirmed(operation, changes)
            if len(visible) == len(changes) or time.monotonic() > deadline:
                return visible
            time.sleep(pause)
            pause = min(longest, pause * 1.6)
        return set()

    def _confirmed(self, operation: Operation, changes: Changes) -> set[str]:
        """One broker after the other; the next admin request goes to the one that a new listing names."""
        confirming: set[int] = set()
        visible = {change.key.name for change in changes}
        for _ in range(MOST_LISTINGS):
            view = reading.listing(self.connection, self.probe_topic)
            if view.controller in confirming:
                continue
            visible &= operation.visible(changes)
            confirming.add(view.controller)
            if not visible or len(confirming) >= min(CONFIRMING_BROKERS, len(view.brokers)):
                break
        return visible


def _why(code: int, text: str, right: str) -> str:
    match codes.verdict(code):
        case Verdict.DENIED:
            return f"not allowed: needs {right} ({text})"
        case Verdict.NOT_FOUND:
            return "the topic was deleted meanwhile: plan again"
        case _:
            return f"the cluster refuses: {text} ({code})"


def _outcome(change: Change[TopicSpec], visible: set[str], differing: dict[str, str], batch: _Batch) -> Outcome:
    name, answer = change.key.name, batch.answers.get(change.key.name, "accepted")
    if name in differing:
        why = f"somebody else was here first ({answer}): {differing[name]}; plan again"
        return Outcome(change.key, State.FAILED, why)
    if name in visible:
        return Outcome(change.key, State.DONE, seen=change.listed)
    if name not in batch.sent:
        return Outcome(change.key, State.FAILED, f"the cluster took no request in time: {answer}; apply again")
    return Outcome(change.key, State.DOUBT, f"{answer}, but not read back: it may still happen; plan again in a minute")


def _was_not_carried_out(code: int, text: str) -> bool:
    """librdkafka has one code for a request that waits for its controller and for one that waits for its answer."""
    return codes.verdict(code) is Verdict.WAIT or (code == codes.TIMED_OUT and "waiting for controller" in text)


def _is_conflict(change: Change[TopicSpec], code: int) -> bool:
    is_gone = codes.verdict(code) is Verdict.NOT_FOUND and change.after is None
    return codes.verdict(code) is Verdict.CONFLICT or is_gone


def await_pending(connection: Connection, pending: Changes, sent: float, visible: Visible) -> Iterator[Outcome]:
    """What became of changes in doubt: done, failed, or in doubt for good.

    Looks again and again until all are visible or the time of doubt is over, counted from `sent`, the moment of the
    last request (by time.monotonic).
    """
    left = list(pending)
    while left:
        done = visible(left)
        yield from (_late(change) for change in left if change.key.name in done)
        left = [change for change in left if change.key.name not in done]
        rest = sent + connection.timeouts.doubt - time.monotonic()
        if not left or rest <= 0:
            break
        connection.progress(f"{len(left)} changes in doubt; looking again for up to {rest:.0f} s")
        time.sleep(min(connection.timeouts.doubt_pause, rest))
    yield from _over(connection, left)


def _late(change: Change[TopicSpec]) -> Outcome:
    return Outcome(change.key, State.DONE, "in doubt at first, and seen since", change.fields)


def _over(connection: Connection, left: Changes) -> Iterator[Outcome]:
    """No answer will come any more: what certainly does not exist has failed, the rest stays in doubt."""
    creations = [change.key.name for change in left if change.action is Action.CREATE]
    answers = dry_run.creations(connection, creations, tries=1) if creations else {}
    later = f"{connection.timeouts.doubt:.0f} s later"
    for change in left:
        if answers.get(change.key.name) == codes.OK:
            why = f"no answer, and {later} it does not exist: it was not carried out; apply again"
            yield Outcome(change.key, State.FAILED, why)
        else:
            why = f"no answer, and not seen {later}; plan again before anything else is done to it"
            yield Outcome(change.key, State.DOUBT, why)
