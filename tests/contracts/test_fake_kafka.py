"""Topics on a fake cluster keep the contract, as those on real brokers do: what is tested on it is worth something."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from provisioner.kinds.topic_spec import TopicSpec
from provisioner.reconcile.lanes import Store
from provisioner.reconcile.model import Reading
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.store import KafkaTopics
from tests.contracts.contract import StoreContract
from tests.fake import FakeCluster


class TestFakeKafka(StoreContract):
    kind = "topic"
    removes_orphans = False

    @pytest.fixture(autouse=True)
    def _fresh(self, fake: FakeCluster) -> None:
        self.fake = fake

    def store(self) -> Store[Any]:
        return KafkaTopics(Connection(self.fake.bootstrap, {}, {}, print), identified=frozenset(self.one()))

    def one(self) -> Mapping[str, TopicSpec]:
        return {name: TopicSpec(1, 3, {"retention.ms": "1000000"}) for name in ("a.v1", "b.v1", "c.v1")}

    def other(self) -> Mapping[str, TopicSpec]:
        return {name: TopicSpec(2, 3, {"segment.ms": "7000000", "cleanup.policy": "compact"}) for name in self.one()}

    def test_a_reading_says_which_cluster_answered(self) -> None:
        """So that a plan can name it."""
        reading: Reading[Any] = self.store().read([])
        assert reading.source == self.fake.cluster_id

    def test_a_second_run_sends_no_mutation(self) -> None:
        """The brokers count."""
        self.apply(self.one())
        before = len(self.fake.mutations)
        self.apply(self.one())
        assert len(self.fake.mutations) == before
