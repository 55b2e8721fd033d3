"""The alerts that there must be, each with its truth; and those of which the story must tell something."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tests.live_alerts import truths
from tests.live_alerts.fleet import CREWS, ODD
from tests.live_alerts.model import Group, Row, Topic
from tests.live_alerts.pace import Pace
from tests.live_alerts.truths import Truth

LEAST_TEAMS = 5
UNREAD = "consumer_partition_unread"
SCENARIOS = {
    "stopped": "stopped",
    ODD: "stopped, a name with signs",
    "undeclared": "stopped, undeclared",
    "new-protocol": "stopped, KIP-848",
    "slow": "a fifth of the rate",
    "stuck": "one partition stuck",
    "batch": "commits seldom",
    "two-of-three": "reads two of three partitions",
    "idle": "one message on an idle topic",
    "drained": "burst, drained in time",
    "overrun": "burst, drained too slowly",
    "rewound": "set back, reads it all again",
    "again": "topic made again",
    "grown": "more partitions",
    "purged": "stopped, then all is deleted",
    "at-risk": "stopped, short retention",
    "tx": "transactional, stopped",
    "tx-idle": "transactional, idle",
    "tx-abort": "ends with an abort",
    "tx-allowing": "ends with an abort, allowed for",
    "tx-hung": "producer dies in a transaction",
    "hidden": "left out by the exporter",
    "gone": "group deleted",
    **{f"crew-{crew}": "all clients die" for crew in CREWS},
}
HAPPENS: Mapping[str, frozenset[str]] = {
    "KafkaConsumerLagHigh": frozenset(
        {
            *(
                "stopped",
                ODD,
                "undeclared",
                "slow",
                "new-protocol",
                "stuck",
                "idle",
                "overrun",
                "purged",
                "at-risk",
                "tx",
            ),
            *(f"crew-{crew}" for crew in CREWS),
        }
    ),
    "KafkaConsumerNoProgress": frozenset({"standing"}),
    "KafkaConsumerPartitionUnread": frozenset({"two-of-three"}),
    "KafkaConsumerRetentionRisk": frozenset({"at-risk"}),
    "KafkaMessagesLost": frozenset({"purged"}),
    "KafkaConsumerGroupGone": frozenset({"gone"}),
    "KafkaTopicNoTraffic": frozenset({"quiet.v1"}),
    "KafkaPartitionSkew": frozenset({"skewed.v1"}),
    "KafkaTopicThroughputDrop": frozenset({"fallen.v1"}),
    "KafkaTopicThroughputRise": frozenset({"risen.v1"}),
    "KafkaDeadLetterReceived": frozenset({"healthy.v1.dlq"}),
    "KafkaMetricsMissing": frozenset({"hidden.v1"}),
    "KafkaManyConsumersLate": frozenset({""}),
    "KafkaExporterMissing": frozenset({""}),
}
"""Alert -> the groups, or topics, of which it must become true: where it does not, nothing was tried."""
ABORTED = "aborted messages count as unread (docs/alerts.md, What they cannot see)"
KNOWN = {"tx-abort": ABORTED, "tx-hung": ABORTED}


def happens(row: Row) -> bool:
    """Whether the run is for nothing where it never became true."""
    return (row.group or row.topic) in HAPPENS.get(row.alert, ())


def rows(pace: Pace, topics: Sequence[Topic], groups: Sequence[Group]) -> Iterator[Row]:
    late = {group.name: truths.late(group.name, group.topic, pace.lag) for group in groups}
    for group in groups:
        yield from _of_group(pace, group, late[group.name], {topic.name: topic for topic in topics}[group.topic])
    for topic in topics:
        yield from _of_topic(pace, topic)
    teams = [(group.team or "payments", late[group.name]) for group in groups if group.fields.get("lag") != "none"]
    many = truths.many(teams, LEAST_TEAMS)
    yield Row("all clients die", "KafkaManyConsumersLate", "", "", many, pace.of("many_consumers_late"), ends=False)
    if pace.is_long:
        missing = truths.since(pace.at(12) + 300)
        yield Row(
            "exporter silent",
            "KafkaExporterMissing",
            "",
            "",
            missing,
            pace.of("exporter_missing"),
            ends=False,
            profiles=("kafka_exporter",),
            fades=True,
        )


def _of_group(pace: Pace, group: Group, late: Truth, topic: Topic) -> Iterator[Row]:
    names = (group.topic, group.name)
    if "expect_progress_within" in group.fields:
        truth = truths.standing(group.name, group.topic, pace.lag)
        yield Row("makes no progress", "KafkaConsumerNoProgress", *names, truth, pace.of("consumer_no_progress"))
        return
    known = KNOWN.get(group.name, "")
    yield Row(
        SCENARIOS.get(group.name, "healthy"), "KafkaConsumerLagHigh", *names, late, pace.of("consumer_lag"), known
    )
    if group.team is None:
        return
    unread = truths.unread(group.name, group.topic, pace.lag, pace.of(UNREAD, "watched"))
    yield Row("a partition never read", "KafkaConsumerPartitionUnread", *names, unread, pace.of(UNREAD))
    kept = 2 * pace.lag if "config" in topic.fields else 3.5 * 86400
    at_risk = truths.late(group.name, group.topic, kept)
    yield Row("about to be deleted", "KafkaConsumerRetentionRisk", *names, at_risk, pace.of("consumer_retention_risk"))
    lost = truths.lost(group.name, group.topic, pace.of("messages_lost", "recent"))
    yield Row("deleted unread", "KafkaMessagesLost", *names, lost, 0, ends=False)
    if group.name == "gone":
        yield Row(
            "group deleted",
            "KafkaConsumerGroupGone",
            *names,
            truths.gone("gone"),
            pace.of("consumer_group_gone"),
            ends=False,
            fades=True,
        )


def _of_topic(pace: Pace, topic: Topic) -> Iterator[Row]:
    name = topic.name
    if "expect_traffic_within" in topic.fields:
        silent = truths.silent(name, pace.lag)
        yield Row("no traffic", "KafkaTopicNoTraffic", name, "", silent, pace.of("topic_no_traffic"))
    if "skew" in topic.fields:
        skewed = truths.skewed(name, 2)
        yield Row("hot partition", "KafkaPartitionSkew", name, "", skewed, pace.of("partition_skew"))
    if "throughput" in topic.fields:
        fell = truths.against_last_week(name, lambda now, then: now < then / 2)
        rose = truths.against_last_week(name, lambda now, then: now > 4 * then)
        yield Row("half of last week", "KafkaTopicThroughputDrop", name, "", fell, pace.of("throughput_drop"))
        yield Row("four times last week", "KafkaTopicThroughputRise", name, "", rose, pace.of("throughput_rise"))
    if letters := topic.fields.get("dead_letter"):
        truth = truths.received(str(letters))
        yield Row("dead letters", "KafkaDeadLetterReceived", str(letters), "", truth, 0, ends=False)
    if name == "hidden.v1":
        missing = truths.since(pace.at(2) + 300)
        yield Row(
            "left out by the exporter",
            "KafkaMetricsMissing",
            name,
            "",
            missing,
            pace.of("metrics_missing"),
            ends=False,
            fades=True,
        )
