"""Configs that the brokers do not know, and values on which they do not agree."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from provisioner.sandbox import Sandbox
from tests.live.conftest import Fleet, Witness

EXTRA = "    extra_configs: [vendor.tier]\n"
DELAY = "log.segment.delete.delay.ms"


def test_a_default_that_the_brokers_do_not_know_holds_up_nothing_else(
    fleet_of: Callable[..., Fleet], brokers: Sandbox, witness: Witness
) -> None:
    """One line for it: a topic that is there changes, a new one is refused, and so is one that has the key itself."""
    fleet = fleet_of(brokers.bootstrap)
    fleet.topics("  - {name: known.v1}\n  - {name: known.v2}\n")
    assert fleet.apply()[0] == 0
    fleet.cluster(brokers.bootstrap, EXTRA)
    (fleet.root / "pay/team.yaml").write_text("chat: '#pay'\ndefaults: {config: {vendor.tier: cold}}\n")
    accepted = 'allow: {extra-config: ["vendor.tier=cold"]}'
    fleet.topics(
        f"  - {{name: known.v1, config: {{segment.jitter.ms: 5s}}, {accepted}}}\n"
        f"  - {{name: known.v2, config: {{vendor.tier: cold}}, {accepted}}}\n  - {{name: fresh.v2}}\n"
    )
    code, text = fleet.apply()
    assert code == 3, text
    assert "pay/team.yaml:2:21: this cluster does not know vendor.tier; it is a default: 1 topic left" in text
    assert "REFUSED  topic known.v2: this cluster does not know vendor.tier" in text
    assert "1 topic updated, 2 refused" in text
    assert witness.overrides("known.v1") == {"segment.jitter.ms": "5000"}
    assert "fresh.v2" not in witness.names()


def set_on_broker(bootstrap: str, broker: str, key: str, value: str | None) -> None:
    operation = AlterConfigOpType.DELETE if value is None else AlterConfigOpType.SET
    entries = [ConfigEntry(key, value, incremental_operation=operation)]
    resource = ConfigResource(ResourceType.BROKER, broker, incremental_configs=entries)
    client = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    for future in client.incremental_alter_configs([resource]).values():
        future.result(30)


@pytest.fixture
def half_rolled_out(brokers: Sandbox) -> Iterator[None]:
    """One broker of three has another value of its own."""
    set_on_broker(brokers.bootstrap, "1", DELAY, "7200000")
    time.sleep(2)
    yield
    set_on_broker(brokers.bootstrap, "1", DELAY, None)
    time.sleep(2)


@pytest.mark.usefixtures("half_rolled_out")
def test_brokers_that_do_not_agree_give_the_same_plan_each_time(fleet: Fleet, brokers: Sandbox) -> None:
    """Nothing is set by a default, and the plan says why."""
    fleet.topics("  - {name: rolling.v1}\n")
    assert fleet.apply()[0] == 0
    fleet.cluster(brokers.bootstrap)
    (fleet.root / "pay/team.yaml").write_text("chat: '#pay'\ndefaults: {config: {file.delete.delay.ms: 2h}}\n")
    plans = [fleet.run("plan", "--detailed-exitcode") for _ in range(10)]
    assert {code for code, _ in plans} == {0}, plans
    why = "do not agree on file.delete.delay.ms (broker 1: 7200000 (2h), broker"
    assert all(why in text for _, text in plans)


def test_a_removed_retention_is_judged_by_the_brokers_hours(fleet: Fleet) -> None:
    """Where no topic is without one, the brokers tell what it falls back to."""
    fleet.topics("  - {name: hours.v1, config: {retention.ms: 30d}}\n")
    assert fleet.apply()[0] == 0
    fleet.topics("  - {name: hours.v1}\n")
    code, text = fleet.run("plan")
    assert code == 3
    assert "records older than 7d (the broker's own) become deletable at once" in text
