"""Faults of the answer: the request is carried out as if nothing were wrong."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.fake.apis import Message
from tests.fake.call import Call
from tests.fake.faults import Reply, served


@dataclass(frozen=True)
class DoneButSays:
    """Everything is applied, yet the answer has this error for the named subjects (none named: for all)."""

    code: int
    names: tuple[str, ...] = ()
    text: str = "said by the script"

    async def play(self, call: Call) -> Reply:
        body = served(call)
        for result in results(call, body):
            if not self.names or subject(call, result) in self.names:
                result.error_code, result.error_message = self.code, self.text
        return Reply(body)


@dataclass(frozen=True)
class Malformed:
    """An answer that cannot be parsed; the request is done."""

    data: bytes = b"\x00\x00\x00\x00\x00\x7f\xff\xff\xff\xff\xff"
    """No throttle time, and then more results than there are bytes."""

    async def play(self, call: Call) -> Reply:
        served(call)
        return Reply(self.data)


@dataclass(frozen=True)
class Doctored:
    """The request is done, and the list of results changed before it goes out."""

    change: Callable[[Call, list[Any]], list[Any]]

    async def play(self, call: Call) -> Reply:
        body = served(call)
        setattr(body, call.frame.api.results, self.change(call, results(call, body)))
        return Reply(body)


def results(call: Call, body: Message) -> list[Any]:
    """The results of an answer, one a subject."""
    return list(getattr(body, call.frame.api.results))


def subject(call: Call, result: Any) -> str:
    """The topic that a result is about."""
    return str(getattr(result, call.frame.api.subject))


def missing(name: str) -> Doctored:
    """The answer lacks the result of that subject.

    Name the last one: if any other is missing, librdkafka's Python binding (2.16) reads past the end of its list and
    the process dies of a segmentation fault.
    """
    return Doctored(lambda call, found: [each for each in found if subject(call, each) != name])


def duplicated(name: str) -> Doctored:
    """The answer has that subject's result twice, and the others' once."""
    return Doctored(lambda call, found: [*found, *(each for each in found if subject(call, each) == name)])


def renamed(name: str, other: str) -> Doctored:
    """The answer speaks of a topic that nobody asked about."""

    def change(call: Call, found: list[Any]) -> list[Any]:
        strange = copy.deepcopy(found)
        for each in strange:
            if subject(call, each) == name:
                setattr(each, call.frame.api.subject, other)
        return strange

    return Doctored(change)
