"""What is noted beside a dangerous change of who reads the topic, for what the probe tells of a group."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from provisioner.kinds.topic import Topic
from provisioner.problem import Span
from provisioner.reconcile.model import Action, Change, FieldChange, Hazard, Key
from provisioner.stores.kafka import bystanders
from provisioner.stores.kafka.connection import Connection

SHORTER = Change(
    Key("topic", "orders.v1"),
    Action.UPDATE,
    Topic(1, 3, {"retention.ms": "7200000"}),
    Topic(1, 3, {"retention.ms": "3600000"}),
    (FieldChange("config.retention.ms", "7200000", "3600000"),),
    Span("x.yaml"),
    hazards=(Hazard("shorter-retention", "records go", "config.retention.ms", "3600000"),),
)
WITHOUT_LIMIT = replace(SHORTER, after=Topic(1, 3))
READS = "group billing (stable) reads it: "
LOSES = "group billing is 1h1s behind on orders.v1; 1h of retention deletes what it has not read"


def noted(
    monkeypatch: pytest.MonkeyPatch, change: Change[Topic], *groups: Mapping[str, Any], per_second: float = 0
) -> list[str]:
    """The notes on the change, where the probe answers so."""
    answer = json.dumps({"orders.v1": {"groups": groups, "per_second": per_second}})
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 0, answer))
    connection = Connection("127.0.0.1:1", {}, {}, lambda _: None)
    return [note for _, prepared in bystanders.notes(connection, [change]) for note in prepared.notes]


def group(behind: int | None, unread: int = 7) -> Mapping[str, Any]:
    return {"group": "billing", "state": "stable", "unread": unread, "behind_seconds": behind}


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
    monkeypatch: pytest.MonkeyPatch, change: Change[Topic], behind: int | None, note: str
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


def test_a_change_without_danger_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever groups there are."""
    assert noted(monkeypatch, replace(SHORTER, hazards=()), group(3601)) == []
