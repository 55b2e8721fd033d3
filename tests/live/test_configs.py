"""The table of topic configs against a broker's own."""

from __future__ import annotations

from kafka.admin import ConfigResource, ConfigResourceType

from provisioner.catalog.topic_config import known_in
from tests.live.conftest import Fleet, Witness


def test_the_table_of_configs_is_the_brokers_own(fleet: Fleet, witness: Witness) -> None:
    """DescribeConfigs of a fresh topic lists every key that we know of its version, and no other."""
    fleet.topics("  - {name: fresh.v1}\n")
    code, text = fleet.apply()
    assert code == 0, text
    asked = ConfigResource(ConfigResourceType.TOPIC, "fresh.v1")
    answer = witness.admin.describe_configs([asked], config_filter="all")
    assert set(answer["topic"]["fresh.v1"]) == known_in("4.4")


def test_the_broker_takes_both_ends_of_the_newest_keys_range(fleet: Fleet) -> None:
    """The least and the most that `validate` takes."""
    fleet.topics(
        "  - {name: records.low, config: {max.decompressed.message.bytes: 1}}\n"
        "  - {name: records.high, config: {max.decompressed.message.bytes: 2147483639}}\n"
    )
    code, text = fleet.apply()
    assert (code, "2 topics created" in text) == (0, True), text


def test_a_cleanup_policy_of_nothing_is_kept(fleet: Fleet, witness: Witness) -> None:
    """The broker takes the empty value and gives it back; a plan finds nothing to do."""
    fleet.topics('  - {name: policy.none, config: {cleanup.policy: ""}}\n')
    assert fleet.apply()[0] == 0
    assert witness.overrides("policy.none") == {"cleanup.policy": ""}
    code, text = fleet.run("plan", "--detailed-exitcode")
    assert (code, "nothing left to do" in text) == (0, True), text
