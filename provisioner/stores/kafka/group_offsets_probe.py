"""`python -P group_offsets_probe.py`: what consumer groups have committed. It joins none, and imports nothing of ours.

In: {"settings": librdkafka's, "topics": [names], "groups": [names], or null: list them, "seconds": {"answer": for one
answer of the cluster, "grace": more of them for the answers of all brokers, "whole": for everything}}.
Out, of a listing: {"groups": {name: true where it has members, false where not, null where that is not known},
"silent_brokers": brokers that did not list theirs}.
Out, of groups: {name: {"at": milliseconds since 1970, "code": why its offsets were not read or null, "offsets":
[[topic, partition, offset, the error's code or null]]}}.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

NAME = "provisioner-group-offsets-probe"
"""Its client id: what operators see in their logs."""

IN_FLIGHT = 32
"""Groups asked about at once."""

WITH_MEMBERS = frozenset({"STABLE", "PREPARING_REBALANCING", "COMPLETING_REBALANCING"})
WITHOUT_MEMBERS = frozenset({"EMPTY", "DEAD"})
NO_ANSWER = KafkaError._TIMED_OUT
NOT_KNOWN = -1
"""In place of an offset."""


@dataclass
class Probe:
    """One look at a cluster. `answer`, `grace`, `whole`: its seconds, as in the question."""

    settings: Mapping[str, Any]
    answer: float
    grace: float
    whole: float
    admin: AdminClient = field(init=False)
    deadline: float = field(init=False)

    def __post_init__(self) -> None:
        # The client must outlive its futures, or a listing is empty without a word.
        self.admin = AdminClient({**self.settings, "client.id": NAME, "log_level": 0})
        self.deadline = time.monotonic() + self.whole

    def listing(self) -> dict[str, Any]:
        """All groups that may be seen, and whether they have members."""
        future = self.admin.list_consumer_groups(request_timeout=self._patience())
        listed: Any = future.result(self.answer + self.grace)
        groups = {group.group_id: _has_members(group) for group in listed.valid if group.group_id}
        return {"groups": groups, "silent_brokers": len(listed.errors)}

    def offsets(self, topics: Collection[str], groups: Sequence[str]) -> dict[str, Any]:
        """What these groups have committed of these topics."""
        return dict(self._offsets(frozenset(topics), groups))

    def _offsets(self, topics: frozenset[str], groups: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        for start in range(0, len(groups), IN_FLIGHT):
            asked = [(name, self._asked(name)) for name in groups[start : start + IN_FLIGHT]]
            yield from ((name, self._answered(future, topics)) for name, future in asked)

    def _patience(self) -> float:
        """Seconds for one answer; 0: there is no time left."""
        return max(0.0, min(self.answer, self.deadline - time.monotonic()))

    def _asked(self, group: str) -> Any:
        """A future of all that the group has committed; None: there is no time left.

        Named partitions would be a longer question than the answer: most groups read few of them.
        """
        patience = self._patience()
        asked = [ConsumerGroupTopicPartitions(group)]
        return self.admin.list_consumer_group_offsets(asked, request_timeout=patience)[group] if patience else None

    def _answered(self, future: Any, topics: frozenset[str]) -> dict[str, Any]:
        """Of these topics alone: whatever else a group reads is dropped at once."""
        try:
            answers = future.result(self.answer + self.grace).topic_partitions if future else None
        except KafkaException as error:
            # A group that nobody has heard of has committed nothing.
            code = _code(error)
            return _group(None if code == KafkaError.GROUP_ID_NOT_FOUND else code)
        except TimeoutError:
            answers = None
        if answers is None:
            return _group(NO_ANSWER)
        ours = [each for each in answers if each.topic in topics]
        read = [[each.topic, each.partition, each.offset, None] for each in ours if not each.error and each.offset >= 0]
        failed = [[each.topic, each.partition, NOT_KNOWN, each.error.code()] for each in ours if each.error]
        return _group(None, read + failed)


def _group(code: int | None, offsets: Sequence[Sequence[Any]] = ()) -> dict[str, Any]:
    return {"at": time.time_ns() // 1_000_000, "code": code, "offsets": offsets}


def _has_members(group: Any) -> bool | None:
    """None for states that the client has no name for."""
    name = group.state.name if group.state is not None else ""
    return True if name in WITH_MEMBERS else False if name in WITHOUT_MEMBERS else None


def _code(error: KafkaException) -> int:
    inner = error.args[0] if error.args else None
    return inner.code() if isinstance(inner, KafkaError) else NO_ANSWER


def main() -> None:
    """Read the question, answer it."""
    question = json.load(sys.stdin)
    probe = Probe(question["settings"], **question["seconds"])
    groups = question["groups"]
    json.dump(probe.listing() if groups is None else probe.offsets(question["topics"], groups), sys.stdout)


if __name__ == "__main__":
    main()
