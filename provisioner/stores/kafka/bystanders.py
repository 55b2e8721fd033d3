"""Who would notice: what reads and writes the topics that a dangerous change is about, as notes beside the change.

Asked in a process of its own: librdkafka's group calls can abort the process (librdkafka#4605, seen on 4.4 when a
broker dies), and a plan must not die of a note.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from provisioner import child
from provisioner.catalog.units import written
from provisioner.kinds.topic import Topic
from provisioner.reconcile.model import Change, Key, Prepared
from provisioner.stores.kafka import onlooker
from provisioner.stores.kafka.connection import Connection

_FOR_LOGINS = ("KRB5_CONFIG", "KRB5CCNAME", "SSL_CERT_FILE", "SSL_CERT_DIR")
"""What librdkafka reads besides its properties."""

SECONDS = 30
MOST_TOPICS = 20
NOTED = frozenset({"shorter-retention", "smaller-retention", "cleanup-policy", "delete-topic"})
"""Hazards whose harm depends on who reads the topic."""

Told = Mapping[str, Any]


def notes(connection: Connection, changes: Sequence[Change[Topic]]) -> Iterator[tuple[Key, Prepared]]:
    """What the cluster tells right now; nothing where it does not answer in time."""
    noted = [change for change in changes if any(hazard.slug in NOTED for hazard in change.hazards)][:MOST_TOPICS]
    told = _told(connection, [change.key.name for change in noted]) if noted else {}
    for change in noted:
        if (topic := told.get(change.key.name)) and (said := tuple(_said(change, topic))):
            yield change.key, Prepared(notes=said)


def _told(connection: Connection, names: Sequence[str]) -> Mapping[str, Told]:
    connection.progress("looking who reads and writes " + (names[0] if len(names) == 1 else f"{len(names)} topics"))
    question = json.dumps({"settings": connection.settings(), "topics": list(names)})
    try:
        done = subprocess.run(  # noqa: S603 -- our own file, by our own Python
            [sys.executable, *child.PYTHON, onlooker.__file__],
            env=child.python_environment(*_FOR_LOGINS),
            input=question,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=True,
        )
        told: Mapping[str, Told] = json.loads(done.stdout)
    except (subprocess.SubprocessError, OSError, ValueError):
        connection.progress("that could not be found out; going on without")
        return {}
    return told


def _said(change: Change[Topic], told: Told) -> Iterator[str]:
    limit = _retention(change)
    for group in told["groups"]:
        behind = group["behind_seconds"]
        if limit is not None and behind is not None and behind * 1000 > limit:
            yield (
                f"group {group['group']} is {written(behind * 1000)} behind on {change.key.name}; "
                f"{written(limit)} of retention deletes what it has not read"
            )
        else:
            yield f"group {group['group']} ({group['state']}) reads it: {_position(group)}"
    if told["per_second"]:
        yield f"it receives {told['per_second']:g} messages/s now"


def _retention(change: Change[Topic]) -> int | None:
    after = change.after.config.get("retention.ms") if change.after else None
    return int(after) if after and after.isdigit() else None


def _position(group: Told) -> str:
    if not group["unread"]:
        return "has read everything"
    age = "" if group["behind_seconds"] is None else f", {written(group['behind_seconds'] * 1000)} behind"
    return f"{group['unread']} messages unread{age}"
