"""What each error code of Kafka and librdkafka means for us.

`KafkaError.retriable()` is always False for admin results (confluent-kafka 2.16), so this table decides alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from confluent_kafka import KafkaError, KafkaException


class Verdict(StrEnum):
    """What to do after an error of one topic."""

    RETRY = "probe, read back, send again what is missing"
    WAIT = "wait out the quota, then send again"
    CONFLICT = "somebody was first, maybe ourselves: read back and compare"
    NOT_FOUND = "the topic does not exist, or not yet on this broker"
    INVALID = "what is declared cannot be: fail this topic, go on with others"
    DENIED = "a right is missing"


OK = 0
TIMED_OUT = KafkaError._TIMED_OUT
UNKNOWN_TOPIC = KafkaError.UNKNOWN_TOPIC_OR_PART
TOPIC_EXISTS = KafkaError.TOPIC_ALREADY_EXISTS
INVALID_TOPIC = KafkaError.TOPIC_EXCEPTION
"""Kafka's own name is INVALID_TOPIC_EXCEPTION: no legal name."""
INVALID_CONFIG = KafkaError.INVALID_CONFIG
POLICY_VIOLATION = KafkaError.POLICY_VIOLATION
TOO_LARGE = KafkaError.MSG_SIZE_TOO_LARGE

_BY_VERDICT: Mapping[Verdict, tuple[int, ...]] = {
    Verdict.RETRY: (
        KafkaError._TRANSPORT,
        KafkaError._TIMED_OUT,
        KafkaError._TIMED_OUT_QUEUE,
        KafkaError._DESTROY_BROKER,
        KafkaError._ALL_BROKERS_DOWN,
        KafkaError._RESOLVE,
        KafkaError._DESTROY,
        # The answer could not be parsed: the request may have been carried out.
        KafkaError._BAD_MSG,
        KafkaError._UNDERFLOW,
        # Happens during a fail-over.
        KafkaError.UNKNOWN,
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.REQUEST_TIMED_OUT,
        KafkaError.BROKER_NOT_AVAILABLE,
        KafkaError.NETWORK_EXCEPTION,
        KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
        KafkaError.COORDINATOR_NOT_AVAILABLE,
        KafkaError.NOT_COORDINATOR,
        KafkaError.NOT_CONTROLLER,
        KafkaError.KAFKA_STORAGE_ERROR,
    ),
    Verdict.WAIT: (KafkaError.THROTTLING_QUOTA_EXCEEDED,),
    Verdict.CONFLICT: (KafkaError.TOPIC_ALREADY_EXISTS, KafkaError.INVALID_PARTITIONS),
    Verdict.NOT_FOUND: (KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError.UNKNOWN_TOPIC_ID),
    Verdict.INVALID: (
        KafkaError.TOPIC_EXCEPTION,
        KafkaError.UNSUPPORTED_VERSION,
        KafkaError.INVALID_REPLICATION_FACTOR,
        KafkaError.INVALID_REPLICA_ASSIGNMENT,
        KafkaError.INVALID_CONFIG,
        KafkaError.INVALID_REQUEST,
        KafkaError.POLICY_VIOLATION,
        KafkaError._UNSUPPORTED_FEATURE,
        KafkaError._INVALID_ARG,
    ),
    Verdict.DENIED: (
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.GROUP_AUTHORIZATION_FAILED,
        KafkaError.CLUSTER_AUTHORIZATION_FAILED,
        KafkaError.SASL_AUTHENTICATION_FAILED,
        KafkaError.UNSUPPORTED_SASL_MECHANISM,
        KafkaError._AUTHENTICATION,
    ),
}

VERDICTS: Mapping[int, Verdict] = {code: verdict for verdict, codes in _BY_VERDICT.items() for code in codes}


def verdict(code: int) -> Verdict:
    """Of unlisted codes a broker's (positive) is a refusal, the client's own (negative) leaves everything open."""
    return VERDICTS.get(code, Verdict.INVALID if code >= 0 else Verdict.RETRY)


def named(code: int) -> str:
    """The code in words, and as it is: `timed out, -185`."""
    whose, _, words = KafkaError(code).str().partition(": ")
    return f"{(words or whose)[:1].lower()}{(words or whose)[1:]}, {code}"


def is_denied(code: int) -> bool:
    """True where a right is missing."""
    return verdict(code) is Verdict.DENIED


def is_unclear(code: int) -> bool:
    """True where the answer says nothing of the topic itself: asking again may tell."""
    return verdict(code) in (Verdict.RETRY, Verdict.WAIT)


FUTURE_ERRORS = (KafkaException, TimeoutError, ValueError)
"""What a future of the admin client can raise, and what the client raises before it sends anything."""


def code_of(error: BaseException) -> tuple[int, str]:
    """The code and text of a failed admin future; anything that is no Kafka error counts as a time-out."""
    inner = error.args[0] if error.args else None
    if isinstance(inner, KafkaError):
        return inner.code(), inner.str()
    return TIMED_OUT, str(error) or "no answer"
