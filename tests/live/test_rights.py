"""A cluster with SASL and ACLs: what we may not see is never taken for absent."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    NewTopic,
    ResourcePatternType,
    ResourceType,
)

from provisioner.sandbox import USERS, Sandbox, rights, wire
from tests.live.conftest import Fleet, everywhere

LOGIN = (
    "    client: {{security.protocol: SASL_PLAINTEXT, sasl.mechanism: {mechanism}, sasl.username: {user}, "
    "sasl.password: {{env: SECRET}}}}\n"
)


def root(brokers: Sandbox) -> AdminClient:
    return AdminClient({"bootstrap.servers": brokers.bootstrap, "log_level": 0})


def deny(brokers: Sandbox, user: str, topic: str, operation: AclOperation) -> None:
    """Take away one of the rights that the sandbox's users have on every topic."""
    where = (ResourceType.TOPIC, topic, ResourcePatternType.LITERAL, f"User:{user}", "*")
    rights.create(brokers, [AclBinding(*where, operation, AclPermissionType.DENY)])


@pytest.fixture
def topics(secure_brokers: Sandbox) -> None:
    client = root(secure_brokers)
    there = client.list_topics(timeout=10).topics
    missing = [NewTopic(name, 3, 3) for name in ("own.there", "other.hidden") if name not in there]
    for future in (client.create_topics(missing) if missing else {}).values():
        future.result(30)
    names = {"own.there", "other.hidden"}
    everywhere(secure_brokers, lambda told: names <= told.names())


def login(monkeypatch: pytest.MonkeyPatch, user: str, password: str | None = None, mechanism: str = "PLAIN") -> str:
    monkeypatch.setenv("SECRET", password or USERS[user])
    return LOGIN.format(user=user, mechanism=mechanism)


def test_a_hidden_topic_is_refused_not_created(
    secure_brokers: Sandbox, topics: None, fleet_of: Callable[..., Fleet], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The listing leaves it out without a word; asked by name, the brokers say that a right is missing."""
    deny(secure_brokers, "writer", "other.hidden", AclOperation.DESCRIBE)
    fleet = fleet_of(secure_brokers.secure_bootstrap, login(monkeypatch, "writer"))
    fleet.topics("  - {name: other.hidden}\n  - {name: own.new}\n  - {name: own.there}\n")
    code, text = fleet.apply()
    assert code == 4, text
    assert "our user lacks DESCRIBE on the topic" in text
    assert "1 topic created" in text


def test_a_plan_with_rights_to_read_only_is_still_a_plan(
    secure_brokers: Sandbox, topics: None, fleet_of: Callable[..., Fleet], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing topic is planned, with the note that the cluster was not asked."""
    fleet = fleet_of(secure_brokers.secure_bootstrap, login(monkeypatch, "reader"))
    fleet.topics("  - {name: own.unborn}\n")
    code, text = fleet.run("plan")
    assert code == 0, text
    assert "1 to create" in text
    assert text.count("not asked") == 1


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
def test_the_users_of_a_secure_sandbox_do_what_their_rights_are_for(
    secure_brokers: Sandbox, fleet_of: Callable[..., Fleet], monkeypatch: pytest.MonkeyPatch, mechanism: str
) -> None:
    """Writer makes and changes a topic, reader sees that nothing is left to do, by each mechanism with its password."""
    name = f"own.{mechanism.lower()}"
    fleet = fleet_of(secure_brokers.secure_bootstrap, login(monkeypatch, "writer", mechanism=mechanism))
    for partitions in (3, 4):
        config = f"{{retention.ms: {partitions}d}}, allow: {{more-partitions: 4}}"
        fleet.topics(f"  - {{name: {name}, partitions: {partitions}, config: {config}}}\n")
        code, text = fleet.apply()
        assert (code, "1 topic" in text) == (0, True), text
    fleet.cluster(str(secure_brokers.secure_bootstrap), login(monkeypatch, "reader", mechanism=mechanism))
    code, text = fleet.run("plan", "--detailed-exitcode")
    assert (code, "nothing left to do" in text, "not asked" in text) == (0, True, False), text
    fleet.topics(f"  - {{name: {name}, partitions: 5, allow: {{more-partitions: 5}}}}\n")
    code, text = fleet.apply()
    assert code not in (0, 2), text


def test_a_wrong_password_is_named_as_such_and_never_shown(
    secure_brokers: Sandbox, fleet_of: Callable[..., Fleet], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The API itself only says that the transport failed."""
    fleet = fleet_of(secure_brokers.secure_bootstrap, login(monkeypatch, "reader", "wrong-hunter2"))
    fleet.topics("  - {name: own.any}\n")
    code, text = fleet.run("plan")
    assert code == 4
    assert "refuse the credentials" in text
    assert "hunter2" not in text


def test_a_missing_secret_is_named(
    secure_brokers: Sandbox, fleet_of: Callable[..., Fleet], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the name of the variable that should hold it."""
    fleet = fleet_of(secure_brokers.secure_bootstrap, login(monkeypatch, "reader"))
    monkeypatch.delenv("SECRET")
    fleet.topics("  - {name: own.any}\n")
    code, text = fleet.run("plan")
    assert (code, "the environment has no SECRET" in text) == (4, True), text


def taken_from_writer(brokers: Sandbox, *operations: AclOperation) -> None:
    """Rights on the cluster that another test may have given; until no broker knows of them."""
    where = (ResourceType.BROKER, "kafka-cluster", ResourcePatternType.LITERAL, "User:writer", "*")
    filters = [AclBindingFilter(*where, each, AclPermissionType.ALLOW) for each in operations]
    admin = root(brokers)
    for future in admin.delete_acls(filters).values():
        future.result(30)
    gone, deadline = {each.value for each in operations}, time.monotonic() + 30
    for node in brokers.nodes:
        while any(
            acl[0] == ResourceType.BROKER.value and acl[3] == "User:writer" and acl[5] in gone
            for acl in wire.acls(node.ports.client)
        ):
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_a_raise_names_the_rights_that_are_missing_and_goes_with_them(
    secure_brokers: Sandbox, fleet_of: Callable[..., Fleet], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever plans sees what whoever applies needs; nothing is sent without it."""
    admin = root(secure_brokers)
    taken_from_writer(secure_brokers, AclOperation.ALTER, AclOperation.ALTER_CONFIGS)
    topic = NewTopic("own.grown", 2, replica_assignment=[[1], [2]], config={"min.insync.replicas": "1"})
    for future in admin.create_topics([topic]).values():
        future.result(30)
    everywhere(secure_brokers, lambda told: "own.grown" in told.names())
    fleet = fleet_of(secure_brokers.secure_bootstrap, login(monkeypatch, "writer"))
    fleet.topics("  - {name: own.grown, partitions: 2}\n")
    code, text = fleet.run("plan", "--lane", "topics")
    assert code == 0, text
    assert "our user lacks ALTER on the cluster and ALTER_CONFIGS on the cluster: whoever applies needs it" in text
    assert "adds 4 replicas on 3 brokers" in text
    code, text = fleet.run("apply", "--yes", "--lane", "topics", "--wait", "1m")
    assert code == 1, text
    assert "FAILED" in text
    assert "our user lacks ALTER on the cluster and ALTER_CONFIGS on the cluster" in text
    where = (ResourceType.BROKER, "kafka-cluster", ResourcePatternType.LITERAL, "User:writer", "*")
    given = [
        AclBinding(*where, each, AclPermissionType.ALLOW) for each in (AclOperation.ALTER, AclOperation.ALTER_CONFIGS)
    ]
    rights.create(secure_brokers, given)
    code, text = fleet.run("apply", "--yes", "--lane", "topics", "--wait", "2m")
    assert (code, "1 topic updated" in text) == (0, True), text
