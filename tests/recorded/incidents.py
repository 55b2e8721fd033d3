"""The alerts that there are in the recording: what `fleet` lets happen, as people are told of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tests.recorded.clock import ago

LAG, LETTER = "KafkaConsumerLagHigh", "KafkaDeadLetterReceived"
HOLD = {LAG: 2, LETTER: 0}
"""Minutes that the expression holds before the alert fires."""


class Firing(NamedTuple):
    """An alert that fired in the last three hours: since when, until when (minutes ago; 0: still)."""

    cluster: str
    name: str
    topic: str
    group: str
    since: float
    until: float

    def fires(self, when: float) -> bool:
        """Whether it fires at this time."""
        return ago(self.since) <= when and (not self.until or when <= ago(self.until))

    def is_about_to_change(self, when: float) -> bool:
        """Whether it begins or ends within two minutes of this time; it is kept firing for ten."""
        begins, ends = (abs(when - ago(minutes)) / 60 for minutes in (self.since, self.until))
        return begins <= 2 or (bool(self.until) and ends <= 11)


FIRED = [
    Firing("prod", LAG, "ledger-entries.v1", "general-ledger", 138, 62),
    Firing("prod", LAG, "orders.v1", "shipping-planner", 17.5, 0),
    Firing("prod", LAG, "shipments.v1", "label-printer", 48, 0),
    Firing("prod", LETTER, "orders.v1.dlq", "", 38, 0),
    Firing("staging", LAG, "orders.v1", "shipping-planner", 17.5, 0),
    Firing("staging", LAG, "shipments.v1", "label-printer", 43, 0),
    Firing("staging", LETTER, "orders.v1.dlq", "", 35.5, 0),
]
"""Everything, and nothing else."""


def of_topic(cluster: str, topic: str) -> Iterator[Firing]:
    """Those of one topic."""
    return (one for one in FIRED if (one.cluster, one.topic) == (cluster, topic))
