"""What people do on the cluster of installed.sh by hand, with the bare client.

by_hand.py SANDBOX.json address | create TOPIC | read TOPIC GROUP | check TOPIC KEY=VALUE
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, ResourceType

Cluster = Mapping[str, Any]


def address(cluster: Cluster) -> None:
    print(cluster["bootstrap"], cluster["cluster_id"])


def create(cluster: Cluster, topic: str) -> None:
    admin = AdminClient({"bootstrap.servers": cluster["bootstrap"]})
    admin.create_topics([NewTopic(topic, 3, 3)])[topic].result(30)
    print(f"{topic} was made by hand")


def read(cluster: Cluster, topic: str, group: str) -> None:
    """One message that the group has read."""
    producer = Producer({"bootstrap.servers": cluster["bootstrap"]})
    producer.produce(topic, b"paid", partition=0)
    assert producer.flush(30) == 0
    consumer = Consumer({"bootstrap.servers": cluster["bootstrap"], "group.id": group})
    consumer.commit(offsets=[TopicPartition(topic, 0, 1)], asynchronous=False)
    consumer.close()
    print(f"group {group} has read a message of {topic}")


def check(cluster: Cluster, topic: str, expected: str) -> None:
    """End with an error unless the topic has that config."""
    key, value = expected.split("=")
    resource = ConfigResource(ResourceType.TOPIC, topic)
    admin = AdminClient({"bootstrap.servers": cluster["bootstrap"]})
    configs = admin.describe_configs([resource])[resource].result(30)
    print(f"on the cluster: {topic} {key}={configs[key].value}")
    if configs[key].value != value:
        raise SystemExit(f"error: expected {expected}")


ACTIONS: Mapping[str, Callable[..., None]] = {"address": address, "create": create, "read": read, "check": check}

if __name__ == "__main__":
    ACTIONS[sys.argv[2]](json.loads(Path(sys.argv[1]).read_text("utf-8")), *sys.argv[3:])
