"""The main job from beginning to end, on whatever Kafka runs (`make compat`, `make compat-short`)."""

from __future__ import annotations

from confluent_kafka.admin import NewTopic

from provisioner.catalog.topic_config import CONFIG_KEYS, THROTTLES, known_in
from provisioner.sandbox import Sandbox
from tests.live.conftest import KAFKA, Fleet, Witness, everywhere, set_by_hand
from tests.live.test_topics import made

VALUES = {
    "cleanup.policy": "compact",
    "compression.type": "zstd",
    "message.timestamp.type": "LogAppendTime",
    # Above retention.bytes Kafka 3.5 makes a topic that no broker can open.
    "local.retention.bytes": "-2",
    "message.format.version": "3.0",
    "min.cleanable.dirty.ratio": "0.3",
    "segment.bytes": "104857600",
    "min.insync.replicas": "2",
    "remote.storage.enable": "false",
    "compression.lz4.level": "9",
    "index.interval.bytes": "8192",
    "retention.ms": "600000000",
    "segment.index.bytes": "8388608",
}
"""Of the configs that take no plain number or switch."""


def test_the_main_job(fleet: Fleet, brokers: Sandbox, witness: Witness) -> None:
    """Plan, apply, empty plan; change, growth; drift and its repair; import; deletion: each ends as it should."""
    declared = {f"main.{key}": {key: value_of(key)} for key in sorted(known_in(KAFKA) - THROTTLES)}
    fleet.topics(written(declared))
    code, text = fleet.run("plan", "--detailed-exitcode")
    assert (code, f"{len(declared)} to create" in text) == (2, True), text
    code, text = fleet.apply()
    assert (code, f"{len(declared)} topics created" in text) == (0, True), text
    assert {name: witness.overrides(name) for name in declared} == declared
    nothing_left(fleet)

    changed = {**declared, "main.retention.ms": {"retention.ms": "700000000"}, "main.new": {"segment.ms": "900000"}}
    fleet.topics(written(changed) + "  - {name: main.grown, partitions: 5, allow: {more-partitions: 5}}\n")
    made(brokers, NewTopic("main.grown", 2, 3))
    code, text = fleet.reviewed()
    assert (code, "1 topic created, 2 topics updated" in text) == (0, True), text
    assert len(witness.partitions("main.grown")) == 5
    nothing_left(fleet)

    set_by_hand(brokers, "main.new", segment_ms="1000000")
    everywhere(brokers, lambda told: told.overrides("main.new") == {"segment.ms": "1000000"})
    code, text = fleet.run("drift")
    assert (code, "main.new" in text, "config.segment.ms" in text) == (2, True, True), text
    assert fleet.apply()[0] == 0
    assert witness.overrides("main.new") == {"segment.ms": "1000000"}
    assert fleet.run("apply", "--yes", "--scope", "all", "--topic", "main.new")[0] == 0
    assert witness.overrides("main.new") == {"segment.ms": "900000"}
    assert fleet.run("drift")[0] == 0

    made(brokers, NewTopic("other.v1", 2, 3, config={"retention.ms": "86400000", "cleanup.policy": "compact,delete"}))
    code, text = fleet.run("import", "--team", "legacy", "--match", "other.*")
    assert (code, "1 topic of cluster prod imported" in text) == (0, True), text
    nothing_left(fleet)

    removed(fleet, brokers, written(changed), "main.grown")


def test_a_config_of_a_later_kafka_is_refused_by_its_name(fleet: Fleet, witness: Witness) -> None:
    """In the plan already; with the cluster's `kafka:` before anybody asks the cluster."""
    later = sorted(CONFIG_KEYS.keys() - known_in(KAFKA))
    fleet.topics(written({f"later.{key}": {key: value_of(key)} for key in later}) + "  - {name: later.fine}\n")
    code, text = fleet.run("plan")
    assert code == (3 if later else 0), text
    assert all(f"this cluster does not know {key}" in text for key in later), text
    fleet.cluster(witness.bootstrap, f'    kafka: "{KAFKA}"\n')
    code, text = fleet.run("plan")
    assert code == (1 if later else 0), text
    assert not any(name.startswith("later.") for name in witness.names())


def value_of(key: str) -> str:
    return VALUES.get(key) or ("true" if key.endswith(("enable", "disable", "preallocate")) else "7")


def written(topics: dict[str, dict[str, str]]) -> str:
    return "".join(
        f"  - {{name: {name}, config: {{{', '.join(f'{key}: {value}' for key, value in config.items())}}}}}\n"
        for name, config in topics.items()
    )


def nothing_left(fleet: Fleet) -> None:
    code, text = fleet.run("plan", "--detailed-exitcode")
    assert (code, "nothing left to do" in text) == (0, True), text


def removed(fleet: Fleet, brokers: Sandbox, others: str, name: str) -> None:
    """Only by its very id, which the plan prints."""
    fleet.topics(f"{others}  - {{name: {name}, state: absent}}\n")
    code, text = fleet.run("plan")
    line = next(line.strip() for line in text.splitlines() if "allow: {delete-topic" in line)
    assert code == 3, text
    fleet.topics(f"{others}  - name: {name}\n    state: absent\n    {line}\n")
    assert fleet.apply()[0] == 0
    everywhere(brokers, lambda told: name not in told.names())
