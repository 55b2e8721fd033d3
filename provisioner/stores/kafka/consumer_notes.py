"""Notes on consumers: what reads and writes the topics that a dangerous change is about, as notes beside the change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from provisioner.catalog.units import written
from provisioner.kinds.topic_hazards import IN_USE
from provisioner.kinds.topic_spec import TopicSpec
from provisioner.reconcile.change import Action, Change
from provisioner.reconcile.guard import DEFAULTS
from provisioner.reconcile.model import Hazard, Key, Prepared, Reader, Refusal
from provisioner.stores.kafka import consumer_lag_probe, probes
from provisioner.stores.kafka.connection import Connection

MOST_TOPICS = 200
NOTED = frozenset({"shorter-retention", "smaller-retention", "cleanup-policy", "delete-topic"})
"""Hazards whose harm depends on who reads the topic."""

IN_USE_SECONDS = 24 * 3600
"""A topic that got a record since is in use, whoever reads it."""

SHORTER = "shorter-retention"

Readers = Mapping[str, frozenset[str]]
"""Topic -> the consumer groups that the files declare for it."""

NOBODY: Readers = MappingProxyType({})

NOT_KNOWN = "who reads it could not be found out"

Use = Mapping[str, Any]
"""What consumer_lag_probe.py answers of one topic."""


@dataclass(frozen=True)
class Usage:
    """Who uses which topic; `gaps`: what was not looked at, in words."""

    topics: Mapping[str, Use]
    gaps: tuple[str, ...] = ()


def notes(
    connection: Connection, changes: Sequence[Change[TopicSpec]], declared: Readers = NOBODY
) -> Iterator[tuple[Key, Prepared]]:
    """What the cluster tells right now of who reads and writes, and the hazard of deleting what is in use.

    `declared`: the consumer groups that the files name, by topic: a consent among defaults does not reach a topic where
    one of them would lose what it has not read.
    """
    noted = [change for change in changes if any(hazard.slug in NOTED for hazard in change.hazards)]
    noted.sort(key=lambda change: change.action is not Action.DELETE)
    usage = _usage(connection, [change.key.name for change in noted[:MOST_TOPICS]]) if noted else Usage({})
    for change in noted:
        use = usage.topics.get(change.key.name)
        readers = () if use is None else tuple(_readers(change, use))
        words = (NOT_KNOWN,) if use is None else (*_noted(readers, use), *usage.gaps)
        hazards = tuple(_in_use(change, use)) if change.action is Action.DELETE else ()
        late = tuple(_late(change, use, declared.get(change.key.name, frozenset())))
        if words or hazards or late:
            yield change.key, Prepared(late, words, hazards=hazards, readers=readers)


def belongings(connection: Connection, names: Sequence[str]) -> dict[str, str]:
    """Topic -> its readers and writers in a word."""
    use = _usage(connection, names).topics if names else {}
    return {name: _belonging(each) for name, each in use.items() if name in names}


def _belonging(use: Use) -> str:
    count = len(use["groups"])
    readers = "1 reader" if count == 1 else f"{count} readers"
    return readers + (f", {use['per_second']:g} messages/s" if use["per_second"] else "")


def _usage(connection: Connection, names: Sequence[str]) -> Usage:
    connection.progress("looking who reads and writes " + (names[0] if len(names) == 1 else f"{len(names)} topics"))
    timeouts = connection.timeouts
    seconds = {
        "answer": timeouts.usage_answer,
        "grace": timeouts.grace,
        "groups": timeouts.usage_groups,
        "rate": timeouts.usage_rate,
    }
    try:
        answer = probes.answer(
            connection,
            consumer_lag_probe,
            {"topics": list(names), "seconds": seconds},
            timeouts.usage,
            f"who reads {len(names)} topics",
        )
    except probes.NoAnswerError:
        connection.progress("that could not be found out; going on without")
        return Usage({})
    return Usage(answer["topics"], tuple(_gaps(answer)))


def _gaps(answer: Mapping[str, Any]) -> Iterator[str]:
    if count := answer["unread_groups"]:
        yield f"{count} groups of the cluster were not looked at: whether they read it is not known"
    if count := answer["silent_brokers"]:
        yield f"{count} brokers did not list their groups: whether those read it is not known"


def _in_use(change: Change[TopicSpec], use: Use | None) -> Iterator[Hazard]:
    """One hazard, with every sign of use; what could not be found out counts as use."""
    signs = [NOT_KNOWN] if use is None else list(_signs(use))
    if signs:
        yield Hazard(IN_USE, "; ".join(signs), change.identity or "?")


def _signs(use: Use) -> Iterator[str]:
    yield from (f"group {group['group']} has members connected" for group in use["groups"] if group["connected"])
    age = use["newest_seconds"]
    if age is not None and age < IN_USE_SECONDS:
        yield f"its newest record is {written(age * 1000)} old"
    if count := use["silent_partitions"]:
        yield f"{count} of its partitions did not answer"


def _noted(readers: Sequence[Reader], use: Use) -> Iterator[str]:
    yield from (f"group {reader.group} {reader.words}" for reader in readers)
    if use["per_second"]:
        yield f"it receives {use['per_second']:g} messages/s now"


def _readers(change: Change[TopicSpec], use: Use) -> Iterator[Reader]:
    limit = _retention(change)
    for group in use["groups"]:
        behind = group["behind_seconds"]
        if limit is not None and behind is not None and behind * 1000 > limit:
            words = (
                f"is {written(behind * 1000)} behind on {change.key.name}; "
                f"{written(limit)} of retention deletes what it has not read"
            )
        else:
            words = f"{'reads it' if group['connected'] else '(no member connected)'}: {_position(group)}"
        yield Reader(group["group"], words)


def _late(change: Change[TopicSpec], use: Use | None, groups: frozenset[str]) -> Iterator[Refusal]:
    """A declared group that would lose messages by a value that comes from defaults; unknown is not "none"."""
    limit = _retention(change)
    if not groups or limit is None or not _is_by_defaults(change):
        return
    hint = f"if meant, write allow: {{{SHORTER}: {written(limit)}}} on the topic itself"
    if use is None:
        yield Refusal(DEFAULTS, f"{NOT_KNOWN}, and a consent among defaults is not enough then", hint)
        return
    for group in use["groups"]:
        behind = group["behind_seconds"]
        if group["group"] in groups and behind is not None and behind * 1000 > limit:
            why = f"group {group['group']} is {written(behind * 1000)} behind and would lose messages"
            yield Refusal(DEFAULTS, f"{why}; a consent among defaults does not reach that", hint)


def _is_by_defaults(change: Change[TopicSpec]) -> bool:
    values = {hazard.value for hazard in change.hazards if hazard.slug == SHORTER}
    accepted = {consent.by for consent in change.consents if consent.slug == SHORTER and consent.value in values}
    return accepted == {DEFAULTS}


def _retention(change: Change[TopicSpec]) -> int | None:
    after = change.after.config.get("retention.ms") if change.after else None
    return int(after) if after and after.isdigit() else None


def _position(group: Use) -> str:
    if not group["unread"]:
        return "has read everything"
    age = "" if group["behind_seconds"] is None else f", {written(group['behind_seconds'] * 1000)} behind"
    return f"{group['unread']} messages unread{age}"
