"""Stories of the alerts beside the lag: what they fire for, what they leave alone, and when they end."""

from __future__ import annotations

from tests import declared
from tests.promtool.fleets import STEPS, WEEK
from tests.promtool.scenario import FIRING, PENDING, Alert, Scenario
from tests.promtool.stories import LAG, LONG, LOST, OTHER, SILENT, link, one, several
from tests.promtool.timelines import NEVER, Exported, Partition, grow, hole, late, stay, stopped

UNREAD = Alert("KafkaConsumerPartitionUnread", "billing")
RISK = Alert("KafkaConsumerRetentionRisk", "billing")
TRAFFIC = Alert("KafkaTopicNoTraffic")
PROGRESS = Alert("KafkaConsumerNoProgress", "billing")
DROP = Alert("KafkaTopicThroughputDrop")
RISE = Alert("KafkaTopicThroughputRise")
SKEW = Alert("KafkaPartitionSkew")
MANY = Alert("KafkaManyConsumersLate", topic="")

NONE = stay(NEVER, 241)
UNREAD_PARTITIONS = [
    Scenario(
        "a partition that the group never commits is told until it does",
        several((LONG, LONG), (LONG, NONE[:130] + LONG[130:])),
        {0: {}, 70: {UNREAD: PENDING}, 100: {UNREAD: FIRING}, 140: {}},
        240,
        says={
            120: (
                UNREAD,
                {
                    "chat": "#finance",
                    "dashboard_url": link(120, "orders.v1", "billing"),
                    "description": (
                        "1 partitions have records older than 10m, and billing never committed an offset there, "
                        "while it commits others of the topic."
                    ),
                    "summary": "billing leaves partitions of orders.v1 unread",
                },
            )
        },
    ),
    Scenario(
        "a single record in a partition that the group never commits is told once",
        several((LONG, LONG), (stay(0, 90) + stay(1, 151), NONE)),
        {0: {}, 100: {UNREAD: PENDING}, 130: {UNREAD: FIRING}},
        240,
    ),
    Scenario(
        "a hole in the scrapes does not resolve an unread partition",
        several((hole(LONG, 150, 154), hole(LONG, 150, 154)), (hole(LONG, 150, 154), hole(NONE, 150, 154))),
        {0: {}, 70: {UNREAD: PENDING}, 100: {UNREAD: FIRING}},
        240,
    ),
    Scenario(
        "records of before the group was there are no unread partition",
        several((LONG, hole(LONG, 0, 30)), (grow(60, 20) + stay(1140, 221), NONE)),
        SILENT,
        240,
    ),
    Scenario(
        "an unread partition whose records are deleted is told no more",
        [
            Exported(
                [
                    Partition(LONG, {"billing": LONG}),
                    Partition(LONG[:120] + stay(LONG[120], 121), {"billing": NONE}, stay(0, 180) + stay(LONG[120], 61)),
                ]
            )
        ],
        {0: {}, 70: {UNREAD: PENDING}, 100: {UNREAD: FIRING}, 190: {}},
        240,
    ),
]

HOUR = {**declared.ORDERS, "config": {"retention.ms": "1h", "cleanup.policy": "delete"}}
AT_RISK = [
    Scenario(
        "messages unread for half of the retention are told until they are read",
        one(LONG, billing=stopped(LONG, 30, 100)),
        {
            0: {},
            41: {LAG: PENDING},
            43: {LAG: FIRING},
            61: {LAG: FIRING, RISK: PENDING},
            63: {LAG: FIRING, RISK: FIRING},
        }
        | {110: {}},
        240,
        topics=HOUR,
        says={
            80: (
                RISK,
                {
                    "chat": "#finance",
                    "dashboard_url": link(80, "orders.v1", "billing"),
                    "description": (
                        "1.2k offsets are unread and older than 30m; orders.v1 keeps them for 1h, and deletes them "
                        "then whether they were read or not."
                    ),
                    "retention": "1h",
                    "summary": "billing is about to lose messages of orders.v1",
                },
            )
        },
    ),
    Scenario(
        "a hole in the scrapes does not resolve a risk",
        one(hole(LONG, 80, 84), billing=hole(stopped(LONG, 30), 80, 84)),
        {
            0: {},
            41: {LAG: PENDING},
            43: {LAG: FIRING},
            61: {LAG: FIRING, RISK: PENDING},
            63: {LAG: FIRING, RISK: FIRING},
        },
        240,
        topics=HOUR,
    ),
    *(
        Scenario(
            f"where {why} no message is at risk",
            one(LONG, billing=stopped(LONG, 30)),
            {0: {}, 41: {LAG: PENDING}, 43: {LAG: FIRING}},
            240,
            topics={**declared.ORDERS, "config": config},
        )
        for why, config in {
            "only compaction deletes": {"retention.ms": "1h", "cleanup.policy": "compact"},
            "nothing is deleted by time": {"retention.ms": "-1"},
            "no file says how long": {},
        }.items()
    ),
    Scenario(
        "a group behind by less than half of the retention is at no risk",
        one(LONG, billing=late(LONG, 25)),
        SILENT,
        240,
        topics={**HOUR, "lag": "30m"},
    ),
]

PURGED = stay(0, 60) + stay(LONG[50], 181)
CUT = LONG[:50] + stay(LONG[50], 191)
MOVING = [max(0, value - 1800) for value in LONG]
LOSSES = [
    Scenario(
        "messages deleted unread are told for an hour and ten minutes",
        one(CUT, PURGED, billing=stopped(LONG, 30)),
        {0: {}, 41: {LAG: PENDING}, 43: {LAG: FIRING}, 60: {LAG: FIRING, LOST: FIRING}, 70: {LOST: FIRING}, 130: {}},
        240,
        says={
            60: (
                LOST,
                {
                    "chat": "#finance",
                    "dashboard_url": link(60, "orders.v1", "billing"),
                    "description": (
                        "1.2k offsets before the start of the log were never committed by billing: what was in them is "
                        "deleted, and no consumer can read it any more."
                    ),
                    "summary": "messages of orders.v1 were deleted before billing read them",
                },
            )
        },
    ),
    Scenario(
        "a group that goes on behind what it lost is told for ten minutes",
        one(LONG, PURGED, billing=[*stopped(LONG, 30)[:61], *LONG[61:]]),
        {0: {}, 41: {LAG: PENDING}, 43: {LAG: FIRING}, 60: {LAG: FIRING, LOST: FIRING}, 70: {LOST: FIRING}, 72: {}},
        240,
    ),
    Scenario(
        "a group that stands still while retention goes on loses messages all the time",
        one(LONG, MOVING, billing=stopped(LONG, 30)),
        {0: None, 43: {LAG: FIRING}, 61: {LAG: FIRING, LOST: FIRING}},
        240,
    ),
    Scenario(
        "a log that is deleted right behind a group loses nothing",
        one(LONG, LONG, billing=late(LONG, 1)),
        SILENT,
        240,
    ),
    Scenario(
        "a group that is set back before the log's start lost nothing",
        one(LONG, MOVING, billing=[*LONG[:90], 0, *LONG[91:]]),
        {0: {}, 90: {LAG: PENDING}, 91: {}},
        240,
    ),
    Scenario(
        "a topic made again lost nothing",
        one(LONG[:100] + LONG[:141], MOVING[:100] + stay(0, 141), billing=[*LONG[:100], NEVER, *LONG[:140]]),
        {0: {}, 100: None, 101: {}},
        240,
    ),
]

BUSY_TOPIC = {**declared.ORDERS, "expect_traffic_within": "1h"}
TRAFFICS = [
    Scenario(
        "a topic that nobody produces to is told until somebody does",
        one(LONG[:60] + stay(LONG[59], 120) + grow(60, 61, LONG[60])),
        {0: {}, 119: {TRAFFIC: PENDING}, 124: {TRAFFIC: FIRING}, 190: {}},
        240,
        topics=BUSY_TOPIC,
        says={
            150: (
                TRAFFIC,
                {
                    "chat": "#payments",
                    "dashboard_url": link(150, "orders.v1"),
                    "description": (
                        "None of the 1 partitions of orders.v1 got a message for more than 1h, and its declaration "
                        "expects some: look at who produces it."
                    ),
                    "expect_traffic_within": "1h",
                    "runbook_url": "https://wiki.example.com/payments",
                    "summary": "nothing was produced to orders.v1 for 1h",
                },
            )
        },
    ),
    Scenario(
        "a message each fifty minutes is traffic, also where the scrapes have a hole",
        one(hole([at // 50 for at in range(241)], 96, 100)),
        SILENT,
        240,
        topics=BUSY_TOPIC,
    ),
    Scenario(
        "an empty topic is told after as long as it expects traffic within",
        one(stay(0, 241)),
        {0: {}, 60: {TRAFFIC: PENDING}, 65: {TRAFFIC: FIRING}},
        240,
        topics=BUSY_TOPIC,
    ),
    Scenario(
        "a topic made again is left alone for as long",
        one(grow(60, 60, 5000) + stay(0, 181)),
        {0: {}, 120: {TRAFFIC: PENDING}, 125: {TRAFFIC: FIRING}},
        240,
        topics=BUSY_TOPIC,
    ),
    Scenario(
        "a hole in the scrapes does not resolve missing traffic",
        one(hole(LONG[:60] + stay(LONG[59], 181), 150, 154)),
        {0: {}, 119: {TRAFFIC: PENDING}, 124: {TRAFFIC: FIRING}},
        240,
        topics=BUSY_TOPIC,
    ),
]

EAGER = {**declared.BILLING, "lag": "none", "expect_progress_within": "1h"}
PROGRESSES = [
    Scenario(
        "a group that commits nothing is told until it does",
        one(LONG, billing=stopped(LONG, 60, 180)),
        {0: {}, 120: {PROGRESS: PENDING}, 125: {PROGRESS: FIRING}, 190: {}},
        240,
        consumers=EAGER,
        says={
            150: (
                PROGRESS,
                {
                    "chat": "#finance",
                    "dashboard_url": link(150, "orders.v1", "billing"),
                    "description": (
                        "billing committed nothing new in any of 1 partitions for more than 1h, and its declaration "
                        "expects it to: is it running, and is anything produced?"
                    ),
                    "expect_progress_within": "1h",
                    "summary": "billing has made no progress on orders.v1 for 1h",
                },
            )
        },
    ),
    Scenario(
        "one partition that moves is progress",
        several((LONG, stopped(LONG, 60)), (LONG, LONG)),
        SILENT,
        240,
        consumers=EAGER,
    ),
    Scenario(
        "a first commit is progress",
        several((LONG, stay(0, 241)), (LONG, NONE[:59] + grow(60, 182))),
        SILENT,
        240,
        consumers=EAGER,
    ),
    Scenario(
        "a group that never committed is not told of its progress",
        one(LONG, billing=NONE),
        SILENT,
        240,
        consumers=EAGER,
    ),
    Scenario(
        "a hole in the scrapes does not resolve missing progress",
        one(hole(LONG, 150, 154), billing=hole(stopped(LONG, 60), 150, 154)),
        {0: {}, 120: {PROGRESS: PENDING}, 125: {PROGRESS: FIRING}},
        240,
        consumers=EAGER,
    ),
]


def paced(*paces: tuple[int, int]) -> list[int]:
    """A log over days: from a step on, so many messages each ten minutes."""
    log, pace = [0], 0
    for at in range(STEPS - 1):
        pace = dict(paces).get(at, pace)
        log.append(log[-1] + pace)
    return log


DAYS_END = (STEPS - 1) * 10
MEASURED = {**declared.ORDERS, "throughput": {"drop": "50%", "rise": "300%"}}


def throughput(name: str, log: list[int | None], phases: object, **how: object) -> Scenario:
    """Of one topic that nobody reads, for eight days."""
    told = {"topics": MEASURED, "consumers": [], "step": 10, **how}
    return Scenario(name, one(log), phases, DAYS_END, **told)  # type: ignore[arg-type]


THROUGHPUTS = [
    throughput(
        "a topic that gets a third of the week before is told until it is mended",
        paced((0, 600), (1080, 200), (1120, 600)),
        {0: {}, 10850: {DROP: PENDING}, 10870: {DROP: FIRING}, 11230: None, 11260: {}},
        says={
            10900: (
                DROP,
                {
                    "chat": "#payments",
                    "dashboard_url": link(10900, "orders.v1"),
                    "description": (
                        "1.2k messages came in the last hour, more than 50% below the same hour a week before."
                    ),
                    "drop": "50%",
                    "runbook_url": "https://wiki.example.com/payments",
                    "summary": "orders.v1 gets less than it did a week ago",
                },
            )
        },
    ),
    throughput(
        "a topic that gets five times the week before is told until it is mended",
        paced((0, 600), (1080, 3000), (1120, 600)),
        {0: {}, 10850: {RISE: PENDING}, 10870: {RISE: FIRING}, 11210: None, 11260: {}},
        says={
            10900: (
                RISE,
                {
                    "chat": "#payments",
                    "dashboard_url": link(10900, "orders.v1"),
                    "description": (
                        "18k messages came in the last hour, more than 300% above the same hour a week before."
                    ),
                    "rise": "300%",
                    "runbook_url": "https://wiki.example.com/payments",
                    "summary": "orders.v1 gets more than it did a week ago",
                },
            )
        },
    ),
    throughput("a few messages are noise, whatever their share", paced((0, 100), (1080, 10), (1120, 600)), {0: {}}),
    throughput(
        "without a week of history no throughput is told",
        paced((0, 600), (500, 60), (700, 6000), (900, 600)),
        {0: {}, 17000: None},
    ),
    throughput("a topic made again is no drop", [*paced((0, 600))[:1080], *paced((0, 600))[: STEPS - 1080]], {0: {}}),
    throughput(
        "an hour of a week ago that was not scraped is no rise",
        hole(paced((0, 600)), 190, 196),
        {0: {}, 1900: None, 1970: {}},
    ),
]
SKEWED = {**declared.ORDERS, "skew": 2}
PACE = grow(20, 241)
HOT = grow(20, 61) + grow(160, 180, 1360)
SKEWS = [
    Scenario(
        "a partition that gets eight times as much as the others is told",
        several((PACE, PACE), (PACE, PACE), (HOT, HOT)),
        {0: {}, 70: None, 110: {SKEW: FIRING}},
        240,
        topics=SKEWED,
        says={
            150: (
                SKEW,
                {
                    "chat": "#payments",
                    "dashboard_url": link(150, "orders.v1"),
                    "description": (
                        "The largest partition got 2.4 times as many messages as the average in the last half hour, "
                        "more than 2: its consumer does the work of several, and more instances do not help it."
                    ),
                    "runbook_url": "https://wiki.example.com/payments",
                    "skew": "2",
                    "summary": "one partition of orders.v1 gets most of its messages",
                },
            )
        },
    ),
    Scenario(
        "a skew that is mended ends",
        several(*[(PACE, PACE)] * 2, (HOT[:120] + grow(20, 121, HOT[119] + 20),) * 2),
        {0: {}, 70: None, 110: {SKEW: FIRING}, 140: None, 160: {}},
        240,
        topics=SKEWED,
    ),
    Scenario(
        "few messages are no skew",
        several(*[(stay(0, 241), stay(0, 241))] * 2, (grow(9, 241), grow(9, 241))),
        SILENT,
        240,
        topics=SKEWED,
    ),
    Scenario(
        "a hole in the scrapes does not resolve a skew",
        several(*[(hole(each, 150, 154), hole(each, 150, 154)) for each in (PACE, PACE, HOT)]),
        {0: {}, 70: None, 110: {SKEW: FIRING}},
        240,
        topics=SKEWED,
    ),
]

MANY_LATE = [
    Scenario(
        "groups of many teams that are late at once call the team of the cluster no later than their own",
        one(LONG, billing=stopped(LONG, 30, 60), auditing=stopped(LONG, 30, 60)),
        {  # which of two groups of rules is evaluated first is Prometheus' own affair
            0: {},
            41: None,
            43: {LAG: FIRING, OTHER: FIRING, MANY: FIRING},
            70: {MANY: FIRING},
            80: None,
            84: {},
        },
        240,
        team="payments",
        settings={"many_consumers_late": {"teams": 2}},
        says={
            50: (
                MANY,
                {
                    "chat": "#payments",
                    "description": (
                        "Consumer groups of 2 of 2 teams are behind on prod at once. Look at the cluster before any of "
                        "them."
                    ),
                    "runbook_url": "https://wiki.example.com/payments",
                    "summary": "consumers of many teams are late on prod",
                },
            )
        },
    ),
    Scenario(
        "one late team is its own",
        one(LONG, billing=stopped(LONG, 30), auditing=LONG),
        {0: {}, 41: {LAG: PENDING}, 43: {LAG: FIRING}},
        240,
        team="payments",
        settings={"many_consumers_late": {"teams": 2}},
    ),
]

WATCHING = [
    *UNREAD_PARTITIONS,
    *AT_RISK,
    *LOSSES,
    *TRAFFICS,
    *PROGRESSES,
    *THROUGHPUTS,
    *SKEWS,
    *MANY_LATE,
]
assert WEEK < 1080
