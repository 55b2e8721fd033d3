"""One batch of changes, seen through: sent, sent again where it got lost, and read back before it is called done."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from tenacity import Retrying, retry_if_result, stop_after_delay, wait_random_exponential

from provisioner.kinds.topic import Topic
from provisioner.reconcile.model import Change, Outcome, State
from provisioner.stores.kafka import codes, reading, requests, seeing
from provisioner.stores.kafka.codes import Verdict
from provisioner.stores.kafka.connection import Connection

SEND_SECONDS = 60
"""Fail-over took at most 21 s (measured on 4.4, a busy machine)."""

RETRY_SECONDS = (0.5, 5.0)
"""The first pause between two tries, at most, and the longest."""

SEEN_SECONDS = 30.0
SEEN_SECONDS_PER_TOPIC = 0.02
LOOK_SECONDS = (0.05, 1.0)
"""The first pause between two looks, and the longest."""

SILENT = "not sent: the cluster gave no answer to the changes before it"

WITNESSES = 2
"""A broker's first answer after a write is right only 15-35 % of the time: one witness is not enough."""

Changes = Sequence[Change[Topic]]
Done = Callable[[Changes], set[str]]


@dataclass(frozen=True)
class Job:
    """What is done to a batch. `right`: what a denied change lacks; `done` gives the names whose change is visible."""

    batch: Changes
    request: requests.Request
    right: str
    done: Done


@dataclass
class _Told:
    """What is known of a batch so far, by name."""

    failed: dict[str, Outcome] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)
    compared: set[str] = field(default_factory=set)
    """Somebody had been there first."""
    sent: set[str] = field(default_factory=set)
    """A request may have been carried out, or may yet be."""


@dataclass
class Writer:
    """Writes batches to one cluster. `anchor`: a topic known to exist, for probes; `created`: topics of this run.

    `unanswered`: nothing at all is known of the last batch.
    """

    connection: Connection
    anchor: str | None = None
    created: int = 0
    unanswered: bool = False

    def write(self, job: Job) -> list[Outcome]:
        """Send the batch until every change is accepted or refused, then read it back."""
        if self.unanswered:
            return [Outcome(change.key, State.STOPPED, SILENT) for change in job.batch]
        told = _Told()
        never_sent = {change.key.name for change in self._send(job, told)} - told.sent
        left = [change for change in job.batch if change.key.name not in told.failed]
        other = self._others(left, told)
        seen = self._seen([change for change in left if change.key.name not in {*other, *never_sent}], job.done)
        self.unanswered = not told.failed and not other and not seen
        other |= self._others([change for change in left if change.key.name not in seen], told)
        return [*told.failed.values(), *(_outcome(change, seen, other, told) for change in left)]

    def _others(self, changes: Changes, told: _Told) -> dict[str, str]:
        return seeing.differences(self.connection, [change for change in changes if change.key.name in told.compared])

    def _send(self, job: Job, told: _Told) -> Changes:
        """The changes that got no clear answer in all the time."""
        left = list(job.batch)

        def attempt() -> Changes:
            nonlocal left
            self.connection.probe(self.anchor)
            left = self._attempt(left, job, told)
            if left:
                self.connection.progress(f"no clear answer for {len(left)} topics; asking the cluster what it has")
                self.connection.probe(self.anchor)
                there = job.done(left)
                left = [change for change in left if change.key.name not in there]
            return left

        again = Retrying(
            retry=retry_if_result(bool),
            stop=stop_after_delay(SEND_SECONDS),
            wait=wait_random_exponential(*RETRY_SECONDS),
            retry_error_callback=lambda _: None,
        )
        again(attempt)
        return left

    def _attempt(self, left: Changes, job: Job, told: _Told) -> list[Change[Topic]]:
        answers = job.request(self.connection, left)
        unclear = []
        for change in left:
            code, text = answers.get(change.key.name, (codes.TIMED_OUT, "no answer for this topic"))
            if not _was_never_sent(code, text):
                told.sent.add(change.key.name)
            if code == codes.OK:
                continue
            told.comments[change.key.name] = f"{self.connection.clean(text)} ({code})"
            if self._try_again(change, code, text):
                unclear.append(change)
            elif _was_there_first(change, code):
                told.compared.add(change.key.name)
            else:
                told.failed[change.key.name] = Outcome(change.key, State.FAILED, self._why(code, text, job.right))
        return unclear

    def _try_again(self, change: Change[Topic], code: int, text: str) -> bool:
        if code == codes.TIMED_OUT and "waiting for response" in text:
            self.connection.renew_writer()
        return codes.verdict(code) in (Verdict.RETRY, Verdict.WAIT) or (
            codes.verdict(code) is Verdict.GONE and change.before is None
        )

    def _why(self, code: int, text: str, right: str) -> str:
        said = self.connection.clean(text)
        if codes.verdict(code) is Verdict.ACCESS:
            return f"not allowed: needs {codes.RIGHTS[right]} ({said})"
        if codes.verdict(code) is Verdict.GONE:
            return "the topic was deleted meanwhile: plan again"
        return f"the cluster refuses: {said} ({code})"

    def _seen(self, batch: Changes, done: Done) -> set[str]:
        """The names whose change more than one broker shows within the time that brokers may need."""
        budget = SEEN_SECONDS + SEEN_SECONDS_PER_TOPIC * (self.created + len(batch))
        deadline, (pause, longest) = time.monotonic() + budget, LOOK_SECONDS
        while batch:
            seen = self._confirmed(batch, done)
            if len(seen) == len(batch) or time.monotonic() > deadline:
                return seen
            time.sleep(pause)
            pause = min(longest, pause * 1.6)
        return set()

    def _confirmed(self, batch: Changes, done: Done) -> set[str]:
        """One witness after the other; the next admin request goes to the broker that a new listing names."""
        witnesses: set[int] = set()
        seen = {change.key.name for change in batch}
        for _ in range(8):
            view = reading.listing(self.connection, self.anchor)
            if view.controller in witnesses:
                continue
            seen &= done(batch)
            witnesses.add(view.controller)
            if not seen or len(witnesses) >= min(WITNESSES, len(view.brokers)):
                break
        return seen


def _outcome(change: Change[Topic], seen: set[str], other: dict[str, str], told: _Told) -> Outcome:
    name, said = change.key.name, told.comments.get(change.key.name, "accepted")
    if name in other:
        return Outcome(change.key, State.FAILED, f"somebody else was here first ({said}): {other[name]}; plan again")
    if name in seen:
        return Outcome(change.key, State.DONE, changes=change.fields)
    if name not in told.sent:
        return Outcome(change.key, State.FAILED, f"the cluster took no request in time: {said}; apply again")
    return Outcome(change.key, State.DOUBT, f"{said}, but not read back: it may still happen; plan again in a minute")


def _was_never_sent(code: int, text: str) -> bool:
    """librdkafka has one code for a request that waits for its controller and for one that waits for its answer."""
    return codes.verdict(code) is Verdict.WAIT or (code == codes.TIMED_OUT and "waiting for controller" in text)


def _was_there_first(change: Change[Topic], code: int) -> bool:
    """Somebody did it before this request, maybe our own earlier one: only a look at the topic can tell."""
    gone = codes.verdict(code) is Verdict.GONE
    return codes.verdict(code) is Verdict.COMPARE or (gone and change.after is None)


def by_field(changes: Iterable[Change[Topic]], name: str) -> list[Change[Topic]]:
    """The changes that touch a field whose name begins so, reduced to those fields."""
    picked = ((change, tuple(f for f in change.fields if f.field.startswith(name))) for change in changes)
    return [replace(change, fields=fields) for change, fields in picked if fields]
