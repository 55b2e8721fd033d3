"""Running moves of replicas. confluent-kafka cannot ask about them: kafka-python does, where it can log in."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from provisioner import trace
from provisioner.stores.kafka.connection import READ_SECONDS, Connection
from provisioner.stores.kafka.credentials import resolved

_NAMES: Mapping[str, str] = {
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
_VALUES: Mapping[str, Callable[[str], Any]] = {"security_protocol": str.upper, "sasl_mechanism": str.upper}


def running(connection: Connection) -> frozenset[str] | None:
    """The topics with a running reassignment; None where it cannot be asked (no right, no way to log in, no answer)."""
    settings = translated(resolved(connection.client, connection.environment)[0])
    if settings is None:
        return None
    from kafka.admin import KafkaAdminClient
    from kafka.errors import KafkaError

    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    try:
        patience = {"request_timeout_ms": READ_SECONDS * 1000, "bootstrap_timeout_ms": READ_SECONDS * 1000}
        admin = KafkaAdminClient(bootstrap_servers=connection.bootstrap.split(","), **patience, **settings)
        try:
            with trace.asked(connection.bootstrap, "list_partition_reassignments"):
                return frozenset(partition.topic for partition in admin.list_partition_reassignments())
        finally:
            admin.close()
    except (KafkaError, OSError, ValueError, AttributeError, TypeError):
        return None


def translated(properties: Mapping[str, str]) -> dict[str, Any] | None:
    """librdkafka's properties in kafka-python's words; None if one of them has none there."""
    found: dict[str, Any] = {}
    for name, value in properties.items():
        if name in _NAMES:
            ours = _NAMES[name]
            found[ours] = _VALUES.get(ours, str)(value)
        elif name not in _HARMLESS:
            return None
    return found
