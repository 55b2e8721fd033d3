"""How long a cluster is waited for: what holds between the numbers, and what a declaration changes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provisioner import opening
from provisioner.catalog import durations, relocation
from provisioner.catalog.cluster_declarations import TimeoutsDeclaration
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.store import KafkaTopics
from provisioner.stores.kafka.timeouts import Timeouts
from provisioner.templates import Templates
from tests import declared

CHOICES = [
    {},
    *({word: wait} for word in TimeoutsDeclaration.model_fields for wait in (1, 3600)),
    {"connect": 30, "request": 120},
]


@pytest.mark.parametrize("words", CHOICES, ids=str)
def test_what_is_declared_keeps_every_number_in_its_place(words: dict[str, float]) -> None:
    """The controller ends before the client, the client before its futures, and a second try always has its time."""
    timeouts = Timeouts.of(words)
    assert {word: getattr(timeouts, word) for word in words} == words
    assert 0 < timeouts.operation < timeouts.request < timeouts.request_future
    assert timeouts.read < timeouts.read_future
    assert timeouts.send >= max(60, 2 * timeouts.request)
    assert list(timeouts.tries) == sorted(timeouts.tries)
    assert timeouts.tries[-1] == timeouts.connect
    assert timeouts.refused <= timeouts.connect


def test_without_a_word_all_is_as_it_was_measured() -> None:
    """The steps of the first answer, the controller's share, librdkafka's own limit."""
    timeouts = Timeouts.of({})
    assert timeouts == Timeouts()
    assert (timeouts.tries, timeouts.refused, timeouts.operation, timeouts.wire) == ((2, 3, 5, 10), 5, 25, 60)


def test_no_cluster_can_be_given_less_time_for_doubt_than_the_default() -> None:
    """A change would be called failed that may still be carried out."""
    assert Timeouts().doubt == durations.LEAST_DOUBT.seconds


@pytest.mark.parametrize(
    ("words", "setup", "wire"), [({}, 30, 60), ({"connect": 90}, 90, 90), ({"read": 3600}, 30, 300)]
)
def test_the_client_cuts_nothing_short_that_is_waited_for(words: dict[str, float], setup: int, wire: int) -> None:
    """As far as librdkafka goes; a client takes the settings."""
    connection = Connection("127.0.0.1:1", {}, {}, print, timeouts=Timeouts.of(words))
    settings = connection.settings()
    assert settings["socket.connection.setup.timeout.ms"] == str(setup * 1000)
    assert settings["socket.timeout.ms"] == str(wire * 1000)
    assert connection.reader is connection.reader


def test_with_a_base_the_addresses_are_the_bases_and_the_time_outs_the_files() -> None:
    """They say when to give up, not where to go."""
    mine = declared.catalog(bootstrap="mine:9092", timeouts={"request": "2m"})
    theirs = declared.catalog(bootstrap="theirs:9092", timeouts={"request": "1m"})
    kept, changed = relocation.with_addresses_of(mine, theirs)
    store = opening.kafka_topics(kept, opening.RunContext(Templates({}, {}), {}, print))
    assert isinstance(store, KafkaTopics)
    assert (store.connection.bootstrap, changed) == ("theirs:9092", ["bootstrap"])
    assert store.connection.timeouts == replace(Timeouts(), request=120, send=240)
