"""An old cluster on real brokers, imported: the plan afterwards is empty. IMPORT_TOPICS=2000 for a large one."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient, NewTopic
from kafka import TopicPartition

from provisioner.catalog.topic_config import known_in
from provisioner.sandbox import Sandbox
from tests.live.conftest import KAFKA, Fleet, Witness, everywhere, running

TOPICS = int(os.environ.get("IMPORT_TOPICS", "60"))
CONFIGS: tuple[dict[str, str], ...] = (
    {},
    {"retention.ms": "259200000"},
    {"retention.ms": "-1", "cleanup.policy": "compact"},
    {"cleanup.policy": "delete,compact", "min.compaction.lag.ms": "3600000"},
    {"retention.ms": "600000", "segment.ms": "300000"},
    {"retention.ms": "10000"},
    {"min.insync.replicas": "2", "unclean.leader.election.enable": "true"},
    {"max.message.bytes": "2097152", "compression.type": "zstd", "compression.zstd.level": "-5"},
    {"retention.bytes": "1000000000", "segment.bytes": "104857600", "min.cleanable.dirty.ratio": "0.00001"},
    {"message.timestamp.type": "LogAppendTime", "preallocate": "true", "flush.messages": "9223372036854775807"},
    {"min.insync.replicas": "3"},
    {"segment.jitter.ms": "1", "file.delete.delay.ms": "61000", "delete.retention.ms": "90061000"},
)
OTHERS = ("shop-store-changelog", "shop-KSTREAM-7-repartition", "connect-configs", "eu-connect-offsets", "_schemas")


def named(index: int) -> str:
    team, kind = ("Shop", "billing", "0042", "true", "team")[index % 5], (".", "_", "-")[index % 3]
    return f"{team}{kind}events{index}"


def lists(names: set[str], told: Witness) -> bool:
    return names <= told.names()


def of_this_kafka(config: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in config.items() if key in known_in(KAFKA)}


def old_cluster(count: int) -> list[NewTopic]:
    """Every config with every replication factor; two that collide, which Kafka lets in together."""
    made = [
        NewTopic(named(i), 1 + i % 2, 1 + i % 3, config=of_this_kafka(CONFIGS[i % len(CONFIGS)]))
        for i in range(count - len(OTHERS))
    ]
    others = [NewTopic(name, 1, 3, config={"cleanup.policy": "compact"}) for name in OTHERS]
    return [*others, *made, NewTopic("twin.v1", 1, 3), NewTopic("twin_v1", 1, 3)]


def created(bootstrap: str, topics: Sequence[NewTopic]) -> None:
    client = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    for at in range(0, len(topics), 100):
        futures = client.create_topics(list(topics[at : at + 100]), operation_timeout=60, request_timeout=90)
        for future in futures.values():
            future.result(120)


@pytest.fixture(scope="module")
def old_brokers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A set of brokers where no other test makes topics."""
    heap = "1g" if TOPICS > 500 else "256m"
    for there in running(tmp_path_factory.mktemp("brokers") / "old", heap=heap):
        topics = old_cluster(TOPICS)
        # The last two together: Kafka refuses a name that collides with one that is there, not with one beside it.
        created(there.bootstrap, topics[:-2])
        created(there.bootstrap, topics[-2:])
        names = {made.topic for made in topics}
        everywhere(there, partial(lists, names), 120)
        yield there


@pytest.mark.parametrize("grouping", ["topic", "prefix", "one"])
def test_after_an_import_the_plan_is_empty(
    old_brokers: Sandbox, fleet_of: Callable[..., Fleet], grouping: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Into a new team; a second import writes nothing."""
    fleet = fleet_of(old_brokers.bootstrap, "    metrics: {scrape_interval: 15s}\n")
    arguments = ("--team", "old", "--group-by", grouping)
    begun = time.monotonic()
    code, text = fleet.run("import", *arguments)
    imported = time.monotonic()
    assert (code, f"{TOPICS + 2} topics of cluster prod imported, {len(OTHERS)} of them external" in text) == (
        0,
        True,
    ), text
    code, text = fleet.run("plan", "--detailed-exitcode")
    planned = time.monotonic()
    assert (code, "nothing left to do" in text) == (0, True), text
    before = contents(fleet.root)
    code, text = fleet.run("import", *arguments)
    assert (code, "nothing was written" in text, contents(fleet.root) == before) == (0, True, True), text
    with capfd.disabled():
        print(f"\n{TOPICS} topics by {grouping}: import {imported - begun:.1f} s, plan {planned - imported:.1f} s")


def test_partitions_with_different_replicas_are_told(fleet: Fleet, brokers: Sandbox, witness: Witness) -> None:
    """The largest count is declared; a comment says that some lack replicas, and so does the plan."""
    created(brokers.bootstrap, [NewTopic("mixed.v1", 2, 3)])
    everywhere(brokers, lambda told: "mixed.v1" in told.names())
    _, second = witness.partitions("mixed.v1")
    witness.admin.alter_partition_reassignments({TopicPartition("mixed.v1", 1): second[:2]})
    everywhere(brokers, lambda told: [len(each) for each in told.partitions("mixed.v1")] == [3, 2])
    code, text = fleet.run("import", "--team", "pay", "--match", "mixed.*")
    assert (code, "1 topic of cluster prod imported" in text) == (0, True), text
    assert (fleet.root / "pay/mixed.v1.yaml").read_text("utf-8").splitlines() == [
        "topics:",
        "  # some of its partitions have 2 replicas: a plan shows it, and an apply adds what they lack",
        "  - name: mixed.v1",
        "    partitions: 2",
    ]
    code, text = fleet.run("plan", "--detailed-exitcode")
    assert (code, "replication_factor  2..3 -> 3" in text) == (2, True), text
    assert "adds 1 replica on 1 broker" in text


def contents(root: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in root.rglob("*.yaml")}
