"""A cluster with SASL and ACLs: what we may not see is never taken for absent."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    NewTopic,
    ResourcePatternType,
    ResourceType,
)

from provisioner.sandbox import Sandbox
from tests.live.conftest import Fleet

LOGIN = (
    "    client: {{security.protocol: SASL_PLAINTEXT, sasl.mechanism: PLAIN, sasl.username: {user}, "
    "sasl.password: {{env: SECRET}}}}\n"
)


def root(brokers: Sandbox) -> AdminClient:
    return AdminClient({"bootstrap.servers": brokers.bootstrap})


def grant(brokers: Sandbox, user: str, prefix: str, *operations: AclOperation) -> None:
    bindings = [
        AclBinding(
            ResourceType.TOPIC, prefix, ResourcePatternType.PREFIXED, f"User:{user}", "*", each, AclPermissionType.ALLOW
        )
        for each in operations
    ]
    client = root(brokers)
    for future in client.create_acls(bindings).values():
        future.result(30)


@pytest.fixture
def topics(secure_brokers: Sandbox) -> None:
    client = root(secure_brokers)
    there = client.list_topics(timeout=10).topics
    missing = [NewTopic(name, 3, 3) for name in ("own.there", "other.hidden") if name not in there]
    for future in (client.create_topics(missing) if missing else {}).values():
        future.result(30)


def login(monkeypatch: pytest.MonkeyPatch, user: str, password: str | None = None) -> str:
    monkeypatch.setenv("SECRET", password or f"{user}-secret")
    return LOGIN.format(user=user)


def test_a_hidden_topic_is_refused_not_created(
    secure_brokers: Sandbox, topics: None, fleet_of: Callable[..., Fleet], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The listing leaves it out without a word; asked by name, the brokers say that a right is missing."""
    describe = (AclOperation.DESCRIBE, AclOperation.DESCRIBE_CONFIGS)
    grant(secure_brokers, "writer", "own.", *describe, AclOperation.CREATE, AclOperation.ALTER)
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
    grant(secure_brokers, "reader", "own.", AclOperation.DESCRIBE, AclOperation.DESCRIBE_CONFIGS)
    fleet = fleet_of(secure_brokers.secure_bootstrap, login(monkeypatch, "reader"))
    fleet.topics("  - {name: own.unborn}\n")
    code, text = fleet.run("plan")
    assert code == 0, text
    assert "1 to create" in text
    assert text.count("not asked") == 1


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
