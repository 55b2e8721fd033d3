"""Topics on three real brokers: what the command line does, as an independent client sees it."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import (
    AdminClient,
    NewTopic,
)

from provisioner.sandbox import Sandbox
from provisioner.stores.kafka import connection
from tests.live.conftest import Fleet, Witness, everywhere, set_by_hand


def made(brokers: Sandbox, *topics: NewTopic) -> None:
    client = AdminClient({"bootstrap.servers": brokers.bootstrap, "log_level": 0})
    for future in client.create_topics(list(topics)).values():
        future.result(30)
    names = {topic.topic for topic in topics}
    everywhere(brokers, lambda told: names <= told.names())


def test_a_topic_is_created_as_declared(fleet: Fleet, witness: Witness) -> None:
    """Partitions, replicas on three brokers, configs in Kafka's form."""
    fleet.topics("  - {name: create.v1, partitions: 5, config: {retention.ms: 3d, min.insync.replicas: 2}}\n")
    code, text = fleet.apply()
    assert (code, "1 topic created" in text) == (0, True), text
    assert [len(set(replicas)) for replicas in witness.partitions("create.v1")] == [3] * 5
    assert witness.overrides("create.v1") == {"retention.ms": "259200000", "min.insync.replicas": "2"}


def test_a_second_apply_sends_no_mutation(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted by the client library itself, request by request; the first apply shows that the count works."""
    fleet.topics("".join(f"  - {{name: again.v{index}, config: {{retention.ms: 3d}}}}\n" for index in range(5)))
    sent: Counter[str] = Counter()
    last_reports = count_requests(monkeypatch, sent)
    assert fleet.apply()[0] == 0
    last_reports()
    assert sent["CreateTopics"] > 0
    sent.clear()
    code, text = fleet.apply()
    last_reports()
    assert (code, "nothing left to do" in text) == (0, True), text
    assert sent["DescribeConfigs"] > 0
    assert not {
        name
        for name in sent
        if name in {"CreateTopics", "IncrementalAlterConfigs", "AlterConfigs", "CreatePartitions", "DeleteTopics"}
    }


def count_requests(monkeypatch: pytest.MonkeyPatch, sent: Counter[str]) -> Callable[[], None]:
    """Every client made from now on counts its requests by name. Returns what collects the last reports."""
    made: list[AdminClient] = []

    class Counting(AdminClient):  # type: ignore[misc]
        def __init__(self, settings: dict[str, Any]) -> None:
            self.last: Counter[str] = Counter()
            super().__init__({**settings, "statistics.interval.ms": 50, "stats_cb": self.note})
            made.append(self)

        def note(self, text: str) -> None:
            now: Counter[str] = Counter()
            for broker in json.loads(text)["brokers"].values():
                now.update({name: count for name, count in broker["req"].items() if count})
            sent.update(now - self.last)
            self.last = now

    def collect() -> None:
        end = time.monotonic() + 0.5
        while time.monotonic() < end:
            for client in made:
                client.poll(0.02)
        made.clear()

    monkeypatch.setattr(connection, "AdminClient", Counting)
    return collect


def test_a_config_changes_and_a_removed_override_falls_back(fleet: Fleet, witness: Witness) -> None:
    """Incrementally: what is not touched stays."""
    fleet.topics("  - {name: change.v1, config: {retention.ms: 3d, segment.ms: 1d, max.message.bytes: 1MiB}}\n")
    assert fleet.apply()[0] == 0
    fleet.topics("  - {name: change.v1, config: {retention.ms: 7d, max.message.bytes: 1MiB}}\n")
    code, text = fleet.apply()
    assert code == 0, text
    assert witness.overrides("change.v1") == {"retention.ms": "604800000", "max.message.bytes": "1048576"}


def test_partitions_grow_with_consent(fleet: Fleet, witness: Witness) -> None:
    """And not without."""
    fleet.topics("  - {name: grow.v1}\n")
    assert fleet.apply()[0] == 0
    fleet.topics("  - {name: grow.v1, partitions: 7}\n")
    assert fleet.apply()[0] == 3
    assert len(witness.partitions("grow.v1")) == 3
    fleet.topics("  - {name: grow.v1, partitions: 7, allow: {more-partitions: 7}}\n")
    assert fleet.apply()[0] == 0
    assert len(witness.partitions("grow.v1")) == 7


def test_fewer_partitions_are_refused(fleet: Fleet, witness: Witness) -> None:
    """Never delete and create: the topic keeps its id."""
    fleet.topics("  - {name: shrink.v1, partitions: 5}\n")
    assert fleet.apply()[0] == 0
    before = witness.topic_id("shrink.v1")
    fleet.topics("  - {name: shrink.v1, partitions: 2}\n")
    code, text = fleet.apply()
    assert code == 3
    assert "cannot become fewer: 5 -> 2" in text
    assert (witness.topic_id("shrink.v1"), len(witness.partitions("shrink.v1"))) == (before, 5)


def test_a_declared_replication_factor_of_two_is_a_problem(fleet: Fleet, witness: Witness) -> None:
    """Exit 1, and nothing is sent for that topic; another one goes on."""
    fleet.topics("  - {name: two.v1, replication_factor: 2}\n  - {name: three.v1}\n")
    code, text = fleet.apply()
    assert (code, "durability/low-replication" in text) == (1, True)
    assert {"two.v1", "three.v1"} & witness.names() == {"three.v1"}


def test_a_live_topic_with_two_replicas_gets_a_third(fleet: Fleet, brokers: Sandbox, witness: Witness) -> None:
    """Beside another topic, in one run that waits for it."""
    made(brokers, NewTopic("thin.v1", 3, 2))
    fleet.topics("  - {name: thin.v1}\n  - {name: beside.v1}\n")
    code, text = fleet.run("apply", "--yes", "--wait", "2m")
    assert (code, "1 topic created, 1 topic updated" in text) == (0, True), text
    assert "adds 3 replicas on 3 brokers" in text
    assert [len(row) for row in witness.partitions("thin.v1")] == [3, 3, 3]
    assert "beside.v1" in witness.names()


def test_one_refused_topic_among_fifty_leaves_forty_nine(fleet: Fleet, brokers: Sandbox, witness: Witness) -> None:
    """The cluster itself refuses one, in the plan already; the exit code says so, and the report stays short."""
    made(brokers, NewTopic("many_07.v1", 1, 3))
    fleet.topics("".join(f"  - {{name: many.{index:02}.v1}}\n" for index in range(50)))
    code, text = fleet.apply()
    assert code == 3, text
    assert "collides with existing topic: many_07.v1" in text
    assert "49 topics created" in text
    report = text[text.index("Plan: ") :].splitlines()
    assert len(report) <= 5, text
    assert sum(name.startswith("many.") for name in witness.names()) == 49


def test_an_override_that_no_file_names_goes_at_the_first_contact_only(
    fleet: Fleet, brokers: Sandbox, witness: Witness
) -> None:
    """Where the cluster asks for that, and by a reviewed plan; what comes later is somebody's work, and stands."""
    made(brokers, NewTopic("undeclared.v1", 3, 3, config={"segment.ms": "1000000"}))
    fleet.topics("  - {name: undeclared.v1}\n")
    assert fleet.run("plan", "--detailed-exitcode")[0] == 0
    fleet.cluster(brokers.bootstrap, "    undeclared_overrides: remove\n")
    code, text = fleet.apply()
    assert (code, "nothing is recorded of it" in text) == (3, True), text
    assert fleet.reviewed()[0] == 0
    assert witness.overrides("undeclared.v1") == {}
    set_by_hand(brokers, "undeclared.v1", segment_ms="1000000")
    everywhere(brokers, lambda told: told.overrides("undeclared.v1") == {"segment.ms": "1000000"})
    code, text = fleet.apply()
    assert (code, "1 standing difference" in text) == (0, True), text
    assert witness.overrides("undeclared.v1") == {"segment.ms": "1000000"}


def test_a_deletion_needs_the_very_topics_id(fleet: Fleet, brokers: Sandbox, witness: Witness) -> None:
    """The plan prints it; a topic that was made again keeps living."""
    made(brokers, NewTopic("gone.v1", 1, 3))
    fleet.topics("  - {name: gone.v1, state: absent}\n")
    code, text = fleet.run("plan")
    assert code == 3
    line = next(line.strip() for line in text.splitlines() if "allow: {delete-topic" in line)
    fleet.topics(f"  - name: gone.v1\n    state: absent\n    {line}\n")
    assert fleet.apply()[0] == 3
    assert fleet.reviewed()[0] == 0
    assert "gone.v1" not in witness.names()
    everywhere(brokers, lambda told: "gone.v1" not in told.names())
    made(brokers, NewTopic("gone.v1", 1, 3))
    assert fleet.apply()[0] == 3
    assert "gone.v1" in witness.names()


def test_a_topic_in_use_is_not_deleted_on_one_consent(fleet: Fleet, brokers: Sandbox, witness: Witness) -> None:
    """A fresh record, or a member that reads: the plan says which, and asks for another word."""
    made(brokers, NewTopic("used.v1", 2, 3))
    settings = {"bootstrap.servers": brokers.bootstrap, "log_level": 0}
    producer = Producer(settings)
    producer.produce("used.v1", b"x", partition=1)
    producer.flush(30)
    consumer = Consumer({**settings, "group.id": "used-reader", "auto.offset.reset": "earliest"})
    consumer.subscribe(["used.v1"])
    try:
        while (message := consumer.poll(60)) is None or message.error():
            pass
        consumer.commit(asynchronous=False)
        fleet.topics("  - {name: used.v1, state: absent}\n")
        code, text = fleet.run("plan")
    finally:
        consumer.close()
    line = next(line.strip() for line in text.splitlines() if "allow: {delete-topic" in line)
    assert (code, "! in-use: group used-reader has members connected; its newest record is " in text) == (3, True), text
    fleet.topics(f"  - name: used.v1\n    state: absent\n    {line.partition(', in-use')[0]}}}\n")
    code, text = fleet.apply()
    assert (code, "! in-use: its newest record is " in text) == (3, True), text
    assert "used.v1" in witness.names()
    fleet.topics(f"  - name: used.v1\n    state: absent\n    {line}\n")
    assert fleet.reviewed()[0] == 0
    assert "used.v1" not in witness.names()


def test_topics_that_nobody_declared_are_left_alone(fleet: Fleet, brokers: Sandbox, witness: Witness) -> None:
    """Counted, not touched."""
    made(brokers, NewTopic("foreign.v1", 1, 1, config={"retention.ms": "12345"}))
    fleet.topics("  - {name: ours.v1}\n")
    assert fleet.apply()[0] == 0
    assert witness.overrides("foreign.v1") == {"retention.ms": "12345"}


def test_another_cluster_is_not_touched(fleet: Fleet, brokers: Sandbox, witness: Witness) -> None:
    """The declared id is compared before anything is planned or written."""
    fleet.cluster(brokers.bootstrap, cluster_id="AAAAAAAAAAAAAAAAAAAAAA")
    fleet.topics("  - {name: elsewhere.v1}\n")
    for command in (("plan",), ("apply", "--yes")):
        code, text = fleet.run(*command)
        assert code == 3
        assert f"are cluster {brokers.cluster_id}, declared is AAAAAAAAAAAAAAAAAAAAAA" in text
    assert "elsewhere.v1" not in witness.names()


def test_nothing_listening_is_named_as_such(fleet: Fleet) -> None:
    """Exit 4, in words."""
    fleet.cluster("127.0.0.1:1")
    fleet.topics("  - {name: nobody.v1}\n")
    code, text = fleet.run("plan")
    assert (code, "nothing answers at the address" in text) == (4, True), text
