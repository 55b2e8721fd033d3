"""Frames on a socket: four bytes of length, a header, a message."""

from __future__ import annotations

import asyncio
import struct
import time
from dataclasses import dataclass

from tests.fake.apis import APIS, Api, Message


@dataclass(frozen=True, slots=True)
class Frame:
    """A decoded request; `at`: when it came, by the monotonic clock."""

    api: Api
    version: int
    correlation: int
    client: str
    message: Message
    at: float


async def read(reader: asyncio.StreamReader) -> Frame:
    """The next request of a connection. Raises IncompleteReadError at its end, KeyError for an unknown API."""
    (size,) = struct.unpack(">i", await reader.readexactly(4))
    data = await reader.readexactly(size)
    key, version = struct.unpack_from(">hh", data)
    api = APIS[key]
    message = api.request.decode(data, version=min(version, api.high), header=True)
    return Frame(api, version, message.header.correlation_id, message.header.client_id or "", message, time.monotonic())


def framed(request: Frame, body: Message | bytes) -> bytes:
    """The answer as it goes over the wire; bytes are sent as they are behind a right header."""
    if isinstance(body, bytes):
        data = struct.pack(">i", request.correlation) + body
        return struct.pack(">i", len(data)) + data
    # Of a version that it does not know, a broker answers ApiVersions with version 0.
    body.API_VERSION = request.version if request.version <= request.api.high else 0
    body.with_header(request.correlation)
    return bytes(body.encode(header=True, framed=True))
