"""How long a cluster is waited for, in one value: every time-out, pause and patience of this package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

LEAST_WIRE, MOST_WIRE = 60.0, 300.0
"""librdkafka's default for socket.timeout.ms, and the most that it takes; in seconds."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """All in seconds. Pairs are the first pause, at most, and the longest one."""

    connect: float = 10
    """The longest try of the first answer: name, TLS, login, and the metadata of 120,000 replicas over a slow net."""

    probe: float = 5
    """For the answer of any broker that makes a client forget dead ones."""

    read: float = 10
    """For one answer to a read or to a dry run."""

    request: float = 30
    """For the answer to one request that changes something."""

    grace: float = 5
    """The client's own time-out comes first; but a future whose name is missing in the answer never completes."""

    send: float = 60
    """For sending a batch again and again until each change has a clear answer; a fail-over took at most 21 s (measured
    on 4.4, a busy machine)."""

    retry_pause: tuple[float, float] = (0.5, 5)
    """Between two tries of a batch."""

    visible: float = 30
    """Until more than one broker shows what the cluster has accepted."""

    visible_per_topic: float = 0.02
    """More of the same, for each topic that this run has created."""

    look_pause: tuple[float, float] = (0.05, 1)
    """Between two looks."""

    late: float = 30
    """For a topic that the controller knows and brokers do not show yet, or that they do not agree on."""

    late_pause: float = 1
    """Between two looks for it."""

    again_pause: float = 0.5
    """Before a broker that does not know a listed topic is asked again."""

    doubt: float = 65
    """After the last request: one that timed out may still be carried out about a minute later (measured on 4.4)."""

    doubt_pause: float = 2
    """Between two looks at what is in doubt."""

    record: float = 60
    """For reading a record, begun again as often as that takes; with its leader killed or paused 17 s (measured on
    4.4)."""

    record_step: float = 5
    """Without a message, after which such a read begins anew: of a topic deleted meanwhile nothing ever comes."""

    record_again: float = 2.5
    """Before a record that a broker does not know is looked for once more: the broker may be late (2 of 6 first reads
    after a creation met one)."""

    record_write: float = 30
    """For the acknowledgement of one record; it came after 14 s at most with a broker killed or paused (measured)."""

    record_topic: float = 5
    """Until records for a topic that brokers do not know are given up; a late broker knows it sooner."""

    lease: float = 60
    """For which one run alone may begin to copy replicas; one that was killed keeps others waiting as long."""

    usage: float = 60
    """For the process that looks who reads a topic, as a whole."""

    usage_answer: float = 5
    """For one answer that it asks for."""

    usage_groups: float = 20
    """For all groups together; what was not asked by then is counted."""

    usage_rate: float = 1
    """How long it counts messages."""

    @classmethod
    def of(cls, words: Mapping[str, float]) -> Timeouts:
        """The defaults, but for the words that a cluster's declaration has; each is a field of the same name."""
        chosen = replace(cls(), **words)  # type: ignore[arg-type]
        return replace(chosen, send=max(chosen.send, 2 * chosen.request))

    @property
    def tries(self) -> tuple[float, ...]:
        """For the metadata, one after the other: most answer at once, and each try begins anew."""
        return tuple(self.connect * share for share in (0.2, 0.3, 0.5, 1))

    @property
    def refused(self) -> float:
        """How long an address is tried at which nothing listens."""
        return self.connect / 2

    @property
    def wire(self) -> float:
        """librdkafka's own limit for one answer on the wire: nothing of ours is cut short, as far as it goes."""
        return min(MOST_WIRE, max(LEAST_WIRE, self.connect, self.read, self.request))

    @property
    def operation(self) -> float:
        """What the controller is given: less than `request`, so that its answer comes before the client's own time-out.

        Never 0: librdkafka then reports a create that timed out as done.
        """
        return self.request * 5 / 6

    @property
    def read_future(self) -> float:
        """When the future of a read is given up."""
        return self.read + self.grace

    @property
    def request_future(self) -> float:
        """When the future of a change is given up."""
        return self.request + self.grace
