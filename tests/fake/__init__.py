"""A Kafka cluster for tests that speaks the real protocol on real sockets, and fails on demand."""

from __future__ import annotations

from tests.fake.cluster import FakeCluster as FakeCluster
from tests.fake.state import FakeTopic as FakeTopic
