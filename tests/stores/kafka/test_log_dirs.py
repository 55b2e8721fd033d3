"""What topics take on disk: summed over replicas, by broker; what a broker did not say is a gap and no failure."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import replace

import pytest

from provisioner.stores.kafka import log_dirs
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.log_dirs import LogDirs
from provisioner.stores.kafka.timeouts import Timeouts
from tests.fake import FakeCluster
from tests.fake.faults import Fault, Hang, LostRequest
from tests.fake.state import FakeTopic, Partition


@pytest.fixture
def fake() -> Iterator[FakeCluster]:
    with FakeCluster() as cluster:
        yield cluster


def asked(fake: FakeCluster, *names: str, read: float = 10) -> LogDirs:
    timeouts = replace(Timeouts(), read=read)
    return log_dirs.log_dirs(Connection(fake.bootstrap, {}, {}, print, timeouts=timeouts), names)


def test_each_replica_of_each_partition_is_told_by_broker_and_free_space_by_log_dir(fake: FakeCluster) -> None:
    """One that does not exist has none."""
    fake.state.add("a", partitions=2, replicas=2)
    fake.state.sizes = {"a": 1000}
    found = asked(fake, "a", "missing")
    assert found.sizes == {("a", 0): {1: 1000, 2: 1000}, ("a", 1): {2: 1000, 3: 1000}}
    assert [(each.broker, each.path, each.total, each.usable) for each in found.dirs] == [
        (broker, "/data", 10**12, 10**11) for broker in (1, 2, 3)
    ]
    assert found.gaps == {}
    assert found.words("a") == "4.0 kB on disk, 2 replicas"


def test_a_question_names_no_more_topics_than_a_batch_has(fake: FakeCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one broker after the other, all parts are put together."""
    monkeypatch.setattr(log_dirs, "BATCH_TOPICS", 2)
    names = ["a", "b", "c"]
    for name in names:
        fake.state.add(name)
    fake.state.sizes = dict.fromkeys(names, 1)
    assert set(asked(fake, *names).sizes) == {(name, 0) for name in names}
    sent = [len(each.message.topics) for each in fake.sent("DescribeLogDirs")]
    assert sorted(sent) == [1, 1, 1, 2, 2, 2]


def test_without_the_right_there_is_no_size_and_the_reason(fake: FakeCluster) -> None:
    """Kafka answers with no log dirs then, which is none of them and not nothing in them."""
    fake.state.add("a")
    fake.state.sizes = None
    found = asked(fake, "a")
    assert (found.sizes, found.dirs, set(found.gaps.values())) == ({}, [], {"no right"})
    assert found.words("a") == "size not known: no right"


@pytest.mark.parametrize("fault", [LostRequest(), Hang()])
def test_one_broker_without_an_answer_is_a_gap(fake: FakeCluster, fault: Fault) -> None:
    """The others' parts are known: it is so much at least."""
    fake.state.add("a")
    fake.state.sizes = {"a": 10**6}
    fake.script.on("DescribeLogDirs", fault, times=None, when=lambda call: call.broker == 2)
    found = asked(fake, "a", read=1)
    gc.collect()
    assert found.sizes == {("a", 0): {1: 10**6, 3: 10**6}}
    assert found.gaps == {2: "no answer"}
    assert found.words("a") == "at least 2.0 MB on disk, 1 replica not known: no answer"


def test_the_replica_of_a_broker_that_is_down_is_not_known(fake: FakeCluster) -> None:
    """It is in no answer, and on its disk all the same."""
    fake.state.change({"a": FakeTopic((Partition((1, 9), (1,)),))})
    fake.state.sizes = {"a": 5}
    assert asked(fake, "a").words("a") == "at least 5 B on disk, 1 replica not known: broker offline"


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (3_100_000_000, "3.1 GB"),
        (99_960, "100 kB"),
        (999_600, "1.0 MB"),
        (10**19, "10000 PB"),
    ],
)
def test_sizes_are_rounded_for_the_eye(size: int, shown: str) -> None:
    assert log_dirs.rounded(size) == shown
