"""A client of kafka-python's for what confluent-kafka has no call for, by the same `client:` and secrets.

It is imported when the first question is asked (it costs 0.3 s). It never forgets a controller that died (measured:
UnknownBrokerIdError for ever), so after any error it is made anew, by way of another broker.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from provisioner import trace
from provisioner.errors import UnreachableError
from provisioner.printable import cut, line
from provisioner.stores.kafka import codes
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.kafka_python_login import arguments
from provisioner.stores.kafka.nodes import nodes
from provisioner.stores.kafka.sockets import ClosingSelector
from provisioner.stores.kafka.tls import NoLoginError

TRIES = 3
"""Of one question, each by a new client."""

LONGEST = 200

T = TypeVar("T")


class NoClientError(Exception):
    """Why there is no answer: no way to log in, none in time, or whatever the library makes of one.

    `code`: the cluster's own error code; None where it said nothing. `is_final`: asking again would not help.
    """

    def __init__(self, why: str, code: int | None = None, *, is_final: bool = False) -> None:
        super().__init__(why)
        self.code = code
        self.is_final = is_final


@contextmanager
def admin(connection: Connection) -> Iterator[Any]:
    """An admin client that is closed at the end. Raises NoClientError, also for what its calls raise in the block."""
    with KafkaPython(connection) as client:
        opened = client.opened()
        try:
            yield opened
        except _errors() as error:
            raise _reason(connection, error) from None


@dataclass
class KafkaPython:
    """A context manager: the client is made by the first question, kept while it answers, and closed at the end.

    Each answer is waited for `connection.timeouts.read` at most, a start for `connection.timeouts.tries`.
    """

    connection: Connection
    _admin: Any = None
    _turn: int = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(self, what: str, question: Callable[[Any], T], tries: int = TRIES) -> T:
        """What the question makes of the client; asked again by a new one unless the error is final.

        `tries`: 1 for what must not be sent twice. `what`: for the trace. Raises NoClientError.
        """
        for attempt in range(1, tries + 1):
            opened = self.opened()
            try:
                with trace.asked(self.connection.bootstrap, what):
                    return question(opened)
            except _errors() as error:
                self.close()
                reason = _reason(self.connection, error)
                if reason.is_final or attempt >= tries:
                    raise reason from None
        raise AssertionError("no try at all")

    def opened(self) -> Any:
        """The library's own client. Raises NoClientError where none can be made: nothing was sent then."""
        if self._admin is None:
            self._admin = self._made()
        return self._admin

    def close(self) -> None:
        """Drop the client; the next question makes another one."""
        opened, self._admin = self._admin, None
        if opened is not None:
            with suppress(*_errors()):
                opened.close()

    def _made(self) -> Any:
        try:
            login = arguments(self.connection.properties())
        except NoLoginError as error:
            raise NoClientError(str(error), is_final=True) from None
        for seconds in self.connection.timeouts.tries:
            try:
                return _started(self._next_address(), login, seconds, self.connection.timeouts.read)
            except _errors() as error:
                reason = _reason(self.connection, error)
                if reason.is_final:
                    break
        raise reason

    def _next_address(self) -> str:
        """Of a broker that lives, each in turn: among several the library waits for one that hangs (measured)."""
        try:
            live = nodes(self.connection)
        except UnreachableError as error:
            raise NoClientError(error.message) from None
        self._turn += 1
        node = live[self._turn % len(live)]
        return f"{node.host}:{node.port}"


def _started(address: str, login: dict[str, Any], seconds: float, patience: float) -> Any:
    from kafka.admin import KafkaAdminClient

    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    waits = {"bootstrap_timeout_ms": round(seconds * 1000), "request_timeout_ms": round(patience * 1000)}
    client = KafkaAdminClient.__new__(KafkaAdminClient)
    try:
        client.__init__(
            bootstrap_servers=[address], client_id="provisioner", selector=ClosingSelector, **waits, **login
        )
    except BaseException:
        # Of a client whose start failed `close` closes nothing, and its thread and its socket would live on.
        with suppress(AttributeError):
            client._closed = False
            client.close()
        raise
    return client


def _errors() -> tuple[type[Exception], ...]:
    """All that the library raises: its own, the network's, and those of an answer that it cannot read."""
    from kafka.errors import KafkaError

    return KafkaError, OSError, ValueError, AttributeError, TypeError, KeyError, RuntimeError


def _reason(connection: Connection, error: Exception) -> NoClientError:
    """In words, bounded, and without any secret."""
    code: int | None = getattr(error, "errno", None) if not isinstance(error, OSError) else None
    if code is None or code < 0:
        text = connection.clean(str(error)) or type(error).__name__
        return NoClientError(cut(line(text), LONGEST))
    return NoClientError(codes.named(code), code, is_final=not codes.is_unclear(code))
