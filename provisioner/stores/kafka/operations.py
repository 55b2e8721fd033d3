"""Kafka's mutations, a class each, for a whole batch of topics; and how much goes into one request."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    ResourceType,
)

from provisioner.kinds.topic import CONFIG
from provisioner.kinds.topic_spec import TopicSpec
from provisioner.reconcile.change import Action, Change
from provisioner.reconcile.model import Refusal
from provisioner.stores.kafka import codes, read_back
from provisioner.stores.kafka.connection import Connection

BATCH_TOPICS = 200
BATCH_RECORDS = 2_000
MOST_RECORDS = 10_000
"""The controller refuses an operation of more metadata records: topic 1, each config 1, each partition 1."""

TOO_LARGE = Refusal(
    "impossible",
    f"more than {MOST_RECORDS} metadata records in one topic",
    "declare fewer partitions; add more in later steps",
)

Changes = Sequence[Change[TopicSpec]]
Answers = Mapping[str, tuple[int, str]]
"""Topic -> error code (0: accepted) and text. A topic may be missing in an answer."""


@dataclass(frozen=True)
class Operation(ABC):
    """One call of the admin client.

    `action` and `prefix` (of its fields' names) say which changes it is for, `right` what it needs (measured with
    StandardAuthorizer on 4.4), `has_dry_run` whether the cluster takes it with validate_only.
    """

    connection: Connection
    action: ClassVar[Action]
    prefix: ClassVar[str] = ""
    right: ClassVar[str]
    has_dry_run: ClassVar[bool] = True

    @classmethod
    def part(cls, changes: Changes) -> list[Change[TopicSpec]]:
        """The changes that need this operation, reduced to the fields that it is for."""
        mine = [
            replace(change, listed=tuple(each for each in change.fields if each.field.startswith(cls.prefix)))
            for change in changes
            if change.action is cls.action
        ]
        return [change for change in mine if change.fields or not cls.prefix]

    def request(self, changes: Changes, validate_only: bool = False) -> Answers:
        """Send once, and wait for each topic's answer. `validate_only`: ask the controller whether it would."""
        self.connection.wait_for_quota()
        futures = self.send(self.connection.writer, changes, validate_only)
        answers = {str(getattr(subject, "name", subject)): self._answer(future) for subject, future in futures.items()}
        self.connection.wait_for_quota()
        return answers

    def _answer(self, future: Any) -> tuple[int, str]:
        try:
            future.result(self.connection.timeouts.request_future)
        except codes.FUTURE_ERRORS as error:
            return codes.code_of(error)
        return codes.OK, ""

    @property
    def _waits(self) -> dict[str, float]:
        timeouts = self.connection.timeouts
        return {"request_timeout": timeouts.request, "operation_timeout": timeouts.operation}

    @abstractmethod
    def send(self, client: AdminClient, changes: Changes, validate_only: bool) -> Mapping[Any, Any]:
        """The client's own call: its future for each topic."""

    def visible(self, changes: Changes) -> set[str]:
        """The names whose change some broker shows now."""
        return read_back.visible(self.connection, changes)


class CreateTopics(Operation):
    """One atomic batch: every topic that is not refused appears, or none does."""

    action = Action.CREATE
    right = "CREATE on the topic"

    def send(self, client: AdminClient, changes: Changes, validate_only: bool) -> Mapping[Any, Any]:
        """CreateTopics, with every override."""
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
        return client.create_topics(topics, validate_only=validate_only, **self._waits)


class CreatePartitions(Operation):
    """More partitions, up to the wanted total."""

    action = Action.UPDATE
    prefix = "partitions"
    right = "ALTER on the topic"

    def send(self, client: AdminClient, changes: Changes, validate_only: bool) -> Mapping[Any, Any]:
        """CreatePartitions, by the total."""
        totals = [NewPartitions(change.key.name, change.after.partitions) for change in changes if change.after]
        return client.create_partitions(totals, validate_only=validate_only, **self._waits)


class AlterConfigs(Operation):
    """Only what differs; the whole topic in one resource, as the broker checks the sum."""

    action = Action.UPDATE
    prefix = CONFIG
    right = "ALTER_CONFIGS on the topic"

    def send(self, client: AdminClient, changes: Changes, validate_only: bool) -> Mapping[Any, Any]:
        """IncrementalAlterConfigs: SET, or DELETE where the override goes."""
        resources = [
            ConfigResource(ResourceType.TOPIC, change.key.name, incremental_configs=_entries(change))
            for change in changes
        ]
        timeout = self.connection.timeouts.request
        return client.incremental_alter_configs(resources, validate_only=validate_only, request_timeout=timeout)


def _entries(change: Change[TopicSpec]) -> list[ConfigEntry]:
    return [
        ConfigEntry(
            field.field.removeprefix(CONFIG),
            field.after,
            incremental_operation=AlterConfigOpType.DELETE if field.after is None else AlterConfigOpType.SET,
        )
        for field in change.fields
        if field.field.startswith(CONFIG)
    ]


class DeleteTopics(Operation):
    """By name; the caller has just compared the ids."""

    action = Action.DELETE
    right = "DELETE on the topic"
    has_dry_run = False

    def send(self, client: AdminClient, changes: Changes, validate_only: bool) -> Mapping[Any, Any]:
        """DeleteTopics. Raises ValueError for a dry run: there is none, and this would be the deed."""
        if validate_only:
            raise ValueError("a deletion has no dry run")
        return client.delete_topics([change.key.name for change in changes], **self._waits)

    def visible(self, changes: Changes) -> set[str]:
        """The names that some broker does not know any more, or that belong to a topic made since."""
        return read_back.gone(self.connection, changes)


OPERATIONS: tuple[type[Operation], ...] = (CreateTopics, CreatePartitions, AlterConfigs, DeleteTopics)
"""In the order in which one change needs them."""


def batches(changes: Changes, most: int = BATCH_TOPICS) -> Iterator[Changes]:
    """One action a batch, in the order of Action: at most so many topics, and bounded by their metadata records."""
    for action in Action:
        yield from bounded([change for change in changes if change.action is action], most)


def bounded(changes: Changes, most: int) -> Iterator[Changes]:
    """The changes in portions that a request can carry."""
    batch: list[Change[TopicSpec]] = []
    records = 0
    for change in changes:
        more = _records(change)
        if batch and (len(batch) == most or records + more > BATCH_RECORDS):
            yield batch
            batch, records = [], 0
        batch.append(change)
        records += more
    if batch:
        yield batch


def is_too_large(change: Change[TopicSpec]) -> bool:
    """No request could carry it."""
    return _records(change) > MOST_RECORDS


def _records(change: Change[TopicSpec]) -> int:
    if change.after is None:
        return 1
    new = change.after.partitions - (change.before.partitions if change.before else 0)
    return 1 + max(0, new) + len(change.fields)
