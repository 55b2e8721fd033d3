"""What a person reads where the record's topic cannot be read, made or written: what and why, then what to do."""

from __future__ import annotations

from provisioner.stores.kafka import codes, reading
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.record_reading import MADE_ANEW
from provisioner.stores.kafka.record_writing import UNACKNOWLEDGED

Words = tuple[str, str]
"""A message and its hint, as our errors take them."""

ANEW = "it was deleted or made anew since it was read"
NO_READ = "our user lacks READ on the topic"
_LOST = "plan again; if nobody meant it to go, docs/record-topic.md says what to do where a record is lost"


def grant(operation: str, topic: str) -> str:
    """The command that gives a right; what our user is called is the cluster's affair."""
    return f"kafka-acls --add --allow-principal User:... --operation {operation} --topic {topic}"


def hidden(connection: Connection, topic: str, why: str) -> Words:
    """It may exist, and hold anything."""
    what = f"{connection.bootstrap}: the record {topic} cannot be read; {connection.clean(why)}"
    return what, f"the right that it needs: {grant('Read', topic)}"


def unread(connection: Connection, topic: str, code: int) -> Words:
    """Its records were asked for, and gave that error."""
    if code in (codes.UNKNOWN_TOPIC, MADE_ANEW):
        return anew(connection, topic)
    return hidden(connection, topic, NO_READ if codes.is_denied(code) else reading.silent(code))


def anew(connection: Connection, topic: str) -> Words:
    """What was read of it says nothing of what is there now."""
    return f"{connection.bootstrap}: the record {topic} is not the one that was read; {ANEW}", _LOST


def unanswered(connection: Connection, topic: str, code: int) -> Words:
    """Nobody knows whether it was made."""
    why = f"the brokers gave no clear answer ({codes.named(code)})"
    return f"{connection.bootstrap}: the record {topic} cannot be made; {why}", "run it again in a minute"


def unmade(connection: Connection, topic: str, code: int, text: str) -> Words:
    """The cluster refuses to make it."""
    what = f"{connection.bootstrap}: the record {topic} cannot be made"
    if codes.is_denied(code):
        return f"{what}; our user lacks CREATE on the topic", f"the right that it needs: {grant('Create', topic)}"
    why = f"the cluster refuses it: {connection.clean(text)} ({code})"
    return f"{what}; {why}", "make it by hand, compacted and of one partition: docs/record-topic.md"


def unwritten(connection: Connection, topic: str, code: int) -> Words:
    """Surely no record was written, for that reason."""
    what = f"{connection.bootstrap}: the record {topic} cannot be written"
    if codes.is_denied(code):
        return f"{what}; our user lacks WRITE on the topic", f"the right that it needs: {grant('Write', topic)}"
    if code == codes.TOO_LARGE:
        return f"{what}; {doubt(code)}", "raise max.message.bytes of the topic, or declare less in one entry"
    return f"{what}; the topic is gone", _LOST


def doubt(code: int) -> str:
    """Why a key is not known to be written."""
    return f"no acknowledgement in time, {code}" if code in UNACKNOWLEDGED else codes.named(code)
