"""A client of kafka-python's for what confluent-kafka has no call for; where it can log in as the other one does."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.credentials import resolved

_ARGUMENTS: Mapping[str, str] = {
    "security.protocol": "security_protocol",
    "sasl.mechanism": "sasl_mechanism",
    "sasl.mechanisms": "sasl_mechanism",
    "sasl.username": "sasl_plain_username",
    "sasl.password": "sasl_plain_password",
    "ssl.ca.location": "ssl_cafile",
    "ssl.certificate.location": "ssl_certfile",
    "ssl.key.location": "ssl_keyfile",
    "ssl.key.password": "ssl_password",
    "ssl.crl.location": "ssl_crlfile",
    "ssl.cipher.suites": "ssl_ciphers",
}
_HARMLESS = frozenset({"client.id", "client.dns.lookup", "broker.address.family", "socket.keepalive.enable"})
_SPELLED: Mapping[str, Callable[[str], Any]] = {"security_protocol": str.upper, "sasl_mechanism": str.upper}


class NoClientError(Exception):
    """Why there is none: no way to log in, no answer in time, or whatever the library makes of an answer."""


@contextmanager
def admin(connection: Connection) -> Iterator[Any]:
    """An admin client that is closed at the end. Raises NoClientError, also for what its calls raise in the block."""
    settings = arguments(resolved(connection.client, connection.environment)[0])
    if settings is None:
        raise NoClientError("the client that can ask this cannot log in by these properties")
    from kafka.admin import KafkaAdminClient
    from kafka.errors import KafkaError

    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    milliseconds = round(connection.timeouts.read * 1000)
    patience = {"request_timeout_ms": milliseconds, "bootstrap_timeout_ms": milliseconds}
    try:
        client = KafkaAdminClient(bootstrap_servers=connection.bootstrap.split(","), **patience, **settings)
        try:
            yield client
        finally:
            client.close()
    except (KafkaError, OSError, ValueError, AttributeError, TypeError, KeyError) as error:
        raise NoClientError(connection.clean(str(error)) or type(error).__name__) from None


def arguments(properties: Mapping[str, str]) -> dict[str, Any] | None:
    """librdkafka's properties as kafka-python's arguments; None if one of them has none there."""
    translated: dict[str, Any] = {}
    for name, value in properties.items():
        if name in _ARGUMENTS:
            ours = _ARGUMENTS[name]
            translated[ours] = _SPELLED.get(ours, str)(value)
        elif name not in _HARMLESS:
            return None
    return translated
