"""Ports for a sandbox, all chosen together."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice

from provisioner.errors import SandboxError
from provisioner.sandbox.properties import Ports

RANGE = range(20_000, 32_000)
"""Below 32768: above, a client's own outgoing connection can take a port."""


def free(nodes: int, *, secure: bool) -> list[Ports]:
    """Ports of that many nodes that nobody listens on."""
    each = 3 if secure else 2
    with ExitStack() as held:
        numbers = list(islice(_bound(held), nodes * each))
    if len(numbers) < nodes * each:
        raise SandboxError(
            f"no {nodes * each} free ports from {RANGE.start} to {RANGE.stop - 1}", "end what holds them"
        )
    return [Ports(*numbers[at : at + each]) for at in range(0, nodes * each, each)]


def _bound(held: ExitStack) -> Iterator[int]:
    """Free ports in a random order; each stays ours until `held` is closed."""
    for port in random.sample(RANGE, len(RANGE)):
        try:
            held.enter_context(socket.socket()).bind(("127.0.0.1", port))
        except OSError:
            continue
        yield port
