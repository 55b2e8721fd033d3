"""The sockets of a client that ends: kafka-python (3.0.12, measured) leaves one open that it was connecting then.

Its loop drops the task that held the socket, and with it the last who knew of it.
"""

from __future__ import annotations

import selectors
import socket
from typing import Any


class ClosingSelector(selectors.DefaultSelector):
    """For a client's option `selector`: what it waited for is closed with it."""

    def __init__(self) -> None:
        super().__init__()
        self._waited_for: set[socket.socket] = set()

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        """Wait for it, and hold it until it is closed: the loop may be the only other one that does."""
        if isinstance(fileobj, socket.socket):
            self._waited_for = {held for held in self._waited_for if held.fileno() >= 0} | {fileobj}
        return super().register(fileobj, events, data)

    def close(self) -> None:
        """End the waiting, and close every socket that is still open."""
        super().close()
        while self._waited_for:
            self._waited_for.pop().close()
