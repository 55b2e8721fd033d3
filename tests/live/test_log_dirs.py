"""What real brokers say of their disks, held against the disks."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    NewTopic,
    ResourcePatternType,
    ResourceType,
)

from provisioner.catalog.model import Secret
from provisioner.sandbox import USERS, Sandbox, rights
from provisioner.stores.kafka import log_dirs
from provisioner.stores.kafka.connection import Connection
from tests.live.conftest import everywhere
from tests.live.test_rights import root

MESSAGE, COUNT = 50_000, 100
"""Bytes, and how many of them: 5 MB, which nothing can compress."""


def created(brokers: Sandbox, topic: NewTopic) -> None:
    # The client must outlive its futures.
    client = root(brokers)
    for future in client.create_topics([topic]).values():
        future.result(30)
    everywhere(brokers, lambda told: topic.topic in told.names())


def written(brokers: Sandbox, name: str) -> None:
    """A topic of three partitions with so much in it."""
    created(brokers, NewTopic(name, 3, 3))
    producer = Producer({"bootstrap.servers": brokers.bootstrap, "acks": "all", "log_level": 0})
    for number in range(COUNT):
        producer.produce(name, os.urandom(MESSAGE), partition=number % 3)
        producer.poll(0)
    assert producer.flush(60) == 0


def on_disk(path: str, name: str) -> int:
    """The log segments of a topic in one log dir, in bytes."""
    return sum(file.stat().st_size for file in Path(path).glob(f"{name}-[0-9]*/*.log"))


def test_what_the_brokers_say_is_what_lies_on_their_disks(brokers: Sandbox) -> None:
    """Replica by replica, within a hundredth; free space is that of the volume."""
    written(brokers, "sized.topic.v1")
    connection = Connection(brokers.bootstrap, {}, {}, print)
    deadline = time.monotonic() + 30
    while (found := log_dirs.log_dirs(connection, ["sized.topic.v1"])).gaps and time.monotonic() < deadline:
        time.sleep(0.5)
    assert found.gaps == {}
    assert {at: sorted(sizes) for at, sizes in found.sizes.items()} == {
        ("sized.topic.v1", number): [1, 2, 3] for number in range(3)
    }
    for each in found.dirs:
        said = sum(sizes[each.broker] for sizes in found.sizes.values())
        assert said == pytest.approx(on_disk(each.path, "sized.topic.v1"), rel=0.01)
        assert said > MESSAGE * COUNT
        if each.total is not None and each.usable is not None:
            volume = os.statvfs(each.path)
            assert each.total == pytest.approx(volume.f_frsize * volume.f_blocks, rel=0.01)
            assert 0 < each.usable <= each.total
    assert found.words("sized.topic.v1") == "15.0 MB on disk, 3 replicas"


def test_without_describe_on_the_cluster_the_size_is_not_known(secure_brokers: Sandbox) -> None:
    """The brokers answer with nothing then, which is never taken for nothing there."""
    created(secure_brokers, NewTopic("own.sized", 1, 3))
    client = {
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": "reader",
        "sasl.password": Secret(env="SECRET"),
    }

    def words() -> str:
        connection = Connection(secure_brokers.secure_bootstrap, client, {"SECRET": USERS["reader"]}, print)
        return log_dirs.log_dirs(connection, ["own.sized"]).words("own.sized")

    assert words() == "0 B on disk, 3 replicas"
    where = (ResourceType.BROKER, "kafka-cluster", ResourcePatternType.LITERAL, "User:reader", "*")
    denied = AclBinding(*where, AclOperation.DESCRIBE, AclPermissionType.DENY)
    rights.create(secure_brokers, [denied])
    try:
        eventually(lambda: words() == "size not known: no right")
    finally:
        client_of_root = root(secure_brokers)
        for future in client_of_root.delete_acls([_filter(denied)]).values():
            future.result(30)


def _filter(acl: AclBinding) -> AclBindingFilter:
    where = (acl.restype, acl.name, acl.resource_pattern_type, acl.principal, acl.host)
    return AclBindingFilter(*where, acl.operation, acl.permission_type)


def eventually(holds: Callable[[], bool], seconds: float = 30) -> None:
    """ACLs are seen a moment later."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.5)
