"""What happens to the topics, groups, brokers and exporters of the story, and when."""

from __future__ import annotations

from collections.abc import Iterator

from tests.live_alerts.fleet import CREWS, ODD
from tests.live_alerts.model import Event
from tests.live_alerts.pace import STOP, Pace

SWITCH = 9.0
"""In lags: when one cluster gets the other layout."""


def events(pace: Pace) -> Iterator[Event]:
    """In lags; what the second halves are relative to is `settled`: the first alerts fire then."""
    stop, settled = STOP, pace.settled
    for group in ("stopped", ODD, "undeclared", "new-protocol", "standing", "purged", "at-risk", "tx"):
        yield Event(pace.at(stop), "stop", (group,))
    yield Event(pace.at(stop), "pace", ("slow", 0.6))
    yield Event(pace.at(stop), "leave", ("stuck", 0))
    yield Event(pace.at(0.2), "batch", ("idle.v1", 3))
    yield Event(pace.at(0.9), "stop", ("idle",))
    yield Event(pace.at(stop), "batch", ("idle.v1", 1))
    yield Event(pace.at(0.2), "pace", ("drained", 1000 / (0.6 * pace.lag)))
    yield Event(pace.at(0.2), "pace", ("overrun", 1000 / (1.8 * pace.lag)))
    yield Event(pace.at(0.3), "batch", ("burst.v1", 3))
    yield Event(pace.at(stop), "batch", ("burst.v1", 1000))
    yield Event(pace.at(1.4), "rewind", ("rewound",))
    yield Event(pace.at(1.5), "recreate", ("again.v1",))
    yield Event(pace.at(1.5), "grow", ("grown.v1", 6))
    yield Event(pace.at(1.5), "batch", ("healthy.v1.dlq", 3, 1))
    yield Event(pace.at(1.0), "flow", ("quiet.v1", 0))
    yield Event(pace.at(1.2), "batch", ("skewed.v1", 1600, 1))
    yield Event(pace.at(1.3), "batch", ("risen.v1", 900))
    yield Event(pace.at(stop), "end", ("tx-idle.v1", "commit"))
    yield Event(pace.at(stop), "end", ("tx-abort.v1", "abort"))
    yield Event(pace.at(settled + 0.1), "purge", ("purged.v1",))
    yield Event(pace.at(settled + 0.2), "hurt", ("kafka_exporter", "silent", 0.25 * pace.lag))
    yield Event(pace.at(settled + 0.5), "hurt", ("kafka_exporter", "partial", 2 * pace.scrape))
    yield Event(pace.at(settled + 0.7), "hurt", ("kafka_exporter", "late ends", 3 * pace.scrape))
    yield Event(pace.at(settled + 0.25), "hurt", ("kminion", "partial", 2 * pace.scrape))
    yield Event(pace.at(settled + 0.45), "hurt", ("kminion", "late ends", 3 * pace.scrape))
    yield Event(pace.at(settled + 0.6), "hurt", ("kminion", "silent", 0.25 * pace.lag))
    for group in ("stopped", ODD, "undeclared", "new-protocol", "standing"):
        yield Event(pace.at(settled + 0.9), "start", (group,))
    yield Event(pace.at(settled + 0.9), "pace", ("slow", float("inf")))
    yield from _of_crews(pace)
    yield from _long(pace) if pace.is_long else ()


def _of_crews(pace: Pace) -> Iterator[Event]:
    """All clients of the other teams die at once, and come back after they were called late.

    Not beside a hole in the scrapes: who committed before it is late at once, who did so in it a hole later.
    """
    death = pace.settled + (2.9 if pace.is_long else -0.1)
    for crew in CREWS:
        yield Event(pace.at(death), "stop", (f"crew-{crew}",))
        yield Event(pace.at(death + 1) + pace.of("consumer_lag") + 5 * pace.scrape, "start", (f"crew-{crew}",))


def _long(pace: Pace) -> Iterator[Event]:
    yield Event(pace.at(STOP), "end", ("tx-hung.v1", "die"))
    yield Event(pace.at(STOP), "delete_group", ("gone",))
    yield Event(pace.at(2), "hide", ("hidden.v1",))
    yield Event(pace.at(4.6), "apply", ("steady", "3m"))
    yield Event(pace.at(5), "kill", (2,))
    yield Event(pace.at(5.5), "revive", (2,))
    yield Event(pace.at(SWITCH), "switch")
    yield Event(pace.at(12), "hurt", ("kafka_exporter", "silent", 10 * pace.lag))
