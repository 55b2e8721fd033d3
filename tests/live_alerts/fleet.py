"""The topics and the groups of the story."""

from __future__ import annotations

from collections.abc import Iterator

from tests.live_alerts.model import Group, Topic
from tests.live_alerts.pace import Pace

ODD = "svc.a+b (x)|y"
"""A group's name may be anything."""
CREWS = tuple("abcdef")
"""Teams that have one group each."""


def topics(pace: Pace) -> Iterator[Topic]:
    yield Topic("healthy.v1", fields={"dead_letter": "healthy.v1.dlq"})
    yield Topic("late.v1")
    yield Topic("idle.v1", None)
    yield Topic("burst.v1", None)
    yield Topic("moved.v1")
    yield Topic("again.v1")
    yield Topic("grown.v1")
    yield Topic("purged.v1")
    yield Topic("kept.v1", fields={"config": {"retention.ms": f"{4 * pace.lag}s"}})
    yield Topic("quiet.v1", fields={"expect_traffic_within": f"{pace.lag}s"})
    yield Topic("skewed.v1", None, {"skew": 2})
    for name in ("fallen.v1", "risen.v1"):
        yield Topic(name, None, {"throughput": {"drop": "50%", "rise": "300%"}})
    for name in (
        "tx.v1",
        "tx-idle.v1",
        "tx-abort.v1",
        *(["tx-hung.v1", "hidden.v1", "gone.v1"] if pace.is_long else []),
    ):
        yield Topic(name, 10 if name in ("hidden.v1", "gone.v1") else None)


def groups(pace: Pace) -> Iterator[Group]:
    for crew in CREWS:
        yield Group(f"crew-{crew}", "healthy.v1", f"crew-{crew}")
    yield Group("steady", "late.v1", "payments")
    yield Group("stopped", "late.v1")
    yield Group(ODD, "late.v1")
    yield Group("undeclared", "late.v1", None)
    yield Group("slow", "late.v1")
    yield Group("new-protocol", "late.v1", reads={"protocol": "consumer"})
    yield Group("stuck", "late.v1")
    yield Group("batch", "late.v1", reads={"commits_every": 0.7 * pace.lag})
    yield Group("two-of-three", "late.v1", reads={"assigned": (0, 1)})
    yield Group("standing", "moved.v1", fields={"lag": "none", "expect_progress_within": f"{pace.lag}s"})
    yield Group("rewound", "moved.v1")
    yield Group("idle", "idle.v1")
    yield Group("drained", "burst.v1")
    yield Group("overrun", "burst.v1")
    yield Group("again", "again.v1")
    yield Group("grown", "grown.v1")
    yield Group("purged", "purged.v1")
    yield Group("at-risk", "kept.v1")
    for topic in ("tx.v1", "tx-idle.v1", *(["tx-hung.v1"] if pace.is_long else [])):
        yield Group(topic.removesuffix(".v1"), topic, fields={"transactional": True})
    yield Group("tx-abort", "tx-abort.v1", fields={"transactional": True})
    yield Group("tx-allowing", "tx-abort.v1", fields={"transactional": 6})
    if pace.is_long:
        yield Group("hidden", "hidden.v1")
        yield Group("gone", "gone.v1")
