"""Fleets in which nothing is wrong, with every alert switched on that can be asked for: none may be pending or firing.

`HOURS`: five hours, a scrape a minute. `DAYS`: eight days, a scrape each ten minutes, busier by day than by night.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests import declared
from tests.promtool.scenario import PENDING, Alert, Phases, Scenario
from tests.promtool.timelines import NEVER, Exported, Partition, Values, grow, hole, late, stay

MINUTES, STEPS = 301, 6 * 24 * 8 + 1
LOG = grow(60, MINUTES)
WATCHED: Mapping[str, Any] = {
    **declared.ORDERS,
    "config": {"retention.ms": "2h", "cleanup.policy": "delete"},
    "expect_traffic_within": "30m",
    "throughput": {"drop": "50%", "rise": "300%"},
    "skew": 2,
}
EXPECTED: Mapping[str, Any] = {**declared.BILLING, "expect_progress_within": "30m"}
SILENT: Phases = {0: {}}
TWO = {"many_consumers_late": {"teams": 2}}
GONE = Alert("KafkaConsumerGroupGone", "billing")
LAG = Alert("KafkaConsumerLagHigh", "billing")


def fleet(*partitions: tuple[Values, Values], starts: Values | None = None) -> list[Exported]:
    """The log of each partition, and where `billing` is in it."""
    return [Exported([Partition(log, {"billing": read}, starts) for log, read in partitions])]


def healthy(name: str, exported: Sequence[Exported], phases: Phases = SILENT, **how: Any) -> Scenario:
    """A story without an alert in any minute, but for those that were pending in such a case before."""
    told = {"topics": WATCHED, "consumers": EXPECTED, "team": "payments", "settings": TWO, **how}
    return Scenario(f"healthy: {name}", exported, phases, MINUTES - 1, **told)


def bursts(every: int, size: int, read_in: int) -> tuple[list[int], list[int]]:
    """So many messages at once, and a group that reads them in so many scrapes."""
    log = [size * (at // every) for at in range(MINUTES)]
    return log, [max(0, end - size + size * min(at % every, read_in) // read_in) for at, end in enumerate(log)]


BURST, DRAINED = bursts(10, 6000, 5)
EVEN = [(LOG, late(LOG, 1))] * 3
AGAIN = LOG[:150] + LOG[: MINUTES - 150]
FRESH = hole(stay(0, 61) + LOG[: MINUTES - 61], 0, 60)
ADDED = hole(stay(0, 151) + LOG[: MINUTES - 151], 0, 150)
RESET = [*late(LOG[:150], 1), LOG[90], *late(LOG, 1)[151:]]
KEPT = [max(0, value - 7200) for value in LOG]
FOLLOWED = [NEVER if value is None else value for value in late(ADDED, 1)]

HOURS = [
    healthy("steady", fleet(*EVEN)),
    healthy("steady, and retention deletes what was read", fleet(*EVEN, starts=KEPT)),
    healthy("bursty", fleet(*[(BURST, DRAINED)] * 3)),
    healthy(
        "idle",
        fleet(*[(stay(7, MINUTES), stay(7, MINUTES))] * 3),
        topics={**WATCHED, "expect_traffic_within": "none"},
        consumers=declared.BILLING,
    ),
    healthy("skewed, below what was asked for", fleet(*EVEN[:2], (grow(110, MINUTES), late(grow(110, MINUTES), 1)))),
    healthy(
        "few messages, all in one partition", fleet((grow(2, MINUTES), grow(2, MINUTES)), *[([0] * MINUTES,) * 2] * 2)
    ),
    healthy("a fresh topic", fleet(*[(FRESH, late(FRESH, 1))] * 3), {60: {}}),
    healthy(
        "a topic made again",
        fleet(*[(AGAIN, [*late(AGAIN[:150], 1), NEVER, *late(AGAIN[150:], 1)[:-1]])] * 3),
        {0: {}, 150: {GONE: PENDING}, 151: {}},
    ),
    healthy("partitions added", fleet(*EVEN, *[(ADDED, FOLLOWED)] * 3)),
    healthy(
        "a group set back an hour that has read it again",
        fleet(*[(LOG, RESET)] * 3),
        {0: {}, 150: {LAG: PENDING}, 151: {}},
    ),
    healthy("a scrape of the exporter fails", fleet(*[(hole(LOG, 150, 151), hole(late(LOG, 1), 150, 151))] * 3)),
    healthy("the exporter restarts", fleet(*[(hole(LOG, 150, 153), hole(late(LOG, 1), 150, 153))] * 3)),
    healthy(
        "a broker's partitions are missing in one scrape",
        fleet(*EVEN[1:], (hole(LOG, 150, 151), hole(late(LOG, 1), 150, 151))),
    ),
]

GROWTH = [600 + 60 * min(at // 6 % 24, 24 - at // 6 % 24) for at in range(STEPS)]
WAVE = [sum(GROWTH[:at]) for at in range(STEPS)]
WEEK = 6 * 24 * 7
LEFT_OUT = [None if at in (200, 200 + WEEK) else value for at, value in enumerate(WAVE)]
KEPT_A_DAY = [WAVE[max(0, at - 144)] for at in range(STEPS)]
ABOVE = [value + max(0, value - WAVE[WEEK]) // 10 for value in WAVE]
WAVES = [(WAVE, late(WAVE, 1))] * 2
OFTEN: Mapping[str, Any] = {
    **WATCHED,
    "config": {"retention.ms": "1d", "cleanup.policy": "delete"},
    "expect_traffic_within": "1h",
    "skew": 1.5,
}


def over_days(name: str, exported: Sequence[Exported]) -> Scenario:
    """As `healthy`, for eight days."""
    consumers = {**EXPECTED, "expect_progress_within": "1h"}
    return Scenario(
        f"healthy for days: {name}",
        exported,
        SILENT,
        (STEPS - 1) * 10,
        OFTEN,
        consumers,
        step=10,
        team="payments",
        settings=TWO,
    )


DAYS = [
    over_days("busy by day, and retention deletes what was read", fleet(*WAVES, starts=KEPT_A_DAY)),
    over_days(
        "a broker's partitions are missing in a scrape, and a week later", fleet(*WAVES[1:], (LEFT_OUT, LEFT_OUT))
    ),
    over_days("a tenth above the week before", fleet((ABOVE, ABOVE), (ABOVE, ABOVE))),
]
