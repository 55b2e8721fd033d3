"""The fake cluster behaves as Kafka 4.4 does, and fails as told: seen through the real clients."""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from typing import Any

import pytest
from confluent_kafka import KafkaException, TopicCollection
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    ResourceType,
)
from kafka.admin import KafkaAdminClient

from provisioner.catalog.topic_config import known_in
from tests.fake import FakeCluster, config_keys
from tests.fake.faults import ErrorFor, ErrorForAll, Ghost, Hang, LostAnswer, LostRequest, Pass, Throttled
from tests.fake.script import about, dry, real
from tests.fake.wrong_answers import DoneButSays, Malformed, duplicated, missing, renamed

LOST, LATE, GARBLED = -195, -185, -199
HASTY = 1.0
"""Seconds to wait for an answer that does not come."""
LONG = 60.0
"""Seconds for what takes an instant: a busy machine may stop us for a while."""


class Client:
    """The real client; each call gives back subject -> error code, 0 for none."""

    def __init__(self, fake: FakeCluster) -> None:
        self.patience = LONG
        self.throttled: list[float] = []
        settings: dict[str, Any] = {"bootstrap.servers": fake.bootstrap, "log_level": 0}
        settings["allow.auto.create.topics"] = False
        settings["throttle_cb"] = lambda event: self.throttled.append(event.throttle_time)
        self.admin = AdminClient(settings)
        self.metadata()

    def create(self, *names: str, **more: Any) -> dict[str, int]:
        validate = more.pop("validate_only", False)
        shape = {"num_partitions": 1, "replication_factor": 3, **more}
        topics = [NewTopic(name, **shape) for name in names]
        return self.codes(self.admin.create_topics(topics, validate_only=validate, **self.times))

    @property
    def times(self) -> dict[str, float]:
        return {"request_timeout": self.patience, "operation_timeout": self.patience}

    def grow(self, name: str, total: int) -> int:
        return self.codes(self.admin.create_partitions([NewPartitions(name, total)], **self.times))[name]

    def alter(self, name: str, **values: str | None) -> int:
        entries = [self.entry(key.replace("_", "."), value) for key, value in values.items()]
        resource = ConfigResource(ResourceType.TOPIC, name, incremental_configs=entries)
        return self.codes(self.admin.incremental_alter_configs([resource], request_timeout=self.patience))[name]

    def entry(self, key: str, value: str | None) -> ConfigEntry:
        operation = AlterConfigOpType.DELETE if value is None else AlterConfigOpType.SET
        return ConfigEntry(key, value, incremental_operation=operation)

    def delete(self, name: str) -> int:
        return self.codes(self.admin.delete_topics([name], **self.times))[name]

    def listing(self) -> set[str]:
        return set(self.metadata().topics)

    def metadata(self) -> Any:
        """Any broker's. A request that librdkafka gives to a connection as that dies waits there until its time is out,
        while the others would answer: it is sent again."""
        deadline = time.monotonic() + LONG
        while time.monotonic() < deadline:
            try:
                return self.admin.list_topics(timeout=HASTY)
            except KafkaException as error:
                if error.args[0].code() not in (LATE, LOST):
                    raise
        raise AssertionError("no broker answers")

    def describe(self, *names: str) -> dict[str, int]:
        return self.codes(self.admin.describe_topics(TopicCollection(list(names)), request_timeout=self.patience))

    def configs(self, name: str) -> dict[str, tuple[str, int]]:
        (future,) = self.admin.describe_configs([ConfigResource(ResourceType.TOPIC, name)]).values()
        return {key: (entry.value, entry.source) for key, entry in future.result(LONG).items()}

    def codes(self, futures: Mapping[Any, Any]) -> dict[str, int]:
        return {str(getattr(name, "name", name)): self.code(future) for name, future in futures.items()}

    def code(self, future: Any) -> int:
        try:
            future.result(2 * LONG)
        except KafkaException as error:
            return int(error.args[0].code())
        return 0


def arrived(fake: FakeCluster, api: str) -> None:
    """Wait until a broker has dealt with such a request: a client that gave up does not know whether one has."""
    deadline = time.monotonic() + LONG
    while fake.script.left or not fake.sent(api):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    fake.idle()


@pytest.fixture
def client(fake: FakeCluster) -> Client:
    return Client(fake)


def test_it_knows_every_public_config() -> None:
    """The same keys as the catalog."""
    assert set(config_keys.DEFAULTS) == known_in("4.4")


def test_what_was_created_is_described(fake: FakeCluster, client: Client) -> None:
    """By name, in the listing, with its overrides (source 1) and the brokers' defaults (source 5)."""
    assert client.create("a.v1", num_partitions=2, config={"retention.ms": " 5 ", "preallocate": "TRUE"}) == {"a.v1": 0}
    assert client.listing() == {"a.v1"}
    assert client.describe("a.v1", "b.v1") == {"a.v1": 0, "b.v1": 3}
    configs = client.configs("a.v1")
    assert {key: value for key, value in configs.items() if value[1] == 1} == {
        "retention.ms": ("5", 1),
        "preallocate": ("true", 1),
    }
    assert configs["cleanup.policy"] == ("delete", 5)
    assert set(configs) == set(config_keys.DEFAULTS)
    assert [len(partition.replicas) for partition in fake.state.topics["a.v1"].partitions] == [3, 3]


@pytest.mark.parametrize(
    ("name", "more", "code"),
    [
        ("old.v1", {}, 36),
        ("old_v1", {}, 17),
        ("bad name!", {}, 17),
        ("..", {}, 17),
        ("x" * 250, {}, 17),
        ("x" * 249, {}, 0),
        ("a", {"replication_factor": 4}, 38),
        ("a", {"replication_factor": 0}, 38),
        ("a", {"replication_factor": -1}, 0),
        ("a", {"num_partitions": 0}, 37),
        ("a", {"config": {"no.such.key": "1"}}, 40),
        ("a", {"config": {"retention.ms": "soon"}}, 40),
        ("a", {"config": {"preallocate": "perhaps"}}, 40),
    ],
)
def test_a_create_is_answered_with_kafkas_code(
    fake: FakeCluster, client: Client, name: str, more: dict[str, Any], code: int
) -> None:
    """Dry or not; a dry run creates nothing."""
    fake.state.add("old.v1")
    assert client.create(name, validate_only=True, **more) == {name: code}
    assert set(fake.state.topics) == {"old.v1"}
    assert client.create(name, **more) == {name: code}
    assert set(fake.state.topics) == ({"old.v1", name} if code == 0 else {"old.v1"})


def test_good_topics_of_a_mixed_request_appear(fake: FakeCluster, client: Client) -> None:
    """Each with its own answer."""
    assert client.create("a.v1", "b v", "c.v1") == {"a.v1": 0, "b v": 17, "c.v1": 0}
    assert set(fake.state.topics) == {"a.v1", "c.v1"}


@pytest.mark.parametrize(("total", "code"), [(1, 37), (2, 37), (3, 0)])
def test_partitions_only_grow(fake: FakeCluster, client: Client, total: int, code: int) -> None:
    """As many as now is refused too; old partitions stay where they are."""
    before = fake.state.add("a.v1", partitions=2)
    assert client.grow("a.v1", total) == code
    now = fake.state.topics["a.v1"]
    assert len(now.partitions) == (3 if code == 0 else 2)
    assert (now.partitions[:2], now.topic_id) == (before.partitions, before.topic_id)


def test_configs_are_set_and_removed_one_by_one(fake: FakeCluster, client: Client) -> None:
    """What is not named stays."""
    fake.state.add("a.v1", retention_ms="1", segment_ms="2")
    assert client.alter("a.v1", retention_ms=None, flush_ms="3") == 0
    assert fake.state.topics["a.v1"].configs == {"segment.ms": "2", "flush.ms": "3"}
    assert client.alter("a.v1", no_such_key="3") == 40


def test_what_is_not_there_cannot_be_changed(client: Client) -> None:
    """Code 3 from all of them."""
    assert (client.grow("a", 2), client.alter("a", flush_ms="1"), client.delete("a")) == (3, 3, 3)


def test_a_topic_made_again_is_another_one(fake: FakeCluster, client: Client) -> None:
    """Its id tells."""
    client.create("a.v1")
    first = fake.state.topics["a.v1"].topic_id
    assert client.delete("a.v1") == 0
    assert client.listing() == set()
    client.create("a.v1")
    assert fake.state.topics["a.v1"].topic_id != first


def test_kafka_python_is_served_as_well(fake: FakeCluster) -> None:
    """A client that shares no code with the other one."""
    fake.state.add("a.v1", partitions=2)
    admin = KafkaAdminClient(bootstrap_servers=fake.bootstrap.split(","))
    try:
        assert admin.list_topics() == ["a.v1"]
        assert admin.describe_cluster()["cluster_id"] == fake.cluster_id
        assert admin.list_partition_reassignments() == {}
    finally:
        admin.close()


def test_every_request_is_on_record(fake: FakeCluster, client: Client) -> None:
    """In order, decoded; dry runs are no mutations."""
    client.create("a.v1", validate_only=True)
    client.create("a.v1", "b.v1")
    client.listing()
    assert [sent.subjects for sent in fake.mutations] == [("a.v1", "b.v1")]
    assert [sent.subjects for sent in fake.sent("CreateTopics", dry=True)] == [("a.v1",)]
    assert fake.requests[0].api.name == "ApiVersions"
    assert fake.requests[-1].api.name == "Metadata"


def test_a_hidden_topic_is_missing_in_the_listing_and_denied_by_name(fake: FakeCluster, client: Client) -> None:
    """Also to a dry run, whether it exists or not."""
    fake.state.add("a.v1")
    fake.state.hidden |= {"a.v1", "b.v1"}
    assert client.listing() == set()
    assert client.describe("a.v1", "b.v1") == {"a.v1": 29, "b.v1": 29}
    assert client.create("a.v1", "b.v1", validate_only=True) == {"a.v1": 29, "b.v1": 29}


def test_a_cluster_may_ignore_validate_only(fake: FakeCluster, client: Client) -> None:
    """And names, as one that is no Apache Kafka does."""
    fake.state.quirks.honours_validate_only = False
    fake.state.quirks.checks_names = False
    assert client.create("bad name!", validate_only=True) == {"bad name!": 0}
    assert set(fake.state.topics) == {"bad name!"}


def test_a_cluster_may_create_what_is_asked_for(fake: FakeCluster) -> None:
    """auto.create.topics.enable, for a client that allows it."""
    fake.state.quirks.creates_on_metadata = True
    careless = AdminClient({"bootstrap.servers": fake.bootstrap, "log_level": 0})
    careless.list_topics(topic="a.v1", timeout=LONG)
    assert set(fake.state.topics) == {"a.v1"}


def test_faults_come_in_the_order_of_the_script(fake: FakeCluster, client: Client) -> None:
    """Each once or as often as said; then all is well."""
    fake.script.on("CreateTopics", Pass(), ErrorFor("b", 44, "no"))
    fake.script.on("CreateTopics", ErrorForAll(41), times=2)
    assert client.create("a") == {"a": 0}
    assert client.create("b", "c") == {"b": 44, "c": 0}
    assert [client.create("d"), client.create("d")] == [{"d": 41}, {"d": 41}]
    assert fake.script.left == []
    assert client.create("d") == {"d": 0}


def test_a_fault_waits_for_its_request(fake: FakeCluster, client: Client) -> None:
    """Dry or real, or about one topic."""
    fake.script.on("CreateTopics", ErrorForAll(1), when=real)
    fake.script.on("CreateTopics", ErrorForAll(2), when=dry)
    fake.script.on("CreateTopics", ErrorForAll(5), when=about("b"), times=None)
    assert client.create("a", validate_only=True) == {"a": 2}
    assert client.create("a") == {"a": 1}
    assert [client.create("b"), client.create("b")] == [{"b": 5}, {"b": 5}]
    with pytest.raises(ValueError, match="CreateTopic is none of"):
        fake.script.on("CreateTopic", Pass())


@pytest.mark.parametrize(
    ("fault", "code", "there"),
    [
        (LostAnswer(), LOST, True),
        (LostRequest(), LOST, False),
        (Hang(), LATE, False),
        (Hang(applied=True), LATE, True),
        (Ghost(), LATE, False),
        (Malformed(), GARBLED, True),
        (ErrorForAll(7), 7, False),
        (DoneButSays(7), 7, True),
        (DoneButSays(36, ("a",)), 36, True),
    ],
)
def test_an_answer_and_the_truth_are_two_things(
    fake: FakeCluster, client: Client, fault: Any, code: int, there: bool
) -> None:
    """What the client hears, and what is there afterwards."""
    fake.script.on("CreateTopics", fault)
    client.patience = HASTY if code == LATE else LONG
    assert client.create("a") == {"a": code}
    arrived(fake, "CreateTopics")
    assert ("a" in fake.state.topics) is there
    assert fake.script.left == []


def test_a_ghost_appears_when_told(fake: FakeCluster, client: Client) -> None:
    """Long after the client gave up."""
    ghost = Ghost()
    fake.script.on("CreateTopics", ghost)
    client.patience = HASTY
    client.create("a")
    arrived(fake, "CreateTopics")
    assert set(fake.state.topics) == set()
    ghost.appear()
    assert set(fake.state.topics) == {"a"}


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (duplicated("b"), [GARBLED, GARBLED, GARBLED]),
        (renamed("b", "x"), [GARBLED, GARBLED, GARBLED]),
        (missing("c"), [0, 0, None]),
    ],
)
def test_an_answer_may_not_fit_the_question(
    fake: FakeCluster, client: Client, fault: Any, said: list[int | None]
) -> None:
    """It is done all the same; a subject without a result (None) is never heard of again."""
    fake.script.on("CreateTopics", fault)
    futures = client.admin.create_topics([NewTopic(name, 1, 3) for name in "abc"], **client.times)
    for name, code in zip("abc", said, strict=True):
        if code is None:
            with pytest.raises(TimeoutError):
                futures[name].result(0.2)
        else:
            assert client.code(futures[name]) == code
    assert set(fake.state.topics) == set("abc")


def test_a_used_up_quota_is_told_and_mutes_the_connection(fake: FakeCluster, client: Client) -> None:
    """The next request of that connection gets no answer in time, on another connection it does."""
    fake.controller = 1
    client.listing()
    fake.script.on("CreateTopics", Throttled(30))
    assert client.create("a") == {"a": 0}
    client.admin.poll(0)
    assert client.throttled == [30.0]
    client.patience = HASTY
    assert client.create("b") == {"b": LATE}
    assert Client(fake).create("c") == {"c": 0}


def test_a_late_broker_shows_the_past_for_so_many_reads(fake: FakeCluster, client: Client) -> None:
    """After each change anew."""
    fake.views.lag(9)
    client.create("a")
    assert client.listing() == set()
    for _ in range(9 * len(fake.brokers)):
        client.listing()
    assert client.listing() == {"a"}


def test_a_frozen_broker_shows_the_past_until_told(fake: FakeCluster, client: Client) -> None:
    """All brokers, or one."""
    fake.views.freeze()
    client.create("a")
    assert [client.listing() for _ in range(5)] == [set()] * 5
    fake.views.thaw()
    assert client.listing() == {"a"}


def test_the_controller_moves_as_told(fake: FakeCluster, client: Client) -> None:
    """Untold, any live broker is named in turn, as KRaft does."""
    named = {client.metadata().controller_id for _ in range(9)}
    assert named == {1, 2, 3}
    fake.controller = 2
    client.listing()
    client.create("a")
    assert fake.mutations[-1].broker == 2


def test_a_stopped_broker_is_gone_and_comes_back(fake: FakeCluster, client: Client) -> None:
    """At the same address."""
    address = fake.address(2)
    fake.stop(2)
    assert set(client.metadata().brokers) == {1, 3}
    fake.start(2)
    assert fake.address(2) == address
    assert set(client.metadata().brokers) == {1, 2, 3}


def test_nobody_gets_the_port_of_a_stopped_broker(fake: FakeCluster) -> None:
    """A broker of another test would answer in its place, with nothing set."""
    for node in (1, 2):
        fake.stop(node)
        with socket.socket() as other:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with pytest.raises(OSError, match="in use"):
                other.bind(fake.address(node))
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(fake.address(node))
        fake.start(node)


def test_a_dead_broker_may_still_be_called_the_controller(fake: FakeCluster, client: Client) -> None:
    """The sticky trap: nothing is sent, the time runs out."""
    fake.controller = 2
    fake.stop(2, named=True)
    client.listing()
    client.patience = HASTY
    assert client.create("a") == {"a": LATE}
    assert fake.mutations == []
    fake.controller = 1
    client.listing()
    client.patience = LONG
    assert client.create("a") == {"a": 0}
