"""A replication factor raised on real brokers: replicas appended under a throttle, and nothing left behind."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    NewTopic,
    ResourcePatternType,
    ResourceType,
)

from provisioner import sandbox
from provisioner.catalog.model import Secret
from provisioner.reconcile.outcome import State
from provisioner.sandbox import USERS, Sandbox, rights
from provisioner.stores.kafka import partitions, reassignments, throttle_values, throttles
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.kafka_python import KafkaPython, NoClientError
from provisioner.stores.kafka.partitions import Key, Placement
from provisioner.stores.kafka.throttle_values import Place, Throttles
from provisioner.stores.kafka.timeouts import Timeouts
from tests.live.conftest import everywhere
from tests.live.test_rights import root, taken_from_writer

MESSAGE, EACH = 100_000, 30
"""Bytes, and how many of them in each partition: 3 MB, which nothing can compress."""
RATE = 2_000_000
Replicas = Mapping[Key, tuple[int, ...]]


@pytest.fixture
def client(brokers: Sandbox) -> Iterator[KafkaPython]:
    with KafkaPython(Connection(brokers.bootstrap, {}, {}, print)) as made:
        yield made


def filled(brokers: Sandbox, name: str, each: int = EACH) -> Replicas:
    """A topic of three partitions with one replica each, on brokers 1, 2, 3; so many messages in each."""
    admin = root(brokers)
    # A list of replicas for each partition, as no factor says which broker.
    topic = NewTopic(name, 3, replica_assignment=[[1], [2], [3]], config={"min.insync.replicas": "1"})
    for future in admin.create_topics([topic]).values():
        future.result(30)
    everywhere(brokers, lambda told: name in told.names())
    producer = Producer({"bootstrap.servers": brokers.bootstrap, "acks": "all", "log_level": 0})
    for number in range(3 * each):
        producer.produce(name, os.urandom(MESSAGE), partition=number % 3)
        producer.poll(0)
    assert producer.flush(60) == 0
    return {(name, number): (number + 1,) for number in range(3)}


def grown(before: Replicas, brokers: tuple[int, ...] = (1, 2, 3)) -> Replicas:
    return {key: (*row, *(each for each in brokers if each not in row)) for key, row in before.items()}


def throttled(before: Replicas, after: Replicas) -> Throttles:
    return {
        **throttle_values.rates([1, 2, 3], RATE),
        **throttle_values.lists({key: (before[key], after[key]) for key in after}),
    }


def states(answers: Mapping[Key, reassignments.Answer]) -> set[State]:
    return {answer.state for answer in answers.values()}


def eventually(holds: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_a_factor_raised_from_one_to_three_keeps_leaders_and_the_throttle(
    brokers: Sandbox, client: KafkaPython
) -> None:
    """Accepted at once, ended only when all are in sync, not faster than allowed, and no throttle stays."""
    before = filled(brokers, "raised.one")
    after = grown(before)
    ours = throttled(before, after)
    assert throttles.put(client.connection, ours, {}) == {}
    begun = time.monotonic()
    assert states(reassignments.alter(client, after)) == {State.STARTED}
    assert set(partitions.running(client, ["raised.one"])) == set(after)
    looks: list[Placement] = []

    def has_ended() -> bool:
        looks.append(partitions.placement(client, ["raised.one"]))
        return reassignments.ended(looks[-1], after) == after.keys()

    eventually(has_ended)
    # Each broker gets two partitions of 3 MB: 3 s at this rate, 4.5 s measured, 1.3 s without a throttle.
    assert time.monotonic() - begun > 2.5
    assert len(looks) > 1
    assert not reassignments.ended(looks[0], after)
    rows = looks[-1].partitions
    assert {key: (row.replicas, row.isr) for key, row in rows.items()} == {
        key: (row, frozenset(row)) for key, row in after.items()
    }
    assert all(look.partitions[key].leader == row[0] for look in looks for key, row in before.items())
    assert states(reassignments.alter(client, after)) == {State.STARTED}
    assert partitions.running(client, ["raised.one"]) == {}
    assert throttles.remove(client.connection, ours) == {}
    assert throttles.read(client.connection, ours) == ({place: {} for place in ours}, {})


def test_the_valid_part_of_a_mixed_request_begins_and_can_be_cancelled(brokers: Sandbox, client: KafkaPython) -> None:
    """Each partition has its own answer; what was cancelled is where it was."""
    before = filled(brokers, "raised.mixed")
    after = grown(before)
    ours = throttled(before, after)
    assert throttles.put(client.connection, ours, {}) == {}
    mixed = {**after, ("raised.mixed", 2): (3, 9), ("raised.mixed", 7): (1, 2), ("raised.missing", 0): (1,)}
    answers = reassignments.alter(client, mixed)
    assert {key: answer.state for key, answer in answers.items()} == {
        ("raised.mixed", 0): State.STARTED,
        ("raised.mixed", 1): State.STARTED,
        ("raised.mixed", 2): State.REFUSED,
        ("raised.mixed", 7): State.FAILED,
        ("raised.missing", 0): State.FAILED,
    }
    assert answers["raised.mixed", 2].why == "no live broker 9"
    assert states(reassignments.cancel(client, after)) == {State.DONE}
    assert partitions.running(client, ["raised.mixed"]) == {}
    eventually(lambda: reassignments.ended(partitions.placement(client, ["raised.mixed"]), before) == before.keys())
    assert throttles.remove(client.connection, ours) == {}


def test_a_topic_that_is_deleted_under_its_move_is_a_gap(brokers: Sandbox, client: KafkaPython) -> None:
    """Nothing of it runs any more, and nothing of its throttle is left to remove."""
    before = filled(brokers, "raised.gone")
    after = grown(before)
    ours = throttled(before, after)
    assert throttles.put(client.connection, ours, {}) == {}
    assert states(reassignments.alter(client, after)) == {State.STARTED}
    admin = root(brokers)
    for future in admin.delete_topics(["raised.gone"]).values():
        future.result(30)
    eventually(lambda: partitions.placement(client, ["raised.gone"]).gaps == {"raised.gone": partitions.GONE})
    eventually(lambda: partitions.running(client, ["raised.gone"]) == {})
    assert reassignments.ended(partitions.placement(client, ["raised.gone"]), after) == frozenset()
    assert throttles.remove(client.connection, ours) == {}


def test_a_killed_broker_is_a_value_and_no_hang(mortal_brokers: Sandbox) -> None:
    """Its move stays pending, the others end; it is no target any more, and its throttle is for later."""
    before = filled(mortal_brokers, "raised.mortal")
    moves = {("raised.mortal", 0): (1, 2), ("raised.mortal", 2): (3, 1)}
    ours = throttled(before, moves)
    with KafkaPython(Connection(mortal_brokers.bootstrap, {}, {}, print, timeouts=Timeouts(read=3))) as client:
        assert throttles.put(client.connection, ours, {}) == {}
        assert states(reassignments.alter(client, moves)) == {State.STARTED}
        sandbox.kill(mortal_brokers, 2)
        eventually(lambda: 2 not in partitions.placement(client, ["raised.mortal"]).live)
        eventually(
            lambda: (
                reassignments.ended(partitions.placement(client, ["raised.mortal"]), moves) == {("raised.mortal", 2)}
            )
        )
        assert set(partitions.running(client)) == {("raised.mortal", 0)}
        (answer,) = reassignments.alter(client, {("raised.mortal", 2): (3, 1, 2)}).values()
        assert (answer.state, answer.why) == (State.REFUSED, "no live broker 2")
        assert states(reassignments.cancel(client, [("raised.mortal", 0)])) == {State.DONE}
        assert throttles.remove(client.connection, ours) == {Place("broker", "2"): throttles.LATER}
        left = {place: values for place, values in throttles.read(client.connection, ours)[0].items() if values}
        assert left == {}


def acl(kind: ResourceType, name: str, operation: AclOperation) -> AclBinding:
    where = (kind, name, ResourcePatternType.LITERAL, "User:writer", "*")
    return AclBinding(*where, operation, AclPermissionType.ALLOW)


def test_each_step_names_the_right_that_it_lacks(secure_brokers: Sandbox) -> None:
    """Those of an apply are not enough; with two more on the cluster a factor can be raised."""
    taken_from_writer(secure_brokers, AclOperation.ALTER, AclOperation.ALTER_CONFIGS)
    before = filled(secure_brokers, "own.raised", each=0)
    login = {
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": "writer",
        "sasl.password": Secret(env="SECRET"),
    }
    connection = Connection(str(secure_brokers.secure_bootstrap), login, {"SECRET": USERS["writer"]}, print)
    (key,) = [key for key in before if key[1] == 0]
    rates, lists = throttle_values.rates([1], RATE), throttle_values.lists({key: ((1,), (1, 2))})
    with KafkaPython(connection) as client:
        (answer,) = reassignments.alter(client, {key: (1, 2)}).values()
        assert answer.why.startswith("our user lacks ALTER on the cluster")
        assert throttles.put(connection, lists, {}) == {}
        (why,) = throttles.put(connection, rates, {}).values()
        assert why == "our user lacks DESCRIBE_CONFIGS on the cluster"
        more = [
            acl(ResourceType.BROKER, "kafka-cluster", each) for each in (AclOperation.ALTER, AclOperation.ALTER_CONFIGS)
        ]
        rights.create(secure_brokers, more)
        assert throttles.put(connection, rates, {}) == {}
        assert states(reassignments.alter(client, {key: (1, 2)})) == {State.STARTED}
        eventually(lambda: reassignments.ended(partitions.placement(client, ["own.raised"]), {key: (1, 2)}) == {key})
        assert throttles.remove(connection, {**rates, **lists}) == {}


def test_a_wrong_password_is_named_as_such_and_never_shown(secure_brokers: Sandbox) -> None:
    """By the first client, which says it better than the second."""
    login = {
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "PLAIN",
        "sasl.username": "writer",
        "sasl.password": Secret(env="SECRET"),
    }
    connection = Connection(
        str(secure_brokers.secure_bootstrap), login, {"SECRET": "wrong-hunter2"}, print, timeouts=Timeouts(read=2)
    )
    with KafkaPython(connection) as client, pytest.raises(NoClientError) as told:
        partitions.running(client)
    assert "refuse the credentials" in str(told.value)
    assert "hunter2" not in str(told.value)
