"""What happens to topics and groups, and which alerts there must be in each minute of it. A scrape a minute."""

from __future__ import annotations

from dataclasses import replace

from tests import declared
from tests.promtool.scenario import FIRING, PENDING, Alert, Phases, Scenario
from tests.promtool.timelines import NEVER, Exported, Partition, Values, grow, hole, late, stay, stopped

LAG = Alert("KafkaConsumerLagHigh", "billing")
OTHER = Alert("KafkaConsumerLagHigh", "auditing")
GONE = Alert("KafkaConsumerGroupGone", "billing")
LOST = Alert("KafkaMessagesLost", "billing")
MISSING = Alert("KafkaMetricsMissing")
EXPORTER = Alert("KafkaExporterMissing", topic="")
DLQ = "orders.v1.dlq"
ODD = "_Orders..V1_"
ODD_LAG = Alert("KafkaConsumerLagHigh", "a b+c/é", ODD)
DEAD = Alert("KafkaDeadLetterReceived", topic=DLQ)
DLQ_MISSING = Alert("KafkaMetricsMissing", topic=DLQ)

BUSY = grow(60, 121)
UNEVEN = [at * 97 + at * at % 89 for at in range(121)]
STOP = stopped(BUSY, 30, 60)
"""The first message that the group misses is written in minute 31."""
FIRES: Phases = {0: {}, 41: {LAG: PENDING}, 43: {LAG: FIRING}, 70: {}}
"""Ten minutes of lag, two of `for`; read again in minute 60, kept firing for ten."""
SILENT: Phases = {0: {}}
TRANSACTIONAL = {**declared.BILLING, "transactional": True}
ABORTED = {**declared.BILLING, "transactional": 5}
SILENT_TOPIC = {"name": "orders.v1", "lag": "none", "dead_letter": DLQ}


def one(log_end: Values, log_start: Values | None = None, **committed: Values) -> list[Exported]:
    """One partition."""
    read = {group.replace("_", "-"): values for group, values in committed.items()}
    return [Exported([Partition(log_end, read, log_start)])]


def several(*pairs: tuple[Values, Values]) -> list[Exported]:
    """A partition each: its log, and where `billing` is in it."""
    return [Exported([Partition(log_end, {"billing": read}) for log_end, read in pairs])]


def dead_letters(log_end: Values, log_start: Values | None = None) -> list[Exported]:
    """A dead letter topic beside a topic that is well."""
    return [*one(BUSY), Exported([Partition(log_end, log_start=log_start)], topic=DLQ)]


def link(minute: int, topic: str, group: str = "") -> str:
    """As the annotations have it in that minute."""
    uid = {
        "orders.v1": "kafka-9358bad9f8fab730bc0a7370",
        DLQ: "kafka-ba39e6494980bffcd5933f56",
        ODD: "kafka-9f4cd5d5f0617a2a7a1be032",
    }[topic]
    slug = {ODD: "orders-v1"}.get(topic, topic.replace(".", "-"))
    window = f"from={(minute - 180) * 60_000}&to={(minute + 60) * 60_000}"
    return f"{declared.URL}/d/{uid}/{slug}?{window}" + (f"&var-group={group}" if group else "")


KEEPING_UP = [
    Scenario("a group that keeps up is silent", one(BUSY, billing=late(BUSY, 1)), SILENT, 120),
    Scenario("a group nine minutes behind is silent", one(BUSY, billing=late(BUSY, 9)), SILENT, 120),
    Scenario(
        "a burst read within the lag is silent",
        one(stay(0, 30) + stay(9000, 91), billing=stay(0, 30) + grow(1000, 9, 0) + stay(9000, 82)),
        SILENT,
        120,
    ),
    Scenario("a group that never committed is silent", one(BUSY, billing=stay(NEVER, 121)), SILENT, 120),
    Scenario("a declared group that nobody ever saw is silent", one(BUSY), SILENT, 120),
    Scenario("an idle topic read to its end is silent", one(stay(7, 121), billing=stay(7, 121)), SILENT, 120),
    Scenario(
        "new partitions are no lag",
        several((BUSY, BUSY), (hole(BUSY, 0, 30), stay(NEVER, 32) + BUSY[32:])),
        SILENT,
        120,
    ),
    Scenario(
        "another cluster's series of the same names are not ours",
        [*one(BUSY, billing=BUSY), *(replace(each, more=',cluster="staging"') for each in one(BUSY, billing=STOP))],
        SILENT,
        120,
    ),
    Scenario(
        "where the lag is switched off it is not told",
        one(BUSY, billing=STOP, auditing=STOP),
        SILENT,
        120,
        topics={"name": "orders.v1", "lag": "none"},
    ),
]

LAGGING = [
    Scenario(
        "a stopped group is silent then pending then firing and resolves after it caught up",
        [replace(each, members={"billing": stay(0, 121)}) for each in one(BUSY, billing=STOP)],
        FIRES,
        90,
        says={
            50: (
                LAG,
                {
                    "chat": "#finance",
                    "dashboard_url": link(50, "orders.v1", "billing"),
                    "description": "600 offsets are older than 10m and not read.",
                    "diagnosis": "members: 0, committing 0/s, producing 1/s",
                    "lag": "10m",
                    "summary": "billing is more than 10m behind on orders.v1",
                },
            )
        },
    ),
    Scenario(
        "a stopped group commits nothing however unevenly the topic grows",
        one(UNEVEN, billing=stopped(UNEVEN, 30)),
        {0: {}, 41: {LAG: PENDING}, 43: {LAG: FIRING}},
        120,
        says={
            115: (
                LAG,
                {
                    "chat": "#finance",
                    "dashboard_url": link(115, "orders.v1", "billing"),
                    "description": "7.343k offsets are older than 10m and not read.",
                    "diagnosis": "members: unknown, committing 0/s, producing 1.468/s",
                    "lag": "10m",
                    "summary": "billing is more than 10m behind on orders.v1",
                },
            )
        },
    ),
    Scenario(
        "names with odd letters are spelled alike in links",
        [Exported([Partition(BUSY, {"a b+c/é": stopped(BUSY, 30)})], topic=ODD)],
        {0: {}, 41: {ODD_LAG: PENDING}, 43: {ODD_LAG: FIRING}},
        60,
        topics={"name": ODD},
        consumers={"topic": ODD, "group": "a b+c/é"},
        says={
            50: (
                ODD_LAG,
                {
                    "chat": "#finance",
                    "dashboard_url": link(50, ODD, "a%20b%2Bc%2F%C3%A9"),
                    "description": "600 offsets are older than 10m and not read.",
                    "diagnosis": "members: unknown, committing 0/s, producing 1/s",
                    "lag": "10m",
                    "summary": f"a b+c/é is more than 10m behind on {ODD}",
                },
            )
        },
    ),
    Scenario(
        "a group eleven minutes behind fires",
        one(BUSY, billing=late(BUSY, 11)),
        {5: {}, 11: {LAG: PENDING}, 13: {LAG: FIRING}},
        120,
    ),
    Scenario(
        "a group is held to its own lag",
        one(BUSY, billing=STOP),
        {0: {}, 33: {LAG: PENDING}, 35: {LAG: FIRING}, 70: {}},
        90,
        consumers={**declared.BILLING, "lag": "2m"},
    ),
    Scenario(
        "five messages in an idle topic fire",
        one(stay(100, 30) + stay(105, 91), billing=stay(100, 121)),
        {0: {}, 40: {LAG: PENDING}, 42: {LAG: FIRING}},
        120,
    ),
    Scenario(
        "a burst not read within the lag fires",
        one(stay(0, 30) + stay(9000, 91), billing=stay(0, 30) + grow(600, 15) + stay(9000, 76)),
        {0: {}, 40: {LAG: PENDING}, 42: {LAG: FIRING}, 55: {}},
        120,
    ),
    Scenario(
        "a group set back to the beginning fires",
        one(BUSY, billing=BUSY[:30] + grow(120, 91)),
        {0: {}, 30: {LAG: PENDING}, 32: {LAG: FIRING}, 60: {LAG: FIRING}},
        50,
    ),
    Scenario("one stuck partition of three fires", several((BUSY, BUSY), (BUSY, STOP), (BUSY, BUSY)), FIRES, 90),
    Scenario(
        "two exporters of the same topic fire once",
        [replace(each, more=f',cluster="prod",instance="{name}"') for name in "ab" for each in one(BUSY, billing=STOP)],
        FIRES,
        90,
    ),
]

INTERRUPTED = [
    Scenario(
        "a hole in the scrapes does not set back the waiting",
        one(hole(BUSY, 42, 44), billing=hole(STOP, 42, 44)),
        FIRES,
        90,
    ),
    Scenario(
        "a hole as long ago as the lag does not set back the waiting",
        one(hole(BUSY, 32, 34), billing=hole(STOP, 32, 34)),
        FIRES,
        90,
    ),
    Scenario("a hole in the scrapes does not resolve", one(hole(BUSY, 50, 54), billing=hole(STOP, 50, 54)), FIRES, 90),
    Scenario("a hole in the group's offsets alone does not resolve", one(BUSY, billing=hole(STOP, 42, 46)), FIRES, 90),
    Scenario(
        "a silent exporter is told and no lag is made up",
        one(hole(BUSY, 30, 60), billing=hole(BUSY, 30, 60)),
        {0: {}, 35: {MISSING: PENDING}, 40: {MISSING: FIRING}, 60: {}},
        120,
        says={
            50: (
                MISSING,
                {
                    "chat": "#payments",
                    "dashboard_url": link(50, "orders.v1"),
                    "description": (
                        "Prometheus has had no metrics of orders.v1 on prod for more than 5m. Its lag alerts cannot "
                        "fire: look at the exporter, its scrape, and whether the topic still exists."
                    ),
                    "runbook_url": "https://wiki.example.com/payments",
                    "summary": "no metrics of orders.v1",
                },
            )
        },
    ),
    Scenario(
        "after a long silence the lag is known again after as long as itself",
        one(hole(BUSY, 30, 60), billing=hole(stopped(BUSY, 10), 30, 60)),
        {
            0: {},
            21: {LAG: PENDING},
            23: {LAG: FIRING},
            35: {LAG: FIRING, MISSING: PENDING},
            40: {LAG: FIRING, MISSING: FIRING},
            45: {MISSING: FIRING},
            60: {},
            70: {LAG: PENDING},
            72: {LAG: FIRING},
        },
        120,
    ),
    Scenario(
        "a Prometheus that just started is blind for as long as the lag",
        one(grow(60, 121, 5000), billing=stay(0, 121)),
        {0: {}, 10: {LAG: PENDING}, 12: {LAG: FIRING}},
        120,
    ),
    Scenario(
        "a topic made again is no false alarm",
        one(BUSY[:40] + BUSY[:81], billing=[*late(BUSY[:40], 1), NEVER, *late(BUSY[:80], 1)]),
        SILENT,
        120,
    ),
    Scenario(
        "a group that stops on a topic made again fires",
        one(BUSY[:40] + BUSY[:81], billing=[*BUSY[:40], NEVER, *stopped(BUSY[:80], 1)]),
        {0: {}, 52: {LAG: PENDING}, 54: {LAG: FIRING}},
        120,
    ),
    Scenario(
        "a log cut short is no false alarm",
        one(BUSY[:40] + grow(60, 81, 1800), billing=BUSY[:40] + grow(60, 81, 1800)),
        SILENT,
        120,
    ),
]


DELETED = [
    Scenario(
        "messages that were deleted are not unread",
        one(BUSY[:50] + stay(BUSY[50], 71), stay(0, 60) + stay(BUSY[50], 61), billing=STOP[:60] + stay(BUSY[30], 61)),
        {0: {}, 41: {LAG: PENDING}, 43: {LAG: FIRING}, 60: {LAG: FIRING, LOST: FIRING}, 70: {LOST: FIRING}},
        120,
    ),
    Scenario(
        "messages that were deleted are not unread to a group that nobody declared",
        one(BUSY[:50] + stay(BUSY[50], 71), stay(0, 60) + stay(BUSY[50], 61), auditing=STOP[:60] + stay(BUSY[30], 61)),
        {0: {}, 41: {OTHER: PENDING}, 43: {OTHER: FIRING}, 70: {}},
        120,
    ),
    Scenario(
        "a group behind what is kept of a topic goes on firing",
        one(BUSY, [0] * 60 + [value - 720 for value in BUSY[60:]], billing=stopped(BUSY, 30)),
        {0: {}, 41: {LAG: PENDING}, 43: {LAG: FIRING}, 60: {LAG: FIRING, LOST: FIRING}},
        120,
    ),
]

MARKERS = [
    Scenario(
        "a marker in each partition is lag to a group that is not transactional",
        several(*[(stay(101, 61), stay(100, 61))] * 3),
        {0: {}, 10: {LAG: PENDING}, 12: {LAG: FIRING}},
        60,
    ),
    Scenario(
        "a marker in each partition is none to a transactional group",
        several(*[(stay(101, 61), stay(100, 61))] * 3),
        SILENT,
        60,
        consumers=TRANSACTIONAL,
    ),
    Scenario(
        "two offsets in one partition are lag to a transactional group too",
        several((stay(102, 61), stay(100, 61)), (stay(101, 61), stay(100, 61))),
        {0: {}, 10: {LAG: PENDING}, 12: {LAG: FIRING}},
        60,
        consumers=TRANSACTIONAL,
    ),
    Scenario(
        "an aborted transaction is lag to a group with the slack of a marker",
        several((stay(105, 61), stay(100, 61)), (stay(101, 61), stay(100, 61))),
        {0: {}, 10: {LAG: PENDING}, 12: {LAG: FIRING}},
        60,
        consumers=TRANSACTIONAL,
    ),
    Scenario(
        "an aborted transaction is none to a group that allows for its offsets",
        several((stay(105, 61), stay(100, 61)), (stay(105, 61), stay(100, 61))),
        SILENT,
        60,
        consumers=ABORTED,
    ),
    Scenario(
        "more offsets than a group allows for are lag",
        several((stay(106, 61), stay(100, 61)), (stay(105, 61), stay(100, 61))),
        {0: {}, 10: {LAG: PENDING}, 12: {LAG: FIRING}},
        60,
        consumers=ABORTED,
    ),
]

OTHERS = [
    Scenario(
        "a group that nobody declared is named to the owner of the topic",
        one(BUSY, billing=BUSY, auditing=STOP, console_consumer_1=STOP),
        {0: {}, 41: {OTHER: PENDING}, 43: {OTHER: FIRING}, 70: {}},
        90,
        says={
            50: (
                OTHER,
                {
                    "chat": "#payments",
                    "dashboard_url": link(50, "orders.v1", "auditing"),
                    "description": (
                        "600 offsets are older than 10m and not read. No file declares this group: "
                        "declare it under its own team, so that they are told."
                    ),
                    "lag": "10m",
                    "runbook_url": "https://wiki.example.com/payments",
                    "summary": "auditing is more than 10m behind on orders.v1",
                },
            )
        },
    ),
    Scenario("a declared group is told of once, by its own alert", one(BUSY, billing=STOP, auditing=BUSY), FIRES, 90),
    Scenario(
        "two groups are two alerts",
        one(BUSY, billing=STOP, auditing=STOP),
        {0: {}, 41: {LAG: PENDING, OTHER: PENDING}, 43: {LAG: FIRING, OTHER: FIRING}, 70: {}},
        90,
    ),
]

LONG = grow(60, 241)
DAYS = grow(60, 6 * 24 * 13)
"""Thirteen days, a scrape each ten minutes."""
LEAVING = [
    Scenario(
        "a group whose offsets are gone is told until it is back",
        one(LONG, billing=hole(LONG, 120, 160)),
        {0: {}, 125: {GONE: PENDING}, 140: {GONE: FIRING}, 170: {}},
        240,
        says={
            150: (
                GONE,
                {
                    "chat": "#finance",
                    "dashboard_url": link(150, "orders.v1", "billing"),
                    "description": (
                        "The group has no committed offsets on orders.v1 any more: they were deleted, or expired while "
                        "it did not run. When it starts again it begins where auto.offset.reset says, which can skip "
                        "or repeat messages."
                    ),
                    "summary": "billing is gone from orders.v1",
                },
            )
        },
    ),
    Scenario(
        "offsets that turn to never committed are gone",
        one(LONG, billing=LONG[:120] + stay(NEVER, 121)),
        {0: {}, 120: None, 140: {GONE: FIRING}},
        240,
    ),
    Scenario(
        "a hole in the scrapes does not set back the waiting for a gone group",
        one(hole(LONG, 130, 134), billing=hole(LONG, 120, 241)),
        {0: {}, 125: {GONE: PENDING}, 140: {GONE: FIRING}},
        240,
    ),
    Scenario(
        "a hole in the scrapes does not resolve a gone group",
        one(hole(LONG, 150, 154), billing=hole(LONG, 120, 241)),
        {0: {}, 125: {GONE: PENDING}, 140: {GONE: FIRING}},
        240,
    ),
    Scenario(
        "a hole in the group's offsets alone is no gone group",
        one(LONG, billing=hole(LONG, 120, 124)),
        SILENT,
        240,
    ),
    Scenario(
        "a silent exporter resolves a gone group once and it is told again",
        one(hole(LONG, 150, 180), billing=hole(LONG, 120, 241)),
        {
            0: {},
            125: {GONE: PENDING},
            140: {GONE: FIRING},
            155: {GONE: FIRING, MISSING: PENDING},
            160: {GONE: FIRING, MISSING: FIRING},
            165: {MISSING: FIRING},
            180: {GONE: PENDING},
            195: {GONE: FIRING},
        },
        240,
    ),
    Scenario(
        "a group that lived two hours is told once for one deletion",
        one(DAYS, billing=hole(hole(DAYS, 0, 6 * 24), 6 * 26, 6 * 24 * 13)),
        {0: {}, 1560: {GONE: PENDING}, 1580: {GONE: FIRING}},
        18700,
        step=10,
    ),
    Scenario(
        "a gone group that is declared for another topic is not held by that one's alert",
        [
            *one(LONG, billing=hole(LONG, 120, 241)),
            replace(one(LONG, billing=stay(NEVER, 241))[0], topic="refunds.v1"),
        ],
        {0: {}, 125: {GONE: PENDING}, 140: {GONE: FIRING}},
        240,
        topics=[{"name": "orders.v1"}, {"name": "refunds.v1"}],
        consumers=[declared.BILLING, {"topic": "refunds.v1", "group": "billing"}],
    ),
    Scenario(
        "a group that lived for days is told until it is back",
        one(DAYS, billing=hole(DAYS, 6 * 24 * 5, 6 * 24 * 12)),
        {0: {}, 7200: {GONE: PENDING}, 7220: {GONE: FIRING}, 17290: {}},
        18700,
        step=10,
    ),
]

EXPORTERS = [
    Scenario(
        "a dead exporter is one alert and the topics are silent about it",
        one(hole(BUSY, 30, 60), billing=hole(BUSY, 30, 60)),
        {0: {}, 35: {EXPORTER: PENDING, MISSING: PENDING}, 37: {EXPORTER: FIRING}, 60: {}},
        120,
        team="payments",
        says={
            50: (
                EXPORTER,
                {
                    "chat": "#payments",
                    "description": (
                        "Prometheus has had no metrics of any topic of prod for about seven minutes. No lag alert of "
                        "this cluster can fire: look at the exporter, its scrape, and whether the brokers answer it."
                    ),
                    "runbook_url": "https://wiki.example.com/payments",
                    "summary": "no metrics of any topic of prod",
                },
            )
        },
    ),
    Scenario(
        "an exporter that leaves one topic out is told for that topic",
        [*one(hole(BUSY, 30, 60)), Exported([Partition(stay(0, 121))], topic=DLQ)],
        {0: {}, 35: {MISSING: PENDING}, 40: {MISSING: FIRING}, 60: {}},
        120,
        topics=SILENT_TOPIC,
        consumers=[],
        team="payments",
    ),
    Scenario(
        "a topic that was never there goes silent when the exporter dies",
        [Exported([Partition(hole(stay(0, 121), 30, 60))], topic=DLQ)],
        {
            0: {MISSING: PENDING},
            5: {MISSING: FIRING},
            35: {MISSING: FIRING, EXPORTER: PENDING, DLQ_MISSING: PENDING},
            37: {EXPORTER: FIRING},
            60: {},
            65: {MISSING: PENDING},
            70: {MISSING: FIRING},
        },
        120,
        topics=SILENT_TOPIC,
        consumers=[],
        team="payments",
    ),
]

DEAD_LETTERS = [
    Scenario(
        "the first messages of a dead letter topic fire for fifteen minutes",
        dead_letters(hole(stay(3, 60) + stay(4, 61), 0, 30)),
        {0: {DLQ_MISSING: PENDING}, 5: {DLQ_MISSING: FIRING}, 30: {DEAD: FIRING}, 45: {}, 60: {DEAD: FIRING}, 75: {}},
        120,
        topics=SILENT_TOPIC,
        consumers=[],
        says={
            35: (
                DEAD,
                {
                    "chat": "#payments",
                    "dashboard_url": link(35, DLQ),
                    "description": (
                        "The topic grew by 3 in the last 15 minutes: a consumer of orders.v1 could not handle messages."
                    ),
                    "runbook_url": "https://wiki.example.com/payments",
                    "summary": "orders.v1.dlq received dead letters",
                },
            )
        },
    ),
    Scenario(
        "a hole in the scrapes does not resolve dead letters",
        dead_letters(hole(stay(0, 30) + stay(2, 91), 32, 35)),
        {0: {}, 30: {DEAD: FIRING}, 45: {}},
        120,
        topics=SILENT_TOPIC,
        consumers=[],
    ),
    Scenario(
        "dead letters that retention removes are no new ones",
        dead_letters(stay(5, 121), [0] * 60 + [5] * 61),
        {15: {}},
        120,
        topics=SILENT_TOPIC,
        consumers=[],
    ),
    Scenario(
        "a Prometheus that just started takes the dead letters that lie there for new ones",
        dead_letters(stay(5, 121)),
        {0: {DEAD: FIRING}, 15: {}},
        120,
        topics=SILENT_TOPIC,
        consumers=[],
    ),
    Scenario(
        "an empty dead letter topic is silent from its first minute",
        dead_letters(stay(0, 121)),
        SILENT,
        120,
        topics=SILENT_TOPIC,
        consumers=[],
    ),
    Scenario(
        "a dead letter topic made again is silent",
        dead_letters(stay(9, 60) + stay(0, 61)),
        {15: {}},
        120,
        topics=SILENT_TOPIC,
        consumers=[],
    ),
]

STORIES = [*KEEPING_UP, *LAGGING, *INTERRUPTED, *DELETED, *MARKERS, *OTHERS, *LEAVING, *EXPORTERS, *DEAD_LETTERS]
