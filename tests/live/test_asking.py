"""What the cluster says before anything is changed: its word on changes, its state, who would notice."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from provisioner import sandbox
from provisioner.catalog.topic_config import release
from provisioner.sandbox import Sandbox
from provisioner.stores.kafka import read_back
from tests.live.conftest import KAFKA, Fleet, Witness, set_by_hand
from tests.live.test_topics import made

REFUSED = "remote.storage.enable: true" if release(KAFKA) >= (3, 7) else "compression.gzip.level: 5"
"""What `validate` takes and this broker does not: remote storage where there is none, refused since Kafka 3.7."""
NAMES = ("same", "other", "untouched")


def test_a_value_that_only_the_broker_refuses_shows_in_the_plan(fleet: Fleet, witness: Witness) -> None:
    """Nothing is created, the rest of the plan is as ever."""
    fleet.topics(f"  - {{name: remote.v1, config: {{{REFUSED}}}}}\n  - {{name: local.v1}}\n")
    code, text = fleet.run("plan")
    assert code == 3
    assert "! cluster: " in text
    assert "Plan: 1 to create, 0 to update, 0 to delete, 1 refused" in text
    assert not {"remote.v1", "local.v1"} & witness.names()


def test_a_change_made_meanwhile_is_neither_overwritten_nor_repeated(
    fleet: Fleet, brokers: Sandbox, witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the plan and the write somebody sets one value to the wanted one, and another to a third."""
    fleet.topics("".join(f"  - {{name: meanwhile.{name}}}\n" for name in NAMES))
    assert fleet.apply()[0] == 0
    fleet.topics(
        "".join(
            f"  - {{name: meanwhile.{name}, config: {{segment.ms: 2d}}}}\n" for name in ("same", "other", "untouched")
        )
    )
    drop_outdated = read_back.drop_outdated

    def late(*arguments: object) -> object:
        set_by_hand(brokers, "meanwhile.same", segment_ms="172800000")
        set_by_hand(brokers, "meanwhile.other", segment_ms="3600000")
        deadline = time.monotonic() + 30
        while witness.overrides("meanwhile.other") == {} and time.monotonic() < deadline:
            time.sleep(0.1)
        time.sleep(1)
        return drop_outdated(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(read_back, "drop_outdated", late)
    code, text = fleet.apply()
    assert code == 1, text
    assert "changed by somebody else meanwhile: config.segment.ms is 3600000 by now" in text
    assert witness.overrides("meanwhile.other") == {"segment.ms": "3600000"}
    assert witness.overrides("meanwhile.untouched") == {"segment.ms": "172800000"}


def test_a_removed_override_is_judged_by_what_other_topics_inherit(fleet: Fleet, witness: Witness) -> None:
    """The broker does not tell what retention.ms falls back to; a topic without the override does."""
    fleet.topics("  - {name: falls.v1, config: {retention.ms: 30d}}\n  - {name: inherits.v1}\n")
    assert fleet.apply()[0] == 0
    fleet.topics("  - {name: falls.v1}\n  - {name: inherits.v1}\n")
    code, text = fleet.run("plan")
    assert code == 3
    assert "records older than 7d (the broker's own) become deletable at once" in text
    assert "allow: {shorter-retention: inherited}" in text


def written(brokers: Sandbox, name: str, age_seconds: int) -> None:
    producer = Producer({"bootstrap.servers": brokers.bootstrap, "log_level": 0})
    for number in range(5):
        producer.produce(name, b"x", partition=0, timestamp=int((time.time() - age_seconds) * 1000) + number)
    assert producer.flush(30) == 0


def committed(brokers: Sandbox, name: str, group: str) -> None:
    settings = {"bootstrap.servers": brokers.bootstrap, "log_level": 0, "group.id": group, "enable.auto.commit": False}
    consumer = Consumer(settings)
    consumer.commit(offsets=[TopicPartition(name, 0, 1)], asynchronous=False)
    consumer.close()


def test_a_note_says_which_group_would_lose_what_it_has_not_read(fleet: Fleet, brokers: Sandbox) -> None:
    """In hours behind, beside the hazard; it is live, so the digest and the fingerprint know nothing of it."""
    fleet.topics("  - {name: read.v1, partitions: 1, config: {retention.ms: 30d}}\n")
    assert fleet.apply()[0] == 0
    written(brokers, "read.v1", 3 * 3600)
    committed(brokers, "read.v1", "billing")
    fleet.topics("  - {name: read.v1, partitions: 1, config: {retention.ms: 1h}, lag: 10m}\n")
    plan = fleet.root / "plan.json"
    code, text = fleet.run("plan", "--out", str(plan))
    assert code == 3
    assert "note: group billing is 3h" in text, text
    assert "1h of retention deletes what it has not read" in text
    first = json.loads(plan.read_text())
    assert any("billing" in note for note in first["changes"][0]["notes"])
    committed(brokers, "read.v1", "another")
    assert fleet.run("plan", "--out", str(plan))[0] == 3
    second = json.loads(plan.read_text())
    assert len(second["changes"][0]["notes"]) > len(first["changes"][0]["notes"])
    assert second["digest"] == first["digest"]
    assert second["changes"][0]["fingerprint"] == first["changes"][0]["fingerprint"]


def test_a_note_says_who_still_reads_a_topic_that_goes(fleet: Fleet, brokers: Sandbox) -> None:
    """Before anybody consents."""
    made(brokers, NewTopic("reported.v1", 1, 3))
    written(brokers, "reported.v1", 60)
    committed(brokers, "reported.v1", "reports")
    fleet.topics("  - {name: reported.v1, state: absent}\n")
    code, text = fleet.run("plan")
    assert (code, "note: group reports (" in text) == (3, True), text


def test_a_broker_that_is_down_is_said_and_safe_changes_go_on(mortal_brokers: Sandbox, fleet_of: object) -> None:
    """Three replicas on two brokers are refused; a longer retention is done."""
    fleet: Fleet = fleet_of(mortal_brokers.bootstrap)  # type: ignore[operator]
    fleet.topics("  - {name: safe.v1, config: {retention.ms: 1d}}\n")
    assert fleet.apply()[0] == 0
    sandbox.kill(mortal_brokers, 3)
    deadline = time.monotonic() + 60
    client = AdminClient({"bootstrap.servers": mortal_brokers.bootstrap, "log_level": 0})
    while len(client.list_topics(timeout=10).brokers) > 2 and time.monotonic() < deadline:
        time.sleep(0.5)
    fleet.topics("  - {name: safe.v1, config: {retention.ms: 3d}}\n  - {name: new.v1}\n")
    code, text = fleet.apply()
    assert code == 3, text
    assert "note: 1 broker is offline (3): new topics begin under-replicated" in text
    assert "! preflight: 3 replicas are wanted, and only 2 brokers are there" in text
    assert "1 topic updated" in text


def test_each_change_leaves_lines_in_the_audit_file(fleet: Fleet, tmp_path: Path) -> None:
    """Before it is sent, and when it is read back."""
    fleet.topics("  - {name: audited.v1, config: {retention.ms: 3d}}\n")
    audit = tmp_path / "audit.jsonl"
    assert fleet.run("apply", "--yes", "--audit", str(audit))[0] == 0
    lines = [json.loads(line) for line in audit.read_text().splitlines()]
    assert [line["event"] for line in lines if line["kind"] == "topic"] == ["sending", "done"]
    last = lines[-1]
    assert last["seen"]["config.retention.ms"] == {"before": None, "after": "259200000"}
    assert all(last[name] for name in ("when", "digest", "cluster_id"))
