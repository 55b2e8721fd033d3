"""The topic configs that the fake brokers know: their defaults, and the form in which a broker gives them back."""

from __future__ import annotations

from collections.abc import Callable

from tests.fake.errors import ProtocolError

DEFAULTS: dict[str, str] = {
    "cleanup.policy": "delete",
    "compression.gzip.level": "-1",
    "compression.lz4.level": "9",
    "compression.type": "producer",
    "compression.zstd.level": "3",
    "delete.retention.ms": "86400000",
    "errors.deadletterqueue.group.enable": "false",
    "file.delete.delay.ms": "60000",
    "flush.messages": "9223372036854775807",
    "flush.ms": "9223372036854775807",
    "follower.replication.throttled.replicas": "",
    "index.interval.bytes": "4096",
    "leader.replication.throttled.replicas": "",
    "local.retention.bytes": "-2",
    "local.retention.ms": "-2",
    "max.compaction.lag.ms": "9223372036854775807",
    "max.decompressed.message.bytes": "2147483639",
    "max.message.bytes": "1048588",
    "message.timestamp.after.max.ms": "3600000",
    "message.timestamp.before.max.ms": "9223372036854775807",
    "message.timestamp.type": "CreateTime",
    "min.cleanable.dirty.ratio": "0.5",
    "min.compaction.lag.ms": "0",
    "min.insync.replicas": "1",
    "preallocate": "false",
    "remote.copy.lag.bytes": "0",
    "remote.copy.lag.ms": "0",
    "remote.log.copy.disable": "false",
    "remote.log.delete.on.disable": "false",
    "remote.storage.enable": "false",
    "retention.bytes": "-1",
    "retention.ms": "604800000",
    "segment.bytes": "1073741824",
    "segment.index.bytes": "10485760",
    "segment.jitter.ms": "0",
    "segment.ms": "604800000",
    "unclean.leader.election.enable": "false",
}
"""The 37 public keys of 4.4."""


def stored(key: str, value: str | None) -> str:
    """The value as the broker keeps it. Raises ProtocolError (40) for an unknown key or a value of the wrong type."""
    if key not in DEFAULTS:
        raise ProtocolError(40, f"Unknown topic config name: {key}")
    try:
        return _FORMS.get(_type(DEFAULTS[key]), _list)((value or "").strip())
    except ValueError:
        raise ProtocolError(40, f"Invalid value {value} for configuration {key}") from None


def _type(default: str) -> str:
    if default in ("true", "false"):
        return "switch"
    return "fraction" if "." in default else "number" if default.lstrip("-").isdigit() else "list"


def _switch(value: str) -> str:
    if value.lower() not in ("true", "false"):
        raise ValueError(value)
    return value.lower()


def _list(value: str) -> str:
    return ",".join(word.strip() for word in value.split(","))


_FORMS: dict[str, Callable[[str], str]] = {
    "switch": _switch,
    "fraction": lambda value: str(float(value)),
    "number": lambda value: str(int(value)),
    "list": _list,
}
