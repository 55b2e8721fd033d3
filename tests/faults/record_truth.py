"""The record as a stranger reads it and writes to it: through kafka-python, by docs/record-topic.md."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient
from kafka import KafkaConsumer, TopicPartition

REPOSITORY = "topics"
RUN = "run"


class Named(NamedTuple):
    """Of what an entry tells."""

    kind: str
    name: str


@dataclass(frozen=True)
class Entry:
    """What an entry claims: `asked` and seen; `open`, sent and not confirmed."""

    asked: Mapping[str, str] = field(default_factory=dict)
    open: Mapping[str, str | None] = field(default_factory=dict)
    unclaimed: frozenset[str] = frozenset()
    former: Mapping[str, str] = field(default_factory=dict)
    identity: str | None = None


def raw(bootstrap: str, topic: str) -> dict[bytes, bytes]:
    """Key -> the last value; {} where there is no such topic."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap.split(","), allow_auto_create_topics=False)
    try:
        if topic not in consumer.topics():
            return {}
        return {key: value for key, value in _last(consumer, TopicPartition(topic, 0)).items() if value is not None}
    finally:
        consumer.close()


def _last(consumer: KafkaConsumer, place: TopicPartition) -> dict[bytes, bytes | None]:
    consumer.assign([place])
    consumer.seek_to_beginning()
    end, values = consumer.end_offsets([place])[place], dict[bytes, bytes | None]()
    while consumer.position(place) < end:
        for batch in consumer.poll(timeout_ms=5000).values():
            values |= {message.key: message.value for message in batch}
    return values


def entries(bootstrap: str, topic: str) -> dict[Named, Entry]:
    """What our repository claims, the entry of its newest run left out."""
    documents = {tuple(json.loads(key)): value for key, value in raw(bootstrap, topic).items()}
    return {
        Named(kind, name): _entry(json.loads(value))
        for (repository, kind, _, name), value in documents.items()
        if repository == REPOSITORY and kind != RUN
    }


def _entry(document: Mapping[str, Any]) -> Entry:
    return Entry(
        document.get("asked", {}),
        document.get("open", {}),
        frozenset(document.get("unclaimed", ())),
        document.get("former", {}),
        document.get("identity"),
    )


def key(kind: str, name: str, repository: str = REPOSITORY) -> bytes:
    """The key of what lies on the cluster itself."""
    return json.dumps([repository, kind, "", name], separators=(",", ":")).encode()


def put(bootstrap: str, topic: str, values: Mapping[bytes, bytes | None]) -> None:
    """As somebody else."""
    producer = Producer({"bootstrap.servers": bootstrap, "acks": "all", "log_level": 0})
    for each, value in values.items():
        producer.produce(topic, value, each, partition=0)
    if producer.flush(60):
        raise RuntimeError(f"{topic} could not be written")


def deleted(bootstrap: str, topic: str) -> None:
    """By somebody's hand; each broker knows."""
    client = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    client.delete_topics([topic], operation_timeout=30)[topic].result(40)


def leader(bootstrap: str, topic: str) -> int:
    """The broker that has the record."""
    client = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    return int(client.list_topics(topic, timeout=30).topics[topic].partitions[0].leader)
