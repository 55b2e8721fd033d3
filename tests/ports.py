"""Ports for servers that choose none themselves."""

from __future__ import annotations

import random
import socket

RANGE = range(13_000, 20_000)
"""Below the fake brokers' (tests/fake/broker.py) and the clients' own: above 32768 any connection that opens takes one
between our look and the server's start."""


def free_port() -> int:
    """A port of this machine that nobody holds at the moment."""
    for port in random.sample(RANGE, len(RANGE)):
        with socket.socket() as held:
            try:
                held.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError(f"no free port from {RANGE.start} to {RANGE.stop - 1}")
