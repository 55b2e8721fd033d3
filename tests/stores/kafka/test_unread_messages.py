"""What is made of the answers about groups, and of those that do not come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from confluent_kafka import KafkaError

from provisioner.lag.reading import Committed, Group, Log, Reading
from provisioner.stores.kafka import first_records, group_offsets_probe, log_bounds, probes, reading, unread_messages
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.first_records import First
from provisioner.stores.kafka.reading import Listing, Shape
from provisioner.stores.kafka.timeouts import Timeouts
from provisioner.stores.kafka.unread_messages import UnreadMessages

NAME = "orders.v1"
Ask = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class Cluster:
    """What it answers: groups that it lists, what they committed, its logs, its records; `questions` about groups."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.listed: dict[str, bool | None] = {}
        self.silent = 0
        self.offsets: dict[str, Any] = {}
        self.logs: dict[tuple[str, int], Log | int] = {}
        self.firsts: dict[tuple[str, int, int], First] = {}
        self.questions: list[Mapping[str, Any]] = []
        self.failures: list[str] = []
        monkeypatch.setattr(probes, "answer", self._answer)
        monkeypatch.setattr(log_bounds, "bounds", lambda _, partitions, __: {at: self.logs[at] for at in partitions})
        monkeypatch.setattr(first_records, "first_records", lambda _, at, *__: {each: self.firsts[each] for each in at})
        view = Listing("id", {NAME: Shape(1, 3)}, (1,), 1)
        monkeypatch.setattr(reading, "listing_of", lambda *_: view)
        monkeypatch.setattr(reading, "by_name", lambda *_: {})

    def _answer(self, _: object, probe: object, question: Mapping[str, Any], *__: object) -> Any:
        assert probe is group_offsets_probe
        if question["groups"] is None:
            if self.failures and self.failures[0] == "listing":
                raise probes.NoAnswerError(self.failures.pop(0))
            return {"groups": self.listed, "silent_brokers": self.silent}
        self.questions.append(question)
        if self.failures:
            raise probes.NoAnswerError(self.failures.pop(0))
        nothing = {"at": 5, "code": None, "offsets": []}
        return {name: self.offsets.get(name, nothing) for name in question["groups"]}

    def read(self, *declared: str, seconds: float = 30, selects: Callable[[str], bool] = lambda _: True) -> Reading:
        connection = Connection("127.0.0.1:1", {}, {}, lambda _: None)
        return UnreadMessages(connection, None, seconds).read([NAME], declared, selects)


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Cluster:
    return Cluster(monkeypatch)


def committed(*offsets: tuple[int, int | None], code: int | None = None) -> Mapping[str, Any]:
    """Of partition 0, 1, ...: the offset, and the error's code."""
    return {"at": 5, "code": code, "offsets": [[NAME, number, *each] for number, each in enumerate(offsets)]}


def test_a_group_reads_on_where_it_stopped_or_where_the_log_begins(cluster: Cluster) -> None:
    """The first record there is looked for at the later one of both; of who has read everything nothing is."""
    cluster.listed = {"a": True, "b": False, "c": None}
    cluster.offsets = {"a": committed((3, None)), "b": committed((6, None)), "c": committed((9, None))}
    cluster.logs[NAME, 0] = Log(5, 9)
    cluster.firsts = {(NAME, 0, 5): First(77), (NAME, 0, 6): First(88, open=True)}
    logs = {NAME: {0: Log(5, 9)}}
    assert cluster.read().groups == {
        "a": Group(5, {NAME: {0: Committed(3, 77)}}, logs, True),
        "b": Group(5, {NAME: {0: Committed(6, 88, open=True)}}, logs, False),
        "c": Group(5, {NAME: {0: Committed(9)}}, logs, None),
    }


@pytest.mark.parametrize(
    ("offsets", "log", "first", "why"),
    [
        (committed((3, None)), KafkaError.TOPIC_AUTHORIZATION_FAILED, None, "no right to describe topic orders.v1"),
        (committed((-1, KafkaError._TIMED_OUT)), Log(0, 9), None, "no answer in time"),
        (committed((3, None)), Log(0, 9), KafkaError.TOPIC_AUTHORIZATION_FAILED, "no right to read topic orders.v1"),
        (committed((3, None)), Log(0, 9), first_records.NO_TIME, "its first unread record has no timestamp"),
        (committed((3, None)), KafkaError.LEADER_NOT_AVAILABLE, None, "leader not available, 5"),
    ],
)
def test_why_a_partition_is_not_known_is_said(
    cluster: Cluster, offsets: Mapping[str, Any], log: Log | int, first: int | None, why: str
) -> None:
    cluster.offsets, cluster.logs[NAME, 0] = {"a": offsets}, log
    cluster.firsts = {(NAME, 0, 3): First(code=first)}
    assert cluster.read("a").groups["a"].topics[NAME][0].why == why


def test_a_group_that_we_may_not_see_is_named_with_the_right(cluster: Cluster) -> None:
    cluster.offsets = {"a": committed(code=KafkaError.GROUP_AUTHORIZATION_FAILED)}
    assert cluster.read("a").groups == {"a": Group(why="no right to describe group a")}


def test_groups_are_asked_in_batches_declared_ones_first(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each in a process of its own: where time runs out, the strangers are those that are not known."""
    monkeypatch.setattr(unread_messages, "BATCH", 2)
    cluster.listed = dict.fromkeys("abc", True)
    cluster.read("z", "c", selects=lambda name: name != "b")
    assert [question["groups"] for question in cluster.questions] == [["c", "z"], ["a"]]


def test_a_process_that_died_is_asked_once_more(cluster: Cluster) -> None:
    cluster.failures = ["signal 6"]
    assert cluster.read("a").groups == {"a": Group(5)}
    cluster.failures = ["signal 6", "signal 6"]
    assert cluster.read("a").groups == {"a": Group(why="signal 6")}


def test_groups_that_nobody_listed_are_a_gap(cluster: Cluster) -> None:
    """The declared ones are asked by their names all the same."""
    cluster.failures = ["listing"]
    told = cluster.read("a")
    assert told.gaps == ("which groups there are besides the declared ones is not known: listing",)
    assert told.groups.keys() == {"a"}
    cluster.silent = 2
    assert cluster.read().gaps == ("2 brokers did not list the groups that they look after: ask again",)


def test_without_time_nothing_is_asked_and_nothing_is_known(cluster: Cluster) -> None:
    told = cluster.read("a", seconds=1)
    assert (told.groups, cluster.questions) == ({"a": Group(why="there was no time left to ask")}, [])
    assert told.gaps


def test_the_probe_understands_what_it_is_asked(cluster: Cluster) -> None:
    """It shares no type with us: a word that it did not know would be a group that is never known."""
    cluster.read("a")
    (question,) = cluster.questions
    probe = group_offsets_probe.Probe({"bootstrap.servers": "127.0.0.1:1"}, **question["seconds"])
    assert (question["topics"], question["groups"], probe.answer) == ([NAME], ["a"], Timeouts().read)
    assert 20 < probe.whole < 30
