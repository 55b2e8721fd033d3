"""The four mutations, each for a whole batch: send, and give back each topic's error code (0: accepted) and text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    ResourceType,
)

from provisioner.kinds.topic import Topic
from provisioner.reconcile.model import Change
from provisioner.stores.kafka.connection import (
    FUTURE_ERRORS,
    GRACE_SECONDS,
    OPERATION_SECONDS,
    REQUEST_SECONDS,
    Connection,
    code_of,
)

Answers = Mapping[str, tuple[int, str]]
Request = Callable[[Connection, Sequence[Change[Topic]]], Answers]

_TIMES = {"request_timeout": REQUEST_SECONDS, "operation_timeout": OPERATION_SECONDS}


def create(connection: Connection, changes: Sequence[Change[Topic]]) -> Answers:
    """CreateTopics. One atomic batch: every topic that is not refused appears, or none does."""
    topics = [
        NewTopic(
            change.key.name,
            num_partitions=change.after.partitions,
            replication_factor=change.after.replication_factor,
            config=dict(change.after.config),
        )
        for change in changes
        if change.after
    ]
    return _answers(connection, lambda client: client.create_topics(topics, **_TIMES))


def grow(connection: Connection, changes: Sequence[Change[Topic]]) -> Answers:
    """CreatePartitions, up to the wanted total."""
    totals = [NewPartitions(change.key.name, change.after.partitions) for change in changes if change.after]
    return _answers(connection, lambda client: client.create_partitions(totals, **_TIMES))


def alter(connection: Connection, changes: Sequence[Change[Topic]]) -> Answers:
    """IncrementalAlterConfigs: only what differs; the whole topic in one resource, as the broker checks the sum."""
    resources = [
        ConfigResource(ResourceType.TOPIC, change.key.name, incremental_configs=_entries(change)) for change in changes
    ]
    return _answers(
        connection, lambda client: client.incremental_alter_configs(resources, request_timeout=REQUEST_SECONDS)
    )


def _entries(change: Change[Topic]) -> list[ConfigEntry]:
    return [
        ConfigEntry(
            field.field.removeprefix("config."),
            field.after,
            incremental_operation=AlterConfigOpType.DELETE if field.after is None else AlterConfigOpType.SET,
        )
        for field in change.fields
        if field.field.startswith("config.")
    ]


def delete(connection: Connection, changes: Sequence[Change[Topic]]) -> Answers:
    """DeleteTopics, by name; the caller has just compared the ids."""
    names = [change.key.name for change in changes]
    return _answers(connection, lambda client: client.delete_topics(names, **_TIMES))


def _answers(connection: Connection, send: Callable[[AdminClient], Mapping[Any, Any]]) -> Answers:
    connection.settle()
    futures = send(connection.writer)
    answers = {str(getattr(subject, "name", subject)): _answer(future) for subject, future in futures.items()}
    connection.settle()
    return answers


def _answer(future: Any) -> tuple[int, str]:
    try:
        future.result(REQUEST_SECONDS + GRACE_SECONDS)
    except FUTURE_ERRORS as error:
        return code_of(error)
    return 0, ""
