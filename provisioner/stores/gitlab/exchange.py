"""One question over HTTP and its whole answer, within a size and a time; nothing is followed, nothing tried again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests

from provisioner import trace
from provisioner.stores.prometheus import in_time, session

CHUNK = 64 * 1024
_PLAINLY = {"Accept-Encoding": "identity"}


class SilentError(Exception):
    """No whole answer, and why, in words without an address."""


class TooLargeError(Exception):
    """An answer beyond what is read."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. `what`: how messages name it, without a query or a secret; `limit`: bytes of the answer.

    `token`: what lets us in, empty where nobody has to know.
    """

    method: str
    url: str
    host: str
    what: str
    limit: int
    parameters: Mapping[str, str] = field(default_factory=dict, repr=False)
    document: Mapping[str, Any] | None = field(default=None, repr=False)
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """The status, the headers by their names in small letters, and the bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Line:
    """How the server is reached: through which proxy, vouched for by which file, with what patience in seconds."""

    proxy: str | None = None
    ca: str | None = None
    silence: float = 20.0


def asked(question: Question, line: Line, seconds: float) -> Answer:
    """The whole answer within so many seconds. Raises SilentError or TooLargeError."""
    with trace.asked(question.host, f"{question.method} {question.what}"):
        # In a thread: a server that lets its answer drip never runs into a time-out between two bytes.
        found = in_time({"answer": lambda: _tried(question, line, seconds)}, seconds).get("answer")
        if found is None:
            raise SilentError(f"no whole answer within {seconds:.0f} s")
        if isinstance(found, Exception):
            raise found
        return found


def _tried(question: Question, line: Line, seconds: float) -> Answer | Exception:
    try:
        return _answered(question, line, seconds)
    except TooLargeError as error:
        return error
    except requests.Timeout:
        return SilentError("no answer in time")
    except (requests.RequestException, OSError, ValueError) as error:
        # Its own text may hold the whole address, and that of an object storage is as good as a password.
        return SilentError(f"the connection failed ({type(error).__name__})")


def _answered(question: Question, line: Line, seconds: float) -> Answer:
    patience = max(0.01, min(line.silence, seconds))
    with session(line.proxy) as asking, _opened(asking, question, line, patience) as answer:
        if answer.headers.get("Content-Encoding", "identity") != "identity":
            raise ValueError("packed, which nobody asked for")
        body = b"".join(_bounded(answer, question.limit))
        return Answer(answer.status_code, {name.lower(): text for name, text in answer.headers.items()}, body)


@contextmanager
def _opened(asking: requests.Session, question: Question, line: Line, patience: float) -> Iterator[requests.Response]:
    with asking.request(
        question.method,
        question.url,
        params=dict(question.parameters),
        json=question.document,
        headers={**_PLAINLY, **({"PRIVATE-TOKEN": question.token} if question.token else {})},
        timeout=patience,
        allow_redirects=False,
        stream=True,
        verify=line.ca or True,
    ) as answer:
        yield answer


def _bounded(answer: requests.Response, limit: int) -> Iterator[bytes]:
    size = 0
    for chunk in answer.iter_content(CHUNK):
        size += len(chunk)
        if size > limit:
            raise TooLargeError(f"more than {limit / 1048576:.0f} MiB")
        yield chunk
