"""The record's topic, made where there is none: compacted, and as small as the cluster lets it be."""

from __future__ import annotations

import time
from collections.abc import Mapping

from provisioner.errors import UnreachableError
from provisioner.kinds.topic_spec import TopicSpec
from provisioner.problem import Span
from provisioner.reconcile.change import Action, Change
from provisioner.reconcile.model import Key
from provisioner.reconcile.record_log import UnwritableRecordError
from provisioner.stores.kafka import codes, record_words
from provisioner.stores.kafka.codes import Verdict
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.operations import CreateTopics

MOST_REPLICAS = 3
NEEDED: Mapping[str, str] = {"cleanup.policy": "compact"}
NICE: Mapping[str, str] = {
    # Kafka's least: only whole segments are compacted (51 MB of writes become 1.5 MB, measured on 4.4).
    "segment.bytes": "1048576",
    "max.compaction.lag.ms": "604800000",
}
"""Not offered, or not with these values, by some managed clusters."""
_NOT_OFFERED = codes.INVALID_CONFIG, codes.POLICY_VIOLATION


def create(connection: Connection, name: str, brokers: int) -> None:
    """Make the topic on that many brokers; one that exists is as good.

    Raises UnwritableRecordError where the cluster refuses it, UnreachableError where no clear answer came.
    """
    replicas = min(MOST_REPLICAS, brokers)
    in_sync = {"min.insync.replicas": str(min(2, replicas))}
    code, text = _answer(connection, name, TopicSpec(1, replicas, {**NEEDED, **in_sync, **NICE}))
    if code in _NOT_OFFERED:
        code, text = _answer(connection, name, TopicSpec(1, replicas, NEEDED))
    match codes.verdict(code):
        case _ if code in (codes.OK, codes.TOPIC_EXISTS):
            return
        case Verdict.RETRY | Verdict.WAIT:
            raise UnreachableError(*record_words.unanswered(connection, name, code))
        case _:
            raise UnwritableRecordError(*record_words.unmade(connection, name, code, text))


def _answer(connection: Connection, name: str, topic: TopicSpec) -> tuple[int, str]:
    """The first clear answer, or the last one in the time for it."""
    change = Change(Key("topic", name), Action.CREATE, None, topic, (), Span("", 0))
    timeouts = connection.timeouts
    deadline, (pause, longest) = time.monotonic() + timeouts.send, timeouts.retry_pause
    while True:
        code, text = CreateTopics(connection).request([change]).get(name, (codes.TIMED_OUT, ""))
        if not codes.is_unclear(code) or time.monotonic() > deadline:
            return code, connection.clean(text)
        connection.progress(f"{name}: no clear answer to its creation; sending it again")
        connection.renew_writer()
        connection.probe(None)
        time.sleep(pause)
        pause = min(longest, 2 * pause)
