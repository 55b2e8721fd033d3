"""What was asked of whom and how long the answer took, in lines for `--debug`; silent unless somebody listens.

Of a question its kind and its size are shown, never what it carries; a secret that slips into an error is masked.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from provisioner import printable

LONGEST = 300
_USER = re.compile(r"//[^/\s@]*@")
_lock = threading.Lock()


class _Listening:
    """Who listens, since when, and what is masked. One to a process, as a log is."""

    tell: Callable[[str], None] | None = None
    begun = 0.0
    secrets: frozenset[str] = frozenset()


def listen(tell: Callable[[str], None] | None) -> None:
    """From here on each question is told; None: silence."""
    _Listening.tell, _Listening.begun, _Listening.secrets = tell, time.monotonic(), frozenset()


def hide(secrets: Iterable[str]) -> None:
    """Texts that no line shows."""
    _Listening.secrets |= {secret for secret in secrets if secret}


@contextmanager
def asked(whom: str, what: str) -> Iterator[None]:
    """One question and its answer, or the error in its place."""
    if _Listening.tell is None:
        yield
        return
    begun = time.monotonic()
    _line(whom, what, "asked")
    try:
        yield
    except BaseException as error:
        _line(whom, what, f"{type(error).__name__}: {error}", begun)
        raise
    _line(whom, what, "answered", begun)


def traced(client: Any, whom: str) -> Any:
    """The client, each of whose calls is told; the client itself where nobody listens."""
    return client if _Listening.tell is None else _Traced(client, whom)


class _Traced:
    """Calls, and the futures that some of them return by name."""

    def __init__(self, client: Any, whom: str) -> None:
        self._client = client
        self._whom = whom

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        return partial(self._call, name, found) if callable(found) and name not in _OFTEN else found

    def _call(self, name: str, method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        what = f"{name}{_size(args)}"
        with asked(self._whom, what):
            answer = method(*args, **kwargs)
        if isinstance(answer, dict):
            _follow(self._whom, what, list(answer.values()))
        return answer


_OFTEN = frozenset({"poll", "produce"})
"""Calls that ask nobody anything."""


def _size(args: tuple[Any, ...]) -> str:
    """Of how many: the first argument is a list, or one of confluent-kafka's collections."""
    first = getattr(args[0], "topic_names", args[0]) if args else None
    return f" of {len(first)}" if isinstance(first, (list, tuple, set, dict)) else ""


def _follow(whom: str, what: str, futures: list[Any]) -> None:
    """One line when the last of them has its answer."""
    begun, left, failed = time.monotonic(), [len(futures)], [0]

    def done(future: Any) -> None:
        with _lock:
            left[0] -= 1
            failed[0] += future.exception() is not None
        if not left[0]:
            _line(whom, what, f"{len(futures)} answers, {failed[0]} of them errors", begun)

    for future in futures:
        if hasattr(future, "add_done_callback"):
            future.add_done_callback(done)


def _line(whom: str, what: str, became: str, begun: float | None = None) -> None:
    if (tell := _Listening.tell) is None:
        return
    now = time.monotonic()
    took = "" if begun is None else f" after {now - begun:.3f} s"
    text = f"{whom}: {what}: {became}{took}"
    for secret in _Listening.secrets:
        text = text.replace(secret, "***")
    tell(f"debug {now - _Listening.begun:8.3f}  {printable.cut(printable.line(_USER.sub('//***@', text)), LONGEST)}")
