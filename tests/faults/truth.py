"""What the brokers hold, asked through kafka-python: a client that shares no code with the tool."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from confluent_kafka import Producer
from kafka import KafkaConsumer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from kafka.errors import KafkaError

READY_SECONDS = 60
PORTION = 100


@dataclass(frozen=True)
class Live:
    """One topic; `replicas`: of the partition that has fewest. `effective`: its configs, set or inherited."""

    topic_id: str
    partitions: int
    replicas: int
    overrides: Mapping[str, str]
    effective: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)


def admin(bootstrap: str) -> KafkaAdminClient:
    """A client, with patience for brokers that come back."""
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            return KafkaAdminClient(bootstrap_servers=bootstrap.split(","))
        except KafkaError:
            if time.monotonic() > deadline:
                raise
            time.sleep(1)


def topics(bootstrap: str) -> dict[str, Live]:
    """Every topic of the cluster, internal ones left out."""
    client = admin(bootstrap)
    try:
        names = [name for name in client.list_topics() if not name.startswith("__")]
        described = client.describe_topics(names) if names else []
        configs = _configs(client, names)
        return {
            topic["name"]: Live(
                _spelled(topic["topic_id"]),
                len(topic["partitions"]),
                min(len(partition["replica_nodes"]) for partition in topic["partitions"]),
                _values(configs[topic["name"]], only="DYNAMIC_TOPIC_CONFIG"),
                _values(configs[topic["name"]]),
            )
            for topic in described
        }
    finally:
        client.close()


def _spelled(topic_id: object) -> str:
    """As Kafka's own tools spell an id: base64 of its bytes."""
    return base64.urlsafe_b64encode(UUID(str(topic_id)).bytes).decode().rstrip("=")


def _configs(client: KafkaAdminClient, names: list[str]) -> dict[str, dict[str, Any]]:
    answers: dict[str, Any] = {}
    for at in range(0, len(names), PORTION):
        asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names[at : at + PORTION]]
        answers.update(client.describe_configs(asked)["topic"])
    return {name: answers.get(name, {}) for name in names}


def _values(configs: Mapping[str, Any], only: str | None = None) -> dict[str, str]:
    """By key; `only` those from that source."""
    return {key: each["value"] for key, each in configs.items() if only in (None, each["config_source"])}


def active_controller(bootstrap: str) -> int:
    """The node that leads the metadata quorum."""
    client = admin(bootstrap)
    try:
        quorum = client.describe_metadata_quorum()
        return int(quorum["topics"][0]["partitions"][0]["leader_id"])
    finally:
        client.close()


def filled(bootstrap: str, name: str, count: int = 200) -> None:
    """Known records in a topic."""
    producer = Producer({"bootstrap.servers": bootstrap, "acks": "all", "log_level": 0})
    for number in range(count):
        producer.produce(name, f"record {number}".encode(), key=str(number).encode())
    if producer.flush(60):
        raise RuntimeError(f"{name} could not be filled")


def records(bootstrap: str, names: Iterable[str]) -> dict[str, str]:
    """A checksum over every record of each topic, with its partition and offset, and over where each log begins."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap.split(","), consumer_timeout_ms=3000)
    try:
        return {name: _checksum(consumer, name) for name in names}
    finally:
        consumer.close()


def _checksum(consumer: KafkaConsumer, name: str) -> str:
    partitions = [TopicPartition(name, number) for number in sorted(consumer.partitions_for_topic(name) or ())]
    begins, ends = consumer.beginning_offsets(partitions), consumer.end_offsets(partitions)
    consumer.assign(partitions)
    consumer.seek_to_beginning()
    left = sum(ends[at] - begins[at] for at in partitions)
    seen = [repr(sorted((at.partition, begins[at]) for at in partitions))]
    while left > 0:
        polled = [record for batch in consumer.poll(timeout_ms=5000).values() for record in batch]
        if not polled:
            return f"{left} records cannot be read"
        left -= len(polled)
        seen += [f"{r.partition}/{r.offset}/{r.key!r}/{r.value!r}" for r in polled]
    return hashlib.sha256("\n".join(sorted(seen)).encode()).hexdigest()
