"""librdkafka's properties of TLS as Python's own context: files, inline PEM, and what may not be checked."""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

_NOT_IN_PYTHON: Mapping[str, str] = {
    "ssl.keystore.location": "it is PKCS#12; give ssl.certificate.location and ssl.key.location, in PEM",
    "ssl.curves.list": "Python's TLS cannot be told the curves",
    "ssl.sigalgs.list": "Python's TLS cannot be told the signatures",
}
_PROBE = "probe"
"""librdkafka's word for the system's own certificates."""


class NoLoginError(ValueError):
    """Which property of the cluster's `client:` stands in the way, and why; never a value that was read."""


def context(properties: Mapping[str, str]) -> ssl.SSLContext:
    """For a client by these properties, with their secrets read. Raises NoLoginError."""
    for name, why in _NOT_IN_PYTHON.items():
        if properties.get(name):
            raise NoLoginError(f"{name}: {why}")
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    _check_servers(made, properties)
    _trust(made, properties)
    _show(made, properties)
    return made


def _check_servers(made: ssl.SSLContext, properties: Mapping[str, str]) -> None:
    is_checked = properties.get("enable.ssl.certificate.verification", "true").lower() not in ("false", "0", "f")
    is_named = properties.get("ssl.endpoint.identification.algorithm", "https").lower() != "none"
    made.check_hostname = is_checked and is_named
    made.verify_mode = ssl.CERT_REQUIRED if is_checked else ssl.CERT_NONE
    if ciphers := properties.get("ssl.cipher.suites"):
        with _named("ssl.cipher.suites"):
            made.set_ciphers(ciphers)


def _trust(made: ssl.SSLContext, properties: Mapping[str, str]) -> None:
    if pem := properties.get("ssl.ca.pem"):
        with _named("ssl.ca.pem"):
            made.load_verify_locations(cadata=pem)
    elif (place := properties.get("ssl.ca.location", _PROBE)) != _PROBE:
        with _named("ssl.ca.location"):
            made.load_verify_locations(**{"capath" if Path(place).is_dir() else "cafile": place})
    else:
        made.load_default_certs()
    if revoked := properties.get("ssl.crl.location"):
        with _named("ssl.crl.location"):
            made.load_verify_locations(cafile=revoked)
        made.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF


def _show(made: ssl.SSLContext, properties: Mapping[str, str]) -> None:
    """The client's own certificate. The key may stand in the certificate's file."""
    with ExitStack() as files:
        certificate = files.enter_context(_file(properties, "ssl.certificate"))
        key = files.enter_context(_file(properties, "ssl.key"))
        if certificate is None:
            if key is not None:
                raise NoLoginError("ssl.certificate.location: a key without a certificate shows nothing")
            return
        with _named("ssl.key.pem" if properties.get("ssl.key.pem") else "ssl.key.location"):
            # Without a function for the password OpenSSL would ask for it in the terminal.
            made.load_cert_chain(certificate, key, password=lambda: properties.get("ssl.key.password", ""))


@contextmanager
def _file(properties: Mapping[str, str], name: str) -> Iterator[str | None]:
    """The file of that name, None where there is none; what is inline is in one of our own (0600) for as long."""
    if not (pem := properties.get(f"{name}.pem")):
        yield properties.get(f"{name}.location")
        return
    with tempfile.NamedTemporaryFile("w", prefix="provisioner-", encoding="utf-8") as held:
        held.write(pem)
        held.flush()
        yield held.name


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Neither a path nor what OpenSSL read is in the error: the property says where to look."""
    try:
        yield
    except OSError as error:
        # Of an error of OpenSSL's only the reason is a word of its own; some have none.
        why = getattr(error, "reason", None) if isinstance(error, ssl.SSLError) else error.strerror
        raise NoLoginError(f"{name}: it cannot be used ({why or 'OpenSSL does not say why'})") from None
    except ValueError:
        raise NoLoginError(f"{name}: it cannot be used (not in a form that OpenSSL reads)") from None
