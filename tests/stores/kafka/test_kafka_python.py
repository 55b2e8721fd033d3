"""The second client: it logs in by the same properties, is made anew after an error, and tells no secret."""

from __future__ import annotations

import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from provisioner.catalog.model import Secret
from provisioner.stores.kafka import kafka_python
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.kafka_python import KafkaPython, NoClientError
from provisioner.stores.kafka.kafka_python_login import arguments
from provisioner.stores.kafka.timeouts import Timeouts
from provisioner.stores.kafka.tls import NoLoginError
from tests.fake import FakeCluster
from tests.fake.faults import LostRequest

SCRAM = {
    "security.protocol": "sasl_plaintext",
    "sasl.mechanism": "scram-sha-512",
    "sasl.username": "u",
    "sasl.password": "hunter2",
}


@pytest.fixture
def fake() -> Iterator[FakeCluster]:
    with FakeCluster() as cluster:
        yield cluster


def connection(fake: FakeCluster, **client: str | Secret) -> Connection:
    timeouts = replace(Timeouts(), read=2, connect=2)
    named = {name.replace("_", "."): value for name, value in client.items()}
    return Connection(fake.bootstrap, named, {"PASSWORD": "hunter2"}, print, timeouts=timeouts)


def listed(client: KafkaPython, tries: int = kafka_python.TRIES) -> Any:
    return client.ask("list", lambda admin: admin.list_partition_reassignments(), tries)


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({}, {"security_protocol": "PLAINTEXT"}),
        ({"client.id": "x", "ssl.ca.location": "/missing"}, {"security_protocol": "PLAINTEXT"}),
        (
            SCRAM,
            {
                "security_protocol": "SASL_PLAINTEXT",
                "sasl_mechanism": "SCRAM-SHA-512",
                "sasl_plain_username": "u",
                "sasl_plain_password": "hunter2",
            },
        ),
    ],
)
def test_client_properties_are_translated(properties: dict[str, str], expected: dict[str, str]) -> None:
    """As far as the protocol has a use for them."""
    assert arguments(properties) == expected


def test_tls_is_a_context() -> None:
    """The library's own arguments know neither inline text nor ciphers."""
    made = arguments({**SCRAM, "security.protocol": "sasl_ssl"})["ssl_context"]
    assert isinstance(made, ssl.SSLContext)
    assert made.check_hostname


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"sasl.mechanism": "GSSAPI"}, "sasl.mechanism: kafka-python has no login by a keytab (sasl.kerberos.*)"),
        ({"sasl.mechanisms": "OAUTHBEARER"}, "sasl.mechanisms: kafka-python has no source of tokens"),
        ({"sasl.mechanism": "PIGEON"}, "sasl.mechanism: kafka-python knows no such mechanism"),
        ({"security.protocol": "carrier"}, "security.protocol: "),
        ({"security.protocol": "sasl_ssl", "ssl.keystore.location": "/k.p12"}, "ssl.keystore.location: "),
    ],
)
def test_a_login_that_it_cannot_do_is_named_by_its_property(more: dict[str, str], named: str) -> None:
    """With the ways that there are, and no secret."""
    with pytest.raises(NoLoginError) as told:
        arguments({**SCRAM, **more})
    assert str(told.value).startswith(named)
    assert "hunter2" not in str(told.value)


@pytest.mark.parametrize("missing", ["sasl.username", "sasl.password"])
def test_a_login_without_a_name_or_a_password_is_named(missing: str) -> None:
    """Before anything is sent."""
    with pytest.raises(NoLoginError, match=missing):
        arguments({name: value for name, value in SCRAM.items() if name != missing})


def test_a_client_that_cannot_log_in_asks_nobody(fake: FakeCluster) -> None:
    """The error is final and has no code of the cluster's."""
    oauth = connection(fake, security_protocol="sasl_plaintext", sasl_mechanism="OAUTHBEARER")
    with KafkaPython(oauth) as client, pytest.raises(NoClientError) as told:
        listed(client)
    assert (told.value.is_final, told.value.code, fake.requests) == (True, None, [])


def test_the_client_is_kept_while_it_answers(fake: FakeCluster) -> None:
    """And closed at the end."""
    with KafkaPython(connection(fake)) as client:
        first = client.opened()
        assert listed(client) == {}
        assert client.opened() is first
    assert first._closed


def test_after_an_error_it_is_another_client(fake: FakeCluster) -> None:
    """It would never forget a controller that died."""
    with KafkaPython(connection(fake)) as client:
        first = client.opened()
        fake.script.on("ListPartitionReassignments", LostRequest())
        assert listed(client) == {}
        assert client.opened() is not first
        assert first._closed


def test_a_dead_broker_is_gone_round(fake: FakeCluster) -> None:
    """Whichever one the client knows."""
    with KafkaPython(connection(fake)) as client:
        for node in (1, 2):
            assert listed(client) == {}
            fake.stop(node)
        assert listed(client) == {}


def test_what_must_not_be_sent_twice_is_not(fake: FakeCluster) -> None:
    """Its answer is an error, with the library's words."""
    fake.script.on("ListPartitionReassignments", LostRequest())
    with KafkaPython(connection(fake)) as client, pytest.raises(NoClientError):
        listed(client, tries=1)
    assert len(fake.sent("ListPartitionReassignments")) == 1


def test_a_start_that_fails_leaves_no_thread(fake: FakeCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library would let it run on."""
    made = connection(fake)
    made.timeouts = replace(made.timeouts, connect=0.5)
    before = threading.active_count()
    monkeypatch.setattr(KafkaPython, "_next_address", lambda _: "127.0.0.1:1")
    with KafkaPython(made) as client, pytest.raises(NoClientError):
        listed(client)
    assert threading.active_count() <= before


def test_no_error_shows_a_secret(fake: FakeCluster) -> None:
    """Even one that the library repeats."""
    made = connection(fake, sasl_password=Secret(env="PASSWORD"))

    def repeats(_: Any) -> None:
        raise ValueError("cannot use hunter2\nhere" + "x" * 1000)

    with KafkaPython(made) as client, pytest.raises(NoClientError) as told:
        client.ask("nothing", repeats)
    assert "***" in str(told.value)
    assert "hunter2" not in str(told.value)
    assert len(str(told.value)) <= kafka_python.LONGEST


def test_it_is_announced_where_nobody_vouches(fake: FakeCluster) -> None:
    """As the first client is."""
    lines: list[str] = []
    made = Connection(fake.bootstrap, {"sasl.password": Secret(env="PASSWORD")}, {"PASSWORD": "p"}, lines.append, False)
    with KafkaPython(made) as client:
        listed(client)
    assert len(lines) == 1
    assert "sent there: sasl.password (environment PASSWORD)" in lines[0]


def test_the_library_is_imported_when_it_is_needed() -> None:
    """It takes a third of a second."""
    code = "import sys, provisioner.stores.kafka.reassignments; sys.exit('kafka' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
