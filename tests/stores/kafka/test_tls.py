"""librdkafka's properties of TLS in Python's context: handshakes with a real server, in memory."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from provisioner.stores.kafka.tls import NoLoginError, context

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificates")

HOST, PASSWORD = "kafka.example.com", "hidden-from-all"


def openssl(folder: Path, *words: str) -> None:
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One certificate for both ends, that vouches for itself; its key, and the key under a password."""
    made = tmp_path_factory.mktemp("certificates")
    subject = ("-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}", "-days", "2")
    openssl(made, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", "key.pem", "-out", "cert.pem", *subject)  # fmt: skip
    openssl(made, "pkcs8", "-topk8", "-in", "key.pem", "-out", "locked.pem", "-passout", f"pass:{PASSWORD}")
    return made


def handshake(client: ssl.SSLContext, folder: Path, host: str = HOST) -> None:
    """With a server that asks for a certificate. Raises ssl.SSLError."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    server.load_verify_locations(folder / "cert.pem")
    server.verify_mode = ssl.CERT_REQUIRED
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [client.wrap_bio(back, there, server_hostname=host), server.wrap_bio(there, back, server_side=True)]
    for _ in range(4):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue


def inline(folder: Path) -> dict[str, str]:
    return {
        "ssl.ca.pem": (folder / "cert.pem").read_text(),
        "ssl.certificate.pem": (folder / "cert.pem").read_text(),
        "ssl.key.pem": (folder / "key.pem").read_text(),
    }


def filed(folder: Path, key: str = "key.pem") -> dict[str, str]:
    return {
        "ssl.ca.location": str(folder / "cert.pem"),
        "ssl.certificate.location": str(folder / "cert.pem"),
        "ssl.key.location": str(folder / key),
    }


def test_certificates_are_taken_from_files_or_from_the_text_itself(folder: Path) -> None:
    """A key may be under a password."""
    handshake(context(inline(folder)), folder)
    handshake(context(filed(folder)), folder)
    handshake(context({**filed(folder, "locked.pem"), "ssl.key.password": PASSWORD}), folder)


def test_text_leaves_no_file_behind(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is in one for as long as OpenSSL reads it."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    context(inline(folder))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("more", "host", "words"),
    [
        ({}, "other.example.com", "Hostname mismatch"),
        ({"ssl.ca.pem": ""}, HOST, "self-signed certificate"),
        ({"ssl.endpoint.identification.algorithm": "none"}, "other.example.com", ""),
        ({"enable.ssl.certificate.verification": "false", "ssl.ca.pem": ""}, "other.example.com", ""),
    ],
)
def test_servers_are_checked_unless_the_files_say_otherwise(
    folder: Path, more: dict[str, str], host: str, words: str
) -> None:
    """By name and by who vouches for them, as librdkafka does."""
    client = context({**inline(folder), **more})
    if not words:
        handshake(client, folder, host)
        return
    with pytest.raises(ssl.SSLCertVerificationError, match=words):
        handshake(client, folder, host)


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"ssl.ca.location": "/missing/ca.pem"}, "ssl.ca.location"),
        ({"ssl.ca.pem": PASSWORD}, "ssl.ca.pem"),
        ({"ssl.key.pem": PASSWORD}, "ssl.key.pem"),
        ({"ssl.certificate.pem": ""}, "ssl.certificate.location"),
        ({"ssl.crl.location": "/missing/crl.pem"}, "ssl.crl.location"),
        ({"ssl.cipher.suites": "no-such-cipher"}, "ssl.cipher.suites"),
        ({"ssl.keystore.location": "/etc/client.p12"}, "ssl.keystore.location"),
        ({"ssl.curves.list": "P-256"}, "ssl.curves.list"),
    ],
)
def test_what_cannot_be_used_is_named_by_its_property(folder: Path, more: dict[str, str], named: str) -> None:
    """And nothing of what was read is in the error."""
    properties = inline(folder)
    properties.pop("ssl.ca.pem" if "ssl.ca.location" in more else "", None)
    with pytest.raises(NoLoginError) as told:
        context({**properties, **more})
    assert str(told.value).startswith(f"{named}: ")
    assert PASSWORD not in str(told.value)


@pytest.mark.parametrize("password", ["wrong-password", ""])
def test_a_wrong_password_of_a_key_is_no_question_in_the_terminal(folder: Path, password: str) -> None:
    """An error names the key, and shows no password."""
    with pytest.raises(NoLoginError, match=r"^ssl\.key\.location: ") as told:
        context({**filed(folder, "locked.pem"), "ssl.key.password": password})
    assert "wrong-password" not in str(told.value)
