"""The two clients of a run."""

from __future__ import annotations

from provisioner.stores.kafka.connection import Connection
from tests.fake import FakeCluster


def test_a_run_has_one_reader_and_one_writer(fake: FakeCluster) -> None:
    """A client without queued messages counts as false: it must not be made anew for that."""
    connection = Connection(fake.bootstrap, {}, {}, print)
    assert connection.reader is connection.reader
    assert connection.writer is connection.writer
    assert connection.reader is not connection.writer


def test_a_renewed_writer_is_another_client(fake: FakeCluster) -> None:
    """Its connection is free of the unanswered request; the reader stays."""
    connection = Connection(fake.bootstrap, {}, {}, print)
    reader, writer = connection.reader, connection.writer
    connection.renew_writer()
    assert connection.writer is not writer
    assert connection.reader is reader


def test_a_question_about_a_topic_does_not_create_it(fake: FakeCluster) -> None:
    """Not even where brokers create whatever is asked for by name."""
    fake.state.quirks.creates_on_metadata = True
    connection = Connection(fake.bootstrap, {}, {}, print)
    connection.probe("a.v1")
    connection.listing("a.v1")
    assert fake.state.topics == {}
