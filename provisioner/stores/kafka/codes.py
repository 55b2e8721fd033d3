"""What each error code of Kafka and librdkafka means for us.

`KafkaError.retriable()` is always False for admin results (confluent-kafka 2.16), so this table decides alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Verdict(StrEnum):
    """What to do after an error of one topic."""

    RETRY = "probe, read back, send again what is missing"
    WAIT = "wait out the quota, then send again"
    COMPARE = "somebody was there first, maybe ourselves: read back and compare"
    GONE = "the topic is not there, or not yet there on this broker"
    DECLARED = "what is declared cannot be: fail this topic, go on with others"
    ACCESS = "a right is missing"


OK = 0
TIMED_OUT = -185
TRANSPORT = -195
UNKNOWN_TOPIC = 3
TOPIC_EXISTS = 36
INVALID_PARTITIONS = 37
INVALID_TOPIC = 17
INVALID_CONFIG = 40
POLICY_VIOLATION = 44
DENIED = frozenset({29, 30, 31, 58, 33, -169})

_BY_VERDICT: Mapping[Verdict, tuple[int, ...]] = {
    # -199 and -155: the answer could not be parsed, the request may be done; -1 UNKNOWN happens during fail-over.
    Verdict.RETRY: (-195, -185, -166, -137, -187, -193, -197, -199, -155, -1, 5, 6, 7, 8, 13, 14, 15, 16, 41, 56),
    Verdict.WAIT: (89,),
    Verdict.COMPARE: (TOPIC_EXISTS, INVALID_PARTITIONS),
    Verdict.GONE: (UNKNOWN_TOPIC, 100),
    Verdict.DECLARED: (17, 35, 38, 39, 40, 42, 44, -165, -186),
    Verdict.ACCESS: tuple(DENIED),
}

VERDICTS: Mapping[int, Verdict] = {code: verdict for verdict, codes in _BY_VERDICT.items() for code in codes}

RIGHTS: Mapping[str, str] = {
    "describe": "DESCRIBE on the topic",
    "configs": "DESCRIBE_CONFIGS on the topic",
    "create": "CREATE on the topic",
    "alter": "ALTER_CONFIGS on the topic",
    "grow": "ALTER on the topic",
    "delete": "DELETE on the topic",
}
"""The right each operation needs (measured with StandardAuthorizer on 4.4)."""


def verdict(code: int) -> Verdict:
    """Of unlisted codes a broker's (positive) is a refusal, the client's own (negative) leaves everything open."""
    return VERDICTS.get(code, Verdict.DECLARED if code >= 0 else Verdict.RETRY)
