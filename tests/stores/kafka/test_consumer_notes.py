"""What is noted beside a dangerous change of who reads the topic, for what the probe tells of a group."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from provisioner.kinds.topic_spec import TopicSpec
from provisioner.problem import Span
from provisioner.reconcile.change import Action, Change
from provisioner.reconcile.model import Consent, FieldChange, Hazard, Key, Prepared, Reader
from provisioner.stores.kafka import consumer_notes
from provisioner.stores.kafka.connection import Connection

NAME = "orders.v1"
SHORTER = Change(
    Key("topic", NAME),
    Action.UPDATE,
    TopicSpec(1, 3, {"retention.ms": "7200000"}),
    TopicSpec(1, 3, {"retention.ms": "3600000"}),
    (FieldChange("config.retention.ms", "7200000", "3600000"),),
    Span("x.yaml"),
    hazards=(Hazard("shorter-retention", "records go", "config.retention.ms", "3600000"),),
)
DELETION = replace(
    SHORTER, action=Action.DELETE, after=None, identity="its-id", hazards=(Hazard("delete-topic", "gone", "its-id"),)
)
WITHOUT_LIMIT = replace(SHORTER, after=TopicSpec(1, 3))
READS = "group billing reads it: "
LOSES = "group billing is 1h1s behind on orders.v1; 1h of retention deletes what it has not read"


def noted(
    monkeypatch: pytest.MonkeyPatch, change: Change[TopicSpec], *groups: Mapping[str, Any], per_second: float = 0
) -> list[str]:
    """The notes on the change, where the probe answers so."""
    (prepared,) = looked(monkeypatch, change, {"groups": groups, "per_second": per_second}) or [Prepared()]
    return list(prepared.notes)


def looked(
    monkeypatch: pytest.MonkeyPatch, change: Change[TopicSpec], use: Mapping[str, Any], **gaps: int
) -> list[Prepared]:
    """What is said of the change, where the probe answers so of its topic."""
    whole = {"groups": (), "per_second": 0, "newest_seconds": None, "silent_partitions": 0, **use}
    return answered(monkeypatch, change, {"unread_groups": 0, "silent_brokers": 0, **gaps, "topics": {NAME: whole}})


def answered(
    monkeypatch: pytest.MonkeyPatch,
    change: Change[TopicSpec],
    answer: Mapping[str, Any],
    declared: consumer_notes.Readers = consumer_notes.NOBODY,
) -> list[Prepared]:
    """What is said of the change, where the probe answers so."""
    done: subprocess.CompletedProcess[str] = subprocess.CompletedProcess([], 0, json.dumps(answer))
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
    connection = Connection("127.0.0.1:1", {}, {}, lambda _: None)
    return [prepared for _, prepared in consumer_notes.notes(connection, [change], declared)]


def group(behind: int | None, unread: int = 7, connected: bool = True) -> Mapping[str, Any]:
    return {"group": "billing", "connected": connected, "unread": unread, "behind_seconds": behind}


@pytest.mark.parametrize(
    ("change", "behind", "note"),
    [
        (SHORTER, 3601, LOSES),
        (SHORTER, 3600, READS + "7 messages unread, 1h behind"),
        (SHORTER, 60, READS + "7 messages unread, 1m behind"),
        (SHORTER, None, READS + "7 messages unread"),
        (WITHOUT_LIMIT, 3601, READS + "7 messages unread, 1h1s behind"),
        (replace(SHORTER, action=Action.DELETE, after=None), 3601, READS + "7 messages unread, 1h1s behind"),
    ],
)
def test_a_group_that_would_lose_messages_is_told_from_one_that_reads(
    monkeypatch: pytest.MonkeyPatch, change: Change[TopicSpec], behind: int | None, note: str
) -> None:
    """What is exactly as old as the new retention is not deleted yet; where no retention is set, nothing is claimed."""
    assert noted(monkeypatch, change, group(behind)) == [note]


def test_a_group_that_has_read_everything_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would miss the topic all the same; and so would whoever writes."""
    notes = noted(monkeypatch, SHORTER, group(0, unread=0), per_second=2.5)
    assert notes == [READS + "has read everything", "it receives 2.5 messages/s now"]


def test_a_topic_that_nobody_uses_has_no_note(monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence is no warning."""
    assert noted(monkeypatch, SHORTER) == []


BILLING = {NAME: frozenset({"billing"})}


@pytest.mark.parametrize(
    ("by", "behind", "declared", "refused"),
    [
        ("defaults", 3601, BILLING, True),
        ("defaults", 3600, BILLING, False),
        ("defaults", 3601, {}, False),
        ("entry", 3601, BILLING, False),
    ],
)
def test_a_consent_among_defaults_does_not_reach_a_declared_group_that_is_late(
    monkeypatch: pytest.MonkeyPatch, by: str, behind: int, declared: consumer_notes.Readers, refused: bool
) -> None:
    """Whoever wrote the default did not look at this topic; whoever wrote it on the topic did."""
    hazard = Hazard("shorter-retention", "records go", "1h", "config.retention.ms")
    change = replace(SHORTER, hazards=(hazard,), consents=(Consent("shorter-retention", "1h", by),))
    use = {"groups": [group(behind)], "per_second": 0, "newest_seconds": None, "silent_partitions": 0}
    (prepared,) = answered(
        monkeypatch, change, {"unread_groups": 0, "silent_brokers": 0, "topics": {NAME: use}}, declared
    )
    assert bool(prepared.refusals) is refused


def test_a_consent_among_defaults_is_not_enough_where_nobody_can_tell_who_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was not read is not "nobody"."""
    hazard = Hazard("shorter-retention", "records go", "1h", "config.retention.ms")
    change = replace(SHORTER, hazards=(hazard,), consents=(Consent("shorter-retention", "1h", "defaults"),))
    answer: dict[str, Any] = {"unread_groups": 0, "silent_brokers": 0, "topics": {}}
    (prepared,) = answered(monkeypatch, change, answer, BILLING)
    assert "could not be found out" in prepared.refusals[0].reason


def test_a_change_without_danger_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever groups there are."""
    assert noted(monkeypatch, replace(SHORTER, hazards=()), group(3601)) == []


@pytest.mark.parametrize(
    ("use", "reason"),
    [
        ({"groups": [group(0, connected=True)]}, "group billing has members connected"),
        ({"newest_seconds": 24 * 3600 - 1}, "its newest record is 23h59m59s old"),
        ({"silent_partitions": 2}, "2 of its partitions did not answer"),
        (
            {"groups": [group(0)], "newest_seconds": 60},
            "group billing has members connected; its newest record is 1m old",
        ),
    ],
)
def test_a_topic_in_use_is_not_deleted_on_one_consent(
    monkeypatch: pytest.MonkeyPatch, use: Mapping[str, Any], reason: str
) -> None:
    """It takes another word, for this very topic."""
    (prepared,) = looked(monkeypatch, DELETION, use)
    assert prepared.hazards == (Hazard("in-use", reason, "its-id"),)


@pytest.mark.parametrize("use", [{"groups": [group(3601, connected=False)]}, {"newest_seconds": 24 * 3600}, {}])
def test_a_topic_out_of_use_needs_no_second_consent(monkeypatch: pytest.MonkeyPatch, use: Mapping[str, Any]) -> None:
    """Offsets that a group left behind are no use."""
    assert [hazard for prepared in looked(monkeypatch, DELETION, use) for hazard in prepared.hazards] == []


def test_who_has_no_member_connected_is_said_to_have_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty group reads nothing."""
    notes = noted(monkeypatch, SHORTER, group(60, connected=False))
    assert notes == ["group billing (no member connected): 7 messages unread, 1m behind"]


def test_use_that_nobody_can_tell_counts_as_use(monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer at all is no answer "none"."""
    (prepared,) = answered(monkeypatch, DELETION, {"unread_groups": 0, "silent_brokers": 0, "topics": {}})
    assert prepared.notes == ("who reads it could not be found out",)
    assert prepared.hazards == (Hazard("in-use", "who reads it could not be found out", "its-id"),)


def test_groups_that_were_not_looked_at_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that was not read is called none."""
    (prepared,) = looked(monkeypatch, SHORTER, {}, unread_groups=3, silent_brokers=1)
    assert prepared.notes == (
        "3 groups of the cluster were not looked at: whether they read it is not known",
        "1 brokers did not list their groups: whether those read it is not known",
    )


def test_who_reads_a_topic_is_told_by_name_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a program need not find the group in a sentence."""
    (prepared,) = looked(monkeypatch, SHORTER, {"groups": [group(60)]})
    assert prepared.readers == (Reader("billing", "reads it: 7 messages unread, 1m behind"),)
    assert prepared.notes == ("group billing reads it: 7 messages unread, 1m behind",)
