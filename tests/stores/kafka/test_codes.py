"""The table of error codes."""

from __future__ import annotations

import pytest
from confluent_kafka import KafkaError

from provisioner.stores.kafka import codes
from provisioner.stores.kafka.codes import Verdict


@pytest.mark.parametrize("code", sorted(codes.VERDICTS))
def test_every_code_of_the_table_is_one_that_the_client_knows(code: int) -> None:
    """A typing error would never be noticed otherwise."""
    assert KafkaError(code).name() not in ("", "ERR_UNKNOWN?")


def test_no_code_has_two_meanings() -> None:
    """The rows do not overlap."""
    listed = [code for row in codes._BY_VERDICT.values() for code in row]
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        (-185, Verdict.RETRY),
        (-195, Verdict.RETRY),
        (7, Verdict.RETRY),
        (41, Verdict.RETRY),
        (89, Verdict.WAIT),
        (36, Verdict.CONFLICT),
        (37, Verdict.CONFLICT),
        (3, Verdict.NOT_FOUND),
        (40, Verdict.INVALID),
        (44, Verdict.INVALID),
        (29, Verdict.DENIED),
        (9999, Verdict.INVALID),
        (-155, Verdict.RETRY),
        (-42, Verdict.RETRY),
    ],
)
def test_each_class_of_error_has_its_own_way_on(code: int, verdict: Verdict) -> None:
    """Also a code that nobody has heard of: a broker's fails the topic, the client's own leaves everything open."""
    assert codes.verdict(code) is verdict


@pytest.mark.parametrize(("code", "words"), [(-185, "timed out, -185"), (3, "unknown topic or partition, 3")])
def test_a_code_is_said_in_words_too(code: int, words: str) -> None:
    """At three in the morning nobody knows the numbers."""
    assert codes.named(code) == words
