"""What can go wrong with one request. Each fault is played once for each time that the script holds it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import Protocol

from tests.fake.apis import Message
from tests.fake.call import Call
from tests.fake.errors import HangupError, ProtocolError


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, and for how many seconds the connection is mute after it."""

    body: Message | bytes
    mute: float = 0.0


class Fault(Protocol):
    """How one request is dealt with."""

    async def play(self, call: Call) -> Reply:
        """Answer, or raise HangupError, or never return."""
        ...


def served(call: Call, refused: dict[str, ProtocolError] | None = None) -> Message:
    """The ordinary answer; the subjects in `refused` get that error and are not applied."""
    return call.handler(replace(call, refused=refused or {}))


async def for_ever() -> Reply:
    """No answer, and the connection stays open; what comes behind it on this connection waits too."""
    await asyncio.Event().wait()
    raise AssertionError("unreachable")


class Pass:
    """Nothing goes wrong this time."""

    async def play(self, call: Call) -> Reply:
        return Reply(served(call))


@dataclass(frozen=True)
class ErrorFor:
    """One subject is refused, the others are served."""

    name: str
    code: int
    text: str = "refused by the script"

    async def play(self, call: Call) -> Reply:
        return Reply(served(call, {self.name: ProtocolError(self.code, self.text)}))


@dataclass(frozen=True)
class ErrorForAll:
    """Every subject of the request is refused."""

    code: int
    text: str = "refused by the script"

    async def play(self, call: Call) -> Reply:
        return Reply(served(call, dict.fromkeys(call.subjects, ProtocolError(self.code, self.text))))


class LostAnswer:
    """Applied, and the connection breaks before the answer."""

    async def play(self, call: Call) -> Reply:
        served(call)
        raise HangupError


class LostRequest:
    """The connection breaks before anything is done."""

    async def play(self, call: Call) -> Reply:
        raise HangupError


@dataclass(frozen=True)
class Hang:
    """No answer ever, with or without the request carried out."""

    applied: bool = False

    async def play(self, call: Call) -> Reply:
        if self.applied:
            served(call)
        return await for_ever()


@dataclass(frozen=True)
class Late:
    """The answer comes, after that many seconds."""

    seconds: float

    async def play(self, call: Call) -> Reply:
        await asyncio.sleep(self.seconds)
        return Reply(served(call))


@dataclass
class Ghost:
    """No answer; the request is carried out when the test says so, or after that many seconds."""

    seconds: float | None = None
    _held: list[Call] = field(default_factory=list)

    async def play(self, call: Call) -> Reply:
        self._held.append(call)
        if self.seconds is not None:
            asyncio.get_running_loop().call_later(self.seconds, self.appear)
        return await for_ever()

    def appear(self) -> None:
        """Carry out what was held back."""
        while self._held:
            served(self._held.pop(0))


@dataclass(frozen=True)
class Throttled:
    """The quota is used up: the connection is mute for that long. Done, unless there is a code (89: not done)."""

    seconds: float
    code: int = 0

    async def play(self, call: Call) -> Reply:
        error = ProtocolError(self.code, "The throttling quota has been exceeded.")
        body = served(call, dict.fromkeys(call.subjects, error) if self.code else None)
        body.throttle_time_ms = int(self.seconds * 1000)
        return Reply(body, mute=self.seconds)
