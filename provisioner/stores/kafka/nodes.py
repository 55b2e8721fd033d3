"""The brokers that live, with their addresses and racks."""

from __future__ import annotations

from dataclasses import dataclass

from provisioner.errors import UnreachableError
from provisioner.stores.kafka import codes
from provisioner.stores.kafka.connection import Connection

TRIES = 3


@dataclass(frozen=True, slots=True)
class Node:
    """One of them; `host` and `port` as it advertises them to us."""

    id: int
    host: str
    port: int
    rack: str | None


def nodes(connection: Connection) -> tuple[Node, ...]:
    """By the word of any of them, sorted by id. Raises UnreachableError."""
    code = codes.OK
    for _ in range(TRIES):
        try:
            future = connection.reader.describe_cluster(request_timeout=connection.timeouts.read)
            found = future.result(connection.timeouts.read_future).nodes
        except codes.FUTURE_ERRORS as error:
            code = codes.code_of(error)[0]
            connection.recover()
        else:
            rows = (Node(each.id, each.host, each.port, each.rack or None) for each in found)
            return tuple(sorted(rows, key=lambda each: each.id))
    raise UnreachableError(f"{connection.bootstrap} does not name its brokers ({codes.named(code)})", "try again")
