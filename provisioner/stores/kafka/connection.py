"""The two clients of a run: one writes, one reads and probes, since a waiting create blocks its connection."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from provisioner import trace
from provisioner.catalog.model import Secret
from provisioner.errors import UnreachableError
from provisioner.stores.kafka.credentials import introduction, resolved
from provisioner.stores.kafka.timeouts import Timeouts

Progress = Callable[[str], None]

HOPELESS = KafkaError._AUTHENTICATION, KafkaError._SSL
DOWN = (KafkaError._ALL_BROKERS_DOWN,)

SETUP_MS = 30_000
"""librdkafka's own time for a connection's name, TLS and login: never less than we wait ourselves."""

_FIXED = {
    # True by default: asking for a topic by name would create it.
    "allow.auto.create.topics": "false",
    "log_level": "0",
    "client.id": "provisioner",
}

_CAUSES = (
    (
        ("authentication", "sasl"),
        "the brokers refuse the credentials",
        "check the user, the password and sasl.mechanism",
    ),
    (("ssl", "certificate", "tls"), "the TLS handshake fails", "check security.protocol, the port and ssl.ca.location"),
    (
        ("apiversion", "security.protocol"),
        "the brokers close the connection",
        "security.protocol does not fit the port",
    ),
    (("resolve",), "the name of a broker is unknown", "check bootstrap: and the network's name service"),
    (("connect", "refused", "down"), "nothing answers at the address", "check bootstrap:, the port and the network"),
)
"""Words of librdkafka's, what they mean, and what to look at; the first row that fits."""

# librdkafka begins with sasl_ssl://host:9093: neither that nor a host's name says what went wrong.
_ADDRESS = re.compile(r"\S+:\d+\S*|'[^']*'")


@dataclass
class Connection:
    """How to reach one cluster: librdkafka's properties, the secrets among them read when a client is made.

    `vouched`: a base names this address as well; else it is announced, with the names of the secrets, before it is
    used. `timeouts`: how long this cluster is waited for, also by whoever uses the clients. `live`: where what changes
    from second to second is shown.
    """

    bootstrap: str
    client: Mapping[str, str | Secret]
    environment: Mapping[str, str]
    progress: Progress
    vouched: bool = True
    timeouts: Timeouts = field(default_factory=Timeouts)
    secrets: tuple[str, ...] = ()
    live: Progress | None = None
    _reader: AdminClient | None = None
    _writer: AdminClient | None = None
    _errors: list[tuple[int, str]] = field(default_factory=list)
    _throttled_until: float = 0.0
    _introduced: bool = False
    _has_answered: bool = False
    _given_up: UnreachableError | None = None

    @property
    def reader(self) -> AdminClient:
        """The client for reads and probes."""
        if self._reader is None:  # not `or`: a client without queued messages is false
            self._reader = self._new_admin()
        return self._reader

    @property
    def writer(self) -> AdminClient:
        """The client for writes."""
        if self._writer is None:
            self._writer = self._new_admin()
        return self._writer

    def tick(self, text: str) -> None:
        """Show what will be shown anew in a moment."""
        (self.live or self.progress)(text)

    def recover(self) -> None:
        """After reads without an answer: a new reader, and a question to any broker so that it learns who lives."""
        self._reader = None
        self.listing()

    def renew_writer(self) -> None:
        """After a time-out with the request sent: its connection is blocked behind the unanswered request."""
        self._writer = None

    def settings(self) -> dict[str, Any]:
        """librdkafka's properties, secrets among them. Raises UnreachableError if one cannot be read."""
        properties = self.properties()
        waits = {"socket.timeout.ms": str(round(self.timeouts.wire * 1000))}
        setup = {"socket.connection.setup.timeout.ms": str(max(SETUP_MS, round(self.timeouts.connect * 1000)))}
        return {**setup, **properties, **_FIXED, **waits, "bootstrap.servers": self.bootstrap}

    def properties(self) -> dict[str, str]:
        """What the files say of the login, secrets read; whatever is not vouched for is announced first.

        Raises UnreachableError if a secret cannot be read.
        """
        self._introduce()
        properties, self.secrets = resolved(self.client, self.environment)
        trace.hide(self.secrets)
        return properties

    def _new_admin(self) -> AdminClient:
        client: AdminClient = self.new_client(AdminClient, {"throttle_cb": self._note_throttle})
        return client

    def new_client(self, kind: Callable[[dict[str, Any]], Any], own: Mapping[str, Any]) -> Any:
        """A new client of librdkafka's for this cluster, made by `kind`; `own`: properties besides the connection's.

        What it notes about its connections helps to name the cause of what goes wrong. Raises UnreachableError.
        """
        try:
            return trace.traced(kind({**self.settings(), "error_cb": self._note_error, **own}), self.bootstrap)
        except KafkaException as error:
            raise UnreachableError(f"the client cannot be made: {self.clean(_text(error))}", "check client:") from None

    def _introduce(self) -> None:
        if not self.vouched and not self._introduced:
            self._introduced = True
            self.progress(introduction(self.bootstrap, self.client))

    def _note_error(self, error: KafkaError) -> None:
        self._errors.append((error.code(), f"{error.name()} {error.str()}"))

    def _note_throttle(self, event: Any) -> None:
        # A throttled answer mutes the connection: any request sent before that time hangs and times out.
        if event.throttle_time > 0:
            self._throttled_until = time.monotonic() + event.throttle_time + 0.5

    def wait_for_quota(self) -> None:
        """Deliver callbacks, and wait out a mutation quota before anything else is sent."""
        self.writer.poll(0)
        wait = self._throttled_until - time.monotonic()
        if wait > 0:
            self.progress(f"the cluster's mutation quota makes us wait {wait:.0f} s")
            time.sleep(wait)

    def listing(self, topic: str | None = None) -> Any:
        """Cluster metadata from any broker. Raises UnreachableError in words for people.

        A cluster that has never answered in this run is asked once: several stores are behind one connection.
        """
        if self._given_up is not None:
            raise self._given_up
        deadline, last = time.monotonic() + self.timeouts.refused, ""
        for patience in self.timeouts.tries:
            try:
                metadata = self.reader.list_topics(topic=topic, timeout=patience)
            except KafkaException as error:
                last = _text(error)
                self.reader.poll(0)
                if self._has_noted(*HOPELESS) or (self._has_noted(*DOWN) and time.monotonic() > deadline):
                    break
                continue
            # What went wrong before an answer is not the cause of what goes wrong after it.
            self._errors.clear()
            self._has_answered = True
            return metadata
        reason = self._unreachable(last)
        self._given_up = None if self._has_answered else reason
        raise reason

    def _has_noted(self, *codes: int) -> bool:
        """Only the error callback gets these; the call itself would wait for its whole time."""
        return any(code in codes for code, _ in self._errors)

    def _unreachable(self, last: str) -> UnreachableError:
        texts = [*(text for _, text in self._errors), last]
        for words, what, hint in _CAUSES:
            if fitting := [text for text in texts if any(word in _without_addresses(text) for word in words)]:
                return UnreachableError(f"{self.bootstrap}: {what} ({self.clean(fitting[-1])})", hint)
        return UnreachableError(
            f"{self.bootstrap} does not answer ({self.clean(last)})", "check bootstrap: and the network"
        )

    def probe(self, topic: str | None) -> None:
        """Make the clients forget a dead controller: they ask any broker, which names a live one.

        Without this every create after a broker's death times out for minutes (measured on 4.4). An unknown topic's
        name would start a search in the background, so `topic` must exist; None: all topics are asked for.
        """
        named = {"topic": topic} if topic else {}
        for client in (self.writer, self.reader):
            with suppress(KafkaException):
                client.list_topics(**named, timeout=self.timeouts.probe)

    def clean(self, text: str) -> str:
        """The text without any secret's value."""
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return text


def _text(error: KafkaException) -> str:
    inner = error.args[0] if error.args else error
    return inner.str() if isinstance(inner, KafkaError) else str(inner)


def _without_addresses(text: str) -> str:
    return _ADDRESS.sub("", text).lower()
