"""How kafka-python logs in: librdkafka's properties as its arguments, or the name of the one that has none there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.stores.kafka.tls import NoLoginError, context

MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
UNSAID_MECHANISM = "GSSAPI"
"""librdkafka's default."""

_REASONS: Mapping[str, str] = {
    "GSSAPI": "kafka-python has no login by a keytab (sasl.kerberos.*)",
    "OAUTHBEARER": "kafka-python has no source of tokens (sasl.oauthbearer.*)",
}
_NEEDED: Mapping[str, str] = {"sasl.username": "sasl_plain_username", "sasl.password": "sasl_plain_password"}

PROTOCOLS: Mapping[str, tuple[bool, bool]] = {
    "PLAINTEXT": (False, False),
    "SSL": (True, False),
    "SASL_PLAINTEXT": (False, True),
    "SASL_SSL": (True, True),
}
"""security.protocol -> is there TLS, is there SASL. What belongs to neither is not looked at, as librdkafka does."""


def arguments(properties: Mapping[str, str]) -> dict[str, Any]:
    """kafka-python's arguments for the same login; the properties have their secrets read.

    Raises NoLoginError, which names a property and no value.
    """
    protocol = properties.get("security.protocol", "PLAINTEXT").upper()
    if protocol not in PROTOCOLS:
        raise NoLoginError("security.protocol: kafka-python knows no such protocol")
    has_tls, has_sasl = PROTOCOLS[protocol]
    tls = {"ssl_context": context(properties)} if has_tls else {}
    return {"security_protocol": protocol, **tls, **(_sasl(properties) if has_sasl else {})}


def _sasl(properties: Mapping[str, str]) -> dict[str, Any]:
    name = "sasl.mechanisms" if "sasl.mechanisms" in properties else "sasl.mechanism"
    mechanism = properties.get(name, UNSAID_MECHANISM).upper()
    if mechanism not in MECHANISMS:
        why = _REASONS.get(mechanism, "kafka-python knows no such mechanism")
        raise NoLoginError(f"{name}: {why}; it takes {', '.join(MECHANISMS)}")
    for needed in _NEEDED:
        if needed not in properties:
            raise NoLoginError(f"{needed}: {mechanism} needs it")
    return {"sasl_mechanism": mechanism, **{ours: properties[name] for name, ours in _NEEDED.items()}}
