"""`--debug`: what is asked of whom, with times, and no secret."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from confluent_kafka import TopicCollection

from provisioner import trace
from provisioner.catalog.model import Secret
from provisioner.errors import UnreachableError
from provisioner.stores import prometheus
from provisioner.stores.kafka.connection import Connection
from tests.fake.cluster import FakeCluster

LINE = re.compile(r"debug +\d+\.\d{3}  \S+: .+: (asked|.+ after \d+\.\d{3} s)")


@pytest.fixture
def said() -> Iterator[list[str]]:
    lines: list[str] = []
    trace.listen(lines.append)
    yield lines
    trace.listen(None)


def test_each_call_of_the_kafka_client_is_two_lines(fake: FakeCluster, said: list[str]) -> None:
    """Asked and answered; and a third for answers that come later, one by one."""
    connection = Connection(fake.bootstrap, {}, {}, print)
    connection.listing()
    futures = connection.reader.describe_topics(TopicCollection(["a", "b"]), request_timeout=5)
    for future in futures.values():
        future.exception(10)
    assert all(LINE.fullmatch(line) for line in said)
    told = " ".join(said)
    assert f"{fake.bootstrap}: list_topics: answered" in told
    assert "describe_topics of 2: 2 answers, " in told


def test_no_secret_is_shown_whatever_an_error_repeats(said: list[str]) -> None:
    """Nor the user of a web address."""
    connection = Connection("127.0.0.1:1", {"sasl.password": Secret(env="PASSWORD")}, {"PASSWORD": "hunter2"}, print)
    connection.settings()
    with pytest.raises(UnreachableError), trace.asked("http://ci:pw@host/", "POST"):
        raise UnreachableError("the password hunter2 is wrong")
    assert "hunter2" not in "".join(said)
    assert said[-1].split("  ")[-1].startswith("http://***@host/: POST: UnreachableError: the password *** is wrong")


def test_a_reload_is_shown_with_its_error(said: list[str]) -> None:
    """Each try of it."""
    assert prometheus.reload(["http://127.0.0.1:1"])
    assert sum("POST /-/reload: asked" in line for line in said) == 3
    assert any("ConnectionError" in line for line in said)


def test_nothing_is_said_and_no_client_is_wrapped_while_nobody_listens(fake: FakeCluster) -> None:
    """The program as it was."""
    trace.listen(None)
    client = Connection(fake.bootstrap, {}, {}, print).reader
    assert type(client).__name__ == "AdminClient"
