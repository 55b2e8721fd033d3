"""The table of topic configs against a broker's own."""

from __future__ import annotations

from kafka.admin import ConfigResource, ConfigResourceType

from provisioner.catalog.topic_config import known_in
from tests.live.conftest import KAFKA, Fleet, Witness


def test_the_table_of_configs_is_the_brokers_own(fleet: Fleet, witness: Witness) -> None:
    """DescribeConfigs of a fresh topic lists every key that we know of its version, and no other.

    Kafka 3.5 lists the configs of remote storage only on a topic that sets them, so this one does.
    """
    remote = "{remote.storage.enable: false, local.retention.ms: -2, local.retention.bytes: -2}"
    fleet.topics(f"  - {{name: fresh.v1, config: {remote}}}\n")
    code, text = fleet.apply()
    assert code == 0, text
    asked = ConfigResource(ConfigResourceType.TOPIC, "fresh.v1")
    answer = witness.admin.describe_configs([asked], config_filter="all")
    assert set(answer["topic"]["fresh.v1"]) == known_in(KAFKA)


def test_the_broker_takes_both_ends_of_the_newest_keys_range(fleet: Fleet) -> None:
    """The least and the most that `validate` takes; an older broker refuses the key by its name."""
    fleet.topics(
        "  - {name: records.low, config: {max.decompressed.message.bytes: 1}}\n"
        "  - {name: records.high, config: {max.decompressed.message.bytes: 2147483639}}\n"
    )
    code, text = fleet.apply()
    if "max.decompressed.message.bytes" in known_in(KAFKA):
        assert (code, "2 topics created" in text) == (0, True), text
    else:
        assert (code, "max.decompressed.message.bytes" in text, "2 refused" in text) == (3, True, True), text


def test_a_cleanup_policy_of_nothing_is_kept(fleet: Fleet, witness: Witness) -> None:
    """The broker takes the empty value and gives it back; a plan finds nothing to do."""
    fleet.topics('  - {name: policy.none, config: {cleanup.policy: ""}}\n')
    assert fleet.apply()[0] == 0
    assert witness.overrides("policy.none") == {"cleanup.policy": ""}
    code, text = fleet.run("plan", "--detailed-exitcode")
    assert (code, "nothing left to do" in text) == (0, True), text
