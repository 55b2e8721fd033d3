"""One listening socket: frames in, answers out, one request at a time per connection."""

from __future__ import annotations

import asyncio
import random
import socket
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tests.fake import wire
from tests.fake.errors import HangupError
from tests.fake.faults import Reply
from tests.fake.wire import Frame

HOST = "127.0.0.1"
PORTS = range(20_000, 32_000)
"""Below 32768: above, a client's own outgoing connection can take a port."""

TURNS = 5
"""Of the event loop, from the accepting of a connection to its closed socket."""

GOODBYES = (HangupError, OSError, asyncio.IncompleteReadError, asyncio.CancelledError)

Answer = Callable[[int, Frame], Awaitable[Reply]]


def bound() -> socket.socket:
    """A socket that holds a free port, and does not listen yet."""
    for number in random.sample(PORTS, len(PORTS)):
        # Of a socket without the protocol's number asyncio does not know that it may switch delays off.
        made = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            made.bind((HOST, number))
            made.listen()
        except OSError:
            made.close()
            continue
        deafen(made)
        return made
    raise OSError("no free port for a fake broker")


def deafen(held: socket.socket) -> None:
    """Refuse connections, and let nobody else have the port: another test's broker would answer for a dead one."""
    held.shutdown(socket.SHUT_RDWR)
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)


@dataclass
class Broker:
    """Broker `node`; `answer` deals with each request."""

    node: int
    answer: Answer
    crashes: list[Exception] = field(default_factory=list)
    """Errors of the fake itself."""
    _held: socket.socket = field(default_factory=bound)
    """Bound as long as the fake lives, whether it runs or not."""
    _server: asyncio.Server | None = None
    _open: dict[asyncio.StreamWriter, asyncio.Task[None]] = field(default_factory=dict)

    @property
    def port(self) -> int:
        """Where it listens while it runs."""
        return int(self._held.getsockname()[1])

    @property
    def runs(self) -> bool:
        """Whether somebody listens."""
        return self._server is not None

    async def start(self) -> None:
        """Listen, on the same port as before."""
        self._held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._server = await asyncio.start_server(self._talk, sock=self._held.dup())

    async def stop(self) -> None:
        """Like a killed process: nothing listens, and every connection is reset."""
        if self._server is not None:
            self._server.close()
            self._server = None
            deafen(self._held)
        open_now = dict(self._open)
        for writer, task in open_now.items():
            writer.transport.abort()
            task.cancel()
        await asyncio.gather(*open_now.values(), return_exceptions=True)
        # What was taken from the queue meanwhile begins, hears that nobody is here, and closes its socket.
        for _ in range(TURNS):
            await asyncio.sleep(0)

    def close(self) -> None:
        """Give the port back, at the end."""
        self._held.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.runs:
            # Taken from the queue an instant before the broker was killed.
            writer.transport.abort()
            return
        task = asyncio.current_task()
        assert task is not None
        self._open[writer] = task
        mute = 0.0
        try:
            while True:
                mute = await self._one(reader, writer, mute)
        except GOODBYES:
            writer.transport.abort()
        except Exception as error:
            self.crashes.append(error)
            writer.transport.abort()
        self._open.pop(writer, None)

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, mute_until: float) -> float:
        """Serve one request; until when the next one has to wait."""
        frame = await wire.read(reader)
        await asyncio.sleep(mute_until - time.monotonic())
        reply = await self.answer(self.node, frame)
        writer.write(wire.framed(frame, reply.body))
        await writer.drain()
        return time.monotonic() + reply.mute
