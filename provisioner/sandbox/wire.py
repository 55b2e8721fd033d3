"""Requests by hand, to one very port: a client library would ask any broker it learnt of."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from typing import NamedTuple

METADATA, VERSION = 3, 2
DESCRIBE_ACLS, ANY = 29, 1
TIMEOUT = 2.0

Acl = tuple[int, str | None, int, str | None, str | None, int, int]
"""Kafka's numbers and words: resource type, name, pattern; principal, host, operation, permission."""


class Answer(NamedTuple):
    """What a port says of its cluster."""

    cluster_id: str | None
    brokers: frozenset[int]


def ask(port: int) -> Answer | None:
    """The cluster behind a local port; None while nothing sensible answers."""
    data = _asked(port, struct.pack(">hhih", METADATA, VERSION, 1, -1) + struct.pack(">i", 0))
    try:
        return None if data is None else _answer(data)
    except (struct.error, UnicodeDecodeError):
        return None


def acls(port: int) -> frozenset[Acl]:
    """The ACLs that the broker behind a local port knows; none while it does not answer."""
    every = struct.pack(">bhbhhbb", ANY, -1, ANY, -1, -1, ANY, ANY)
    data = _asked(port, struct.pack(">hhih", DESCRIBE_ACLS, 1, 1, -1) + every)
    try:
        return frozenset(_acls(data or b""))
    except (struct.error, UnicodeDecodeError):
        return frozenset()


def _asked(port: int, body: bytes) -> bytes | None:
    try:
        with socket.create_connection(("127.0.0.1", port), TIMEOUT) as connection:
            connection.settimeout(TIMEOUT)
            connection.sendall(struct.pack(">i", len(body)) + body)
            size = struct.unpack(">i", _exactly(connection, 4))[0]
            return _exactly(connection, size) if 0 < size < 1_000_000 else None
    except (OSError, struct.error):
        return None


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            raise OSError("closed")
        data += more
    return data


def _answer(data: bytes) -> Answer:
    at, brokers = 8, []
    (count,) = struct.unpack_from(">i", data, 4)
    for _ in range(count):
        (node,) = struct.unpack_from(">i", data, at)
        brokers.append(node)
        _, at = _text(data, at + 4)
        _, at = _text(data, at + 4)
    cluster_id, _ = _text(data, at)
    return Answer(cluster_id, frozenset(brokers))


def _acls(data: bytes) -> Iterator[Acl]:
    _, at = _text(data, 10)
    (count,) = struct.unpack_from(">i", data, at)
    at += 4
    for _ in range(count):
        (kind,) = struct.unpack_from(">b", data, at)
        name, at = _text(data, at + 1)
        pattern, rules = struct.unpack_from(">bi", data, at)
        at += 5
        for _ in range(rules):
            principal, at = _text(data, at)
            host, at = _text(data, at)
            operation, permission = struct.unpack_from(">bb", data, at)
            yield (kind, name, pattern, principal, host, operation, permission)
            at += 2


def _text(data: bytes, at: int) -> tuple[str | None, int]:
    (length,) = struct.unpack_from(">h", data, at)
    end = at + 2 + max(0, length)
    return (data[at + 2 : end].decode() if length >= 0 else None), end
