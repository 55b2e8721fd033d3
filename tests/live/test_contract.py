"""Topics on real brokers keep the contract that the store in memory keeps."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import pytest

from provisioner.kinds.topic_spec import TopicSpec
from provisioner.reconcile.lanes import Store
from provisioner.reconcile.model import Reading
from provisioner.sandbox import Sandbox
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.store import KafkaTopics
from tests.contracts.contract import StoreContract

ROUND = itertools.count()


class TestKafka(StoreContract):
    kind = "topic"
    removes_orphans = False

    @pytest.fixture(autouse=True)
    def _fresh(self, brokers: Sandbox) -> None:
        self.bootstrap, self.prefix = brokers.bootstrap, f"contract{next(ROUND)}"

    def store(self) -> Store[Any]:
        names = frozenset(self.one())
        return KafkaTopics(Connection(self.bootstrap, {}, {}, print), identified=names)

    def one(self) -> Mapping[str, TopicSpec]:
        return {f"{self.prefix}.{name}": TopicSpec(1, 3, {"retention.ms": "1000000"}) for name in "abc"}

    def other(self) -> Mapping[str, TopicSpec]:
        return {name: TopicSpec(2, 3, {"segment.ms": "7000000", "cleanup.policy": "compact"}) for name in self.one()}

    def test_a_reading_says_which_cluster_answered(self, brokers: Sandbox) -> None:
        """So that a plan can name it."""
        reading: Reading[Any] = self.store().read([])
        assert reading.source == brokers.cluster_id
