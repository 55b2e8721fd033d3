"""One batch of changes, seen through: sent, sent again where it got lost, and read back before it is called done."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tenacity import Retrying, retry_if_result, stop_after_delay, wait_random_exponential

from provisioner.kinds.topic import Topic
from provisioner.reconcile.model import Change, FieldChange, Outcome, State
from provisioner.stores.kafka import codes, reading, requests
from provisioner.stores.kafka.codes import Verdict
from provisioner.stores.kafka.connection import Connection

SEND_SECONDS = 90
SEEN_SECONDS = 30.0
SEEN_SECONDS_PER_TOPIC = 0.02
WITNESSES = 2
"""A broker's first answer after a write is right only 15-35 % of the time: one witness is not enough."""

Changes = Sequence[Change[Topic]]


@dataclass
class Writer:
    """Writes batches to one cluster. `anchor`: a topic known to exist, for probes; `created`: topics of this run."""

    connection: Connection
    anchor: str | None = None
    created: int = 0
    _comments: dict[str, str] = field(default_factory=dict)

    def write(
        self, batch: Changes, request: requests.Request, right: str, done: Callable[[Changes], set[str]]
    ) -> list[Outcome]:
        """Send the batch until every change is accepted or refused, then read it back.

        `done` gives the names whose change is visible; `right` names the right that a denied change lacks.
        """
        self._comments.clear()
        failed: dict[str, Outcome] = {}
        self._send(batch, request, right, done, failed)
        accepted = [change for change in batch if change.key.name not in failed]
        seen = self._seen(accepted, done) if accepted else set()
        return [*failed.values(), *(self._outcome(change, change.key.name in seen) for change in accepted)]

    def _send(
        self,
        batch: Changes,
        request: requests.Request,
        right: str,
        done: Callable[[Changes], set[str]],
        failed: dict[str, Outcome],
    ) -> None:
        left = list(batch)

        def attempt() -> Changes:
            nonlocal left
            self.connection.probe(self.anchor)
            left = self._attempt(left, request, right, failed)
            if left:
                self.connection.progress(f"{len(left)} topics got no clear answer; asking the cluster what it has")
                self.connection.probe(self.anchor)
                there = done(left)
                left = [change for change in left if change.key.name not in there]
            return left

        again = Retrying(
            retry=retry_if_result(bool),
            stop=stop_after_delay(SEND_SECONDS),
            wait=wait_random_exponential(0.5, 5),
            retry_error_callback=lambda _: None,
        )
        again(attempt)

    def _attempt(
        self, left: Changes, request: requests.Request, right: str, failed: dict[str, Outcome]
    ) -> list[Change[Topic]]:
        answers = request(self.connection, left)
        unclear = []
        for change in left:
            code, text = answers.get(change.key.name, (codes.TIMED_OUT, "no answer for this topic"))
            if code == 0:
                continue
            if self._try_again(change, code, text):
                unclear.append(change)
            elif codes.verdict(code) is not Verdict.COMPARE:
                failed[change.key.name] = Outcome(change.key, State.FAILED, self._why(code, text, right))
        return unclear

    def _try_again(self, change: Change[Topic], code: int, text: str) -> bool:
        self._comments[change.key.name] = f"{self.connection.clean(text)} ({code})"
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

    def _seen(self, batch: Changes, done: Callable[[Changes], set[str]]) -> set[str]:
        """The names whose change more than one broker shows within the time that brokers may need."""
        budget = SEEN_SECONDS + SEEN_SECONDS_PER_TOPIC * (self.created + len(batch))
        deadline, pause, seen = time.monotonic() + budget, 0.05, set[str]()
        while True:
            seen = self._confirmed(batch, done)
            if len(seen) == len(batch) or time.monotonic() > deadline:
                return seen
            time.sleep(pause)
            pause = min(1.0, pause * 1.6)

    def _confirmed(self, batch: Changes, done: Callable[[Changes], set[str]]) -> set[str]:
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

    def _outcome(self, change: Change[Topic], seen: bool) -> Outcome:
        if seen:
            return Outcome(change.key, State.DONE, changes=change.fields)
        said = self._comments.get(change.key.name, "accepted")
        return Outcome(
            change.key, State.DOUBT, f"{said}, but not read back: it may still happen; plan again in a minute"
        )


def visible(connection: Connection, changes: Changes) -> set[str]:
    """The names whose live topic shows every field of its change."""
    described = reading.by_name(connection, [change.key.name for change in changes])
    there = [name for name, answer in described.items() if answer.shape]
    configs = dict(reading.configs(connection, there, frozenset())) if any(map(_config_fields, changes)) else {}
    return {change.key.name for change in changes if _shows(change, described.get(change.key.name), configs)}


def _config_fields(change: Change[Topic]) -> list[FieldChange]:
    return [field for field in change.fields if field.field.startswith("config.")]


def _shows(
    change: Change[Topic], described: reading.Described | None, configs: Mapping[str, reading.Configs | int]
) -> bool:
    if described is None or described.shape is None:
        return False
    config = configs.get(change.key.name, reading.Configs({}, {}))
    if isinstance(config, int):
        return False
    live = reading.topic(described.shape, config).fields()
    return all(live.get(field.field) == field.after for field in change.fields)


def gone(connection: Connection, changes: Changes) -> set[str]:
    """The names that no longer exist, or belong to a topic made since."""
    described = reading.by_name(connection, [change.key.name for change in changes])
    return {change.key.name for change in changes if _is_gone(change, described[change.key.name])}


def _is_gone(change: Change[Topic], described: reading.Described) -> bool:
    return described.code == codes.UNKNOWN_TOPIC or (
        described.shape is not None and described.topic_id != change.identity
    )


def by_field(changes: Iterable[Change[Topic]], name: str) -> list[Change[Topic]]:
    """The changes that touch a field whose name begins so, reduced to those fields."""
    picked = []
    for change in changes:
        fields = tuple(field for field in change.fields if field.field.startswith(name))
        if fields:
            picked.append(_only(change, fields))
    return picked


def _only(change: Change[Topic], fields: tuple[FieldChange, ...]) -> Change[Topic]:
    from dataclasses import replace

    return replace(change, fields=fields)
