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
RETRY_SECONDS = (0.5, 5.0)
"""The first pause between two tries, at most, and the longest."""

SEEN_SECONDS = 30.0
SEEN_SECONDS_PER_TOPIC = 0.02
LOOK_SECONDS = (0.05, 1.0)
"""The first pause between two looks, and the longest."""

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
    _compared: set[str] = field(default_factory=set)
    """Names whose answer was that somebody had been there first."""

    def write(
        self, batch: Changes, request: requests.Request, right: str, done: Callable[[Changes], set[str]]
    ) -> list[Outcome]:
        """Send the batch until every change is accepted or refused, then read it back.

        `done` gives the names whose change is visible; `right` names the right that a denied change lacks.
        """
        self._comments.clear()
        self._compared.clear()
        failed: dict[str, Outcome] = {}
        self._send(batch, request, right, done, failed)
        accepted = [change for change in batch if change.key.name not in failed]
        seen = self._seen(accepted, done) if accepted else set()
        other = self._differences([change for change in accepted if change.key.name in self._compared])
        return [*failed.values(), *(self._outcome(change, seen, other) for change in accepted)]

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
            wait=wait_random_exponential(*RETRY_SECONDS),
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
            elif _was_there_first(change, code):
                self._compared.add(change.key.name)
            else:
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
        deadline, (pause, longest) = time.monotonic() + budget, LOOK_SECONDS
        while True:
            seen = self._confirmed(batch, done)
            if len(seen) == len(batch) or time.monotonic() > deadline:
                return seen
            time.sleep(pause)
            pause = min(longest, pause * 1.6)

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

    def _differences(self, changes: Changes) -> dict[str, str]:
        """Name -> how the topic that was there first differs from what is wanted."""
        found = live(self.connection, changes) if changes else {}
        differing = {change.key.name: _difference(change, found.get(change.key.name)) for change in changes}
        return {name: said for name, said in differing.items() if said}

    def _outcome(self, change: Change[Topic], seen: set[str], other: Mapping[str, str]) -> Outcome:
        name = change.key.name
        if name in other:
            said = f"somebody else was here first ({self._comments[name]}): {other[name]}; plan again"
            return Outcome(change.key, State.FAILED, said)
        if name in seen:
            return Outcome(change.key, State.DONE, changes=change.fields)
        said = self._comments.get(name, "accepted")
        return Outcome(
            change.key, State.DOUBT, f"{said}, but not read back: it may still happen; plan again in a minute"
        )


def _was_there_first(change: Change[Topic], code: int) -> bool:
    """Somebody did it before this request, maybe our own earlier one: only a look at the topic can tell."""
    gone = codes.verdict(code) is Verdict.GONE
    return codes.verdict(code) is Verdict.COMPARE or (gone and change.after is None)


def visible(connection: Connection, changes: Changes) -> set[str]:
    """The names whose live topic shows every field of its change."""
    found = live(connection, changes)
    return {change.key.name for change in changes if _shows(change, found.get(change.key.name))}


def live(connection: Connection, changes: Changes) -> dict[str, Mapping[str, str]]:
    """The fields of those topics that a broker shows; configs only where a change is about them.

    Configs first: a description's answer names another controller, and so another broker for the next question.
    """
    names = [change.key.name for change in changes]
    asked = names if any(map(_is_about_configs, changes)) else []
    none: reading.Configs | int = codes.UNKNOWN_TOPIC if asked else reading.Configs({}, {})
    configs = dict(reading.configs(connection, asked, frozenset()))
    described = reading.by_name(connection, names)
    seen = {name: (answer.shape, configs.get(name, none)) for name, answer in described.items()}
    return {
        name: reading.topic(shape, config).fields()
        for name, (shape, config) in seen.items()
        if shape and isinstance(config, reading.Configs)
    }


def _is_about_configs(change: Change[Topic]) -> bool:
    return change.before is None or any(field.field.startswith("config.") for field in change.fields)


def _shows(change: Change[Topic], found: Mapping[str, str] | None) -> bool:
    return found is not None and all(found.get(field.field) == field.after for field in change.fields)


def _difference(change: Change[Topic], found: Mapping[str, str] | None) -> str:
    """In words; empty where there is no difference or nothing to compare."""
    if found is None or change.after is None:
        return ""
    differing = {name: value for name, value in _comparable(change, found).items() if found.get(name) != value}
    return ", ".join(
        f"{name} is {found.get(name) or 'not set'}, wanted {value or 'not set'}"
        for name, value in sorted(differing.items())
    )


def _comparable(change: Change[Topic], found: Mapping[str, str]) -> dict[str, str | None]:
    """What must hold: all of a new topic; of an old one only what has moved, as the rest may just be late."""
    if change.before is None:
        return {**dict.fromkeys(found), **{field.field: field.after for field in change.fields}}
    return {field.field: field.after for field in change.fields if found.get(field.field) != field.before}


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
