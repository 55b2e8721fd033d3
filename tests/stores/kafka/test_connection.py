"""The two clients of a run."""

from __future__ import annotations

import pytest
from confluent_kafka import KafkaError

from provisioner.catalog.model import Secret
from provisioner.errors import UnreachableError
from provisioner.stores.kafka.connection import HOPELESS, Connection
from provisioner.stores.kafka.timeouts import Timeouts
from tests.fake import FakeCluster
from tests.fake.faults import Late


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


@pytest.mark.parametrize("protocol", ["PLAINTEXT", "SASL_PLAINTEXT", "SASL_SSL"])
@pytest.mark.parametrize(
    ("bootstrap", "said", "connect"),
    [
        # On a busy machine it takes seconds to hear that a name is unknown.
        ("sasl-ssl-kafka.invalid:9093", "the name of a broker is unknown", 10),
        ("127.0.0.1:1", "nothing answers at the address", 2),
    ],
)
def test_a_wrong_address_is_never_called_wrong_credentials(
    protocol: str, bootstrap: str, said: str, connect: float
) -> None:
    """Whatever the protocol is called, which stands in each of the client's messages."""
    client = {
        "security.protocol": protocol,
        "sasl.mechanism": "PLAIN",
        "sasl.username": "somebody",
        "sasl.password": Secret(env="PASSWORD"),
        "socket.connection.setup.timeout.ms": "1000",
    }
    connection = Connection(
        bootstrap, client, {"PASSWORD": "hidden-from-all"}, print, timeouts=Timeouts(connect=connect)
    )
    with pytest.raises(UnreachableError) as told:
        connection.listing()
    assert said in told.value.message
    assert "hidden-from-all" not in told.value.message


def test_an_address_that_only_the_files_name_is_said_before_it_is_used(fake: FakeCluster) -> None:
    """Once, with the names of the secrets and not their values."""
    said: list[str] = []
    client = {"client.id": "x", "sasl.username": Secret(env="USER"), "sasl.password": Secret(file="/run/secrets/pw")}
    connection = Connection(fake.bootstrap, client, {"USER": "hunter2"}, said.append, vouched=False)
    with pytest.raises(UnreachableError, match="cannot be read"):
        connection.listing()
    sent = "sasl.username (environment USER), sasl.password (file /run/secrets/pw)"
    assert said == [f"connecting to {fake.bootstrap}, which the files name; sent there: {sent}"]


def test_an_address_that_a_base_vouches_for_is_used_in_silence(fake: FakeCluster) -> None:
    said: list[str] = []
    Connection(fake.bootstrap, {}, {}, said.append).listing()
    assert said == []


def test_an_old_refused_login_is_not_the_cause_of_a_new_hiccup(fake: FakeCluster) -> None:
    """One broker's, once: an answer since then says that the credentials are right."""
    # One try is enough, on a busy machine too: after a second one the error would not be an old one.
    connection = Connection(fake.bootstrap, {}, {}, print, timeouts=Timeouts(connect=120))
    connection._errors.append((KafkaError._AUTHENTICATION, "_AUTHENTICATION SASL authentication failed"))
    connection.listing()
    assert not connection._has_noted(*HOPELESS)


def test_metadata_that_takes_long_is_waited_for(fake: FakeCluster) -> None:
    """A large cluster behind a slow network: each try begins anew, so the last one has the most time."""
    connection = Connection(fake.bootstrap, {}, {}, print, timeouts=Timeouts(connect=7))
    assert connection.timeouts.tries[0] < 1.5
    fake.state.add("a.v1")
    fake.script.on("Metadata", Late(1.5), times=None)
    assert set(connection.listing().topics) == {"a.v1"}
