"""What consumer groups have not read, from the cluster alone: groups in batches, each asked in a process of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from provisioner.lag.reading import Committed, Group, Log, Logs, Reading
from provisioner.stores.kafka import codes, first_records, group_offsets_probe, log_bounds, probes, reading
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.first_records import First, Position
from provisioner.stores.kafka.log_bounds import Partition
from provisioner.stores.kafka.probes import NoAnswerError

BATCH = 500
"""Groups of one process: what is held in memory besides the answer is of these alone."""

STARTING = 2.0
"""Seconds that a process takes to begin and to end, of those that it has."""

NO_TIME = "there was no time left to ask"
_WORDS = {codes.TIMED_OUT: "no answer in time", first_records.NO_TIME: "its first unread record has no timestamp"}

Selects = Callable[[str], bool]


@dataclass
class UnreadMessages:
    """Of one cluster. `cluster_id`: the declared one, None: any; `seconds`: for everything that is read."""

    connection: Connection
    cluster_id: str | None
    seconds: float
    _deadline: float = field(init=False, default=0.0)

    def read(self, topics: Sequence[str], declared: Collection[str], selects: Selects) -> Reading:
        """What the declared groups, and all others there are, have not read of these topics; those `selects` names.

        Raises UnreachableError where nobody answers, RefusedError where another cluster does.
        """
        self._deadline = time.monotonic() + self.seconds
        view = reading.listing_of(self.connection, self.cluster_id)
        partitions = {name: view.topics[name].partitions for name in topics if name in view.topics}
        described = reading.by_name(self.connection, [name for name in topics if name not in view.topics])
        partitions |= {name: each.shape.partitions for name, each in described.items() if each.shape}
        unsure = {name: why for name, each in described.items() if (why := each.hidden)}
        listed, gaps = self._listed()
        names = [name for name in dict.fromkeys((*sorted(declared), *sorted(listed))) if selects(name)]
        groups = dict(self._groups(partitions, names)) if partitions else {}
        known = {name: replace(group, connected=listed.get(name)) for name, group in groups.items()}
        return Reading(view.cluster_id, partitions, known, unsure, gaps)

    @property
    def _left(self) -> float:
        return self._deadline - time.monotonic()

    def _listed(self) -> tuple[Mapping[str, bool | None], tuple[str, ...]]:
        """Every group that may be seen, whether it has members; and what is not known of that."""
        self.connection.progress("looking which consumer groups there are")
        try:
            answer = self._asked((), None, "which groups there are")
        except NoAnswerError as error:
            return {}, (f"which groups there are besides the declared ones is not known: {error}",)
        silent = answer["silent_brokers"]
        gap = f"{silent} broker{'s' if silent > 1 else ''} did not list the groups that they look after: ask again"
        return answer["groups"], (gap,) if silent else ()

    def _groups(self, partitions: Mapping[str, int], names: Sequence[str]) -> Iterator[tuple[str, Group]]:
        for number, batch in enumerate(reading.portions(names, BATCH)):
            done = number * BATCH + len(batch)
            self.connection.progress(f"reading what consumer groups have not read: {done}/{len(names)}")
            try:
                answer = self._offsets(list(partitions), batch)
            except NoAnswerError as error:
                yield from ((name, Group(why=str(error))) for name in batch)
                continue
            yield from self._understood(answer, partitions).items()

    def _offsets(self, topics: Sequence[str], names: Sequence[str]) -> Mapping[str, Any]:
        """Asked once more where the process died: a broker's death kills it, and that is over soon."""
        what = f"what {len(names)} groups have committed"
        try:
            return self._asked(topics, names, what)
        except NoAnswerError:
            return self._asked(topics, names, what)

    def _asked(self, topics: Sequence[str], groups: Sequence[str] | None, what: str) -> dict[str, Any]:
        if self._left < STARTING:
            raise NoAnswerError(NO_TIME)
        timeouts = self.connection.timeouts
        seconds = {"answer": timeouts.read, "grace": timeouts.grace, "whole": self._left - STARTING}
        question = {"topics": topics, "groups": groups, "seconds": seconds}
        return probes.answer(self.connection, group_offsets_probe, question, self._left + timeouts.grace, what)

    def _understood(self, answer: Mapping[str, Any], partitions: Mapping[str, int]) -> dict[str, Group]:
        """Offsets were read first: a log's end only grows."""
        committed = {(topic, number) for group in answer.values() for topic, number, *_ in group["offsets"]}
        everywhere = {(topic, number) for topic, _ in committed for number in range(partitions[topic])}
        bounds = log_bounds.bounds(self.connection, sorted(committed | everywhere), self._deadline)
        logs = {at: log for at, log in bounds.items() if isinstance(log, Log)}
        wanted = {at for group in answer.values() for at in _wanted(group, logs)}
        firsts = first_records.first_records(self.connection, wanted, logs, self._deadline)
        known = _by_topic(logs)
        return {name: _group(name, group, bounds, firsts, known) for name, group in answer.items()}


def _wanted(group: Mapping[str, Any], logs: Mapping[Partition, Log]) -> Iterator[Position]:
    """Where a group would read on, where it can; what is deleted is not unread."""
    for topic, number, committed, code in group["offsets"]:
        log = logs.get((topic, number))
        if code is None and log is not None and max(committed, log.start) < log.end:
            yield topic, number, max(committed, log.start)


def _group(
    name: str,
    answer: Mapping[str, Any],
    bounds: Mapping[Partition, Log | int],
    firsts: Mapping[Position, First],
    logs: Mapping[str, Logs],
) -> Group:
    if answer["code"] is not None:
        return Group(why=why(answer["code"], f"describe group {name}"))
    topics: dict[str, dict[int, Committed]] = {}
    for topic, number, committed, code in answer["offsets"]:
        log = bounds[topic, number]
        start = log.start if isinstance(log, Log) else 0
        first = firsts.get((topic, number, max(committed, start)), First())
        unknown = _unknown(topic, code if code is not None else log, first)
        topics.setdefault(topic, {})[number] = Committed(committed, first.timestamp, first.open, unknown)
    return Group(answer["at"], topics, {topic: logs[topic] for topic in topics if topic in logs})


def _by_topic(logs: Mapping[Partition, Log]) -> dict[str, dict[int, Log]]:
    found: dict[str, dict[int, Log]] = {}
    for (topic, number), log in logs.items():
        found.setdefault(topic, {})[number] = log
    return found


def _unknown(topic: str, log: Log | int, first: First) -> str:
    if not isinstance(log, Log):
        return why(log, f"describe topic {topic}")
    return "" if first.code is None else why(first.code, f"read topic {topic}")


def why(code: int, right: str) -> str:
    """What an error says, in words; `right`: what our user may not, where it is about that."""
    return f"no right to {right}" if codes.is_denied(code) else _WORDS.get(code) or codes.named(code)
