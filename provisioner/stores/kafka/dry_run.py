"""The cluster's own word on changes before they are made: each is sent with validate_only.

Only after a canary has shown that the cluster honours it: on one that does not, a dry run would create (Tansu does).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from confluent_kafka.admin import NewTopic

from provisioner.catalog.topic_config import CONFIG_KEYS
from provisioner.kinds.topic import CONFIG
from provisioner.kinds.topic_spec import TopicSpec
from provisioner.reconcile.change import Change
from provisioner.reconcile.model import Key, Prepared, Refusal
from provisioner.stores.kafka import codes, reading
from provisioner.stores.kafka.codes import Verdict
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.operations import OPERATIONS, Operation

Changes = Sequence[Change[TopicSpec]]

BATCH = 500
ILLEGAL_NAME = "not a legal name!"
NOT_ASKED = "not asked whether the cluster would accept it"
NOT_HONOURED = "this cluster does not honour validate_only"
NO_ANSWER = "no clear answer"
AGAIN = "plan again in a minute"
_UNKNOWN = re.compile(r"Unknown topic config name: (\S+)")
"""Worded alike from 3.5 to 4.4."""


def creations(connection: Connection, names: Sequence[str], tries: int = reading.READ_TRIES) -> dict[str, int]:
    """What the controller says to creating each name, nothing created: 36 exists, 29 no right, else absent.

    The one question answered from the controller's own state: listings and descriptions may be half a minute late.
    """
    timeouts = connection.timeouts

    def ask(portion: Sequence[str]) -> dict[str, int]:
        topics = [NewTopic(name, num_partitions=1, replication_factor=-1) for name in portion]
        waits = {"request_timeout": timeouts.read, "operation_timeout": timeouts.read}
        futures = connection.reader.create_topics(topics, validate_only=True, **waits)
        return {name: _code(future, timeouts.read_future) for name, future in futures.items()}

    answers: dict[str, int] = {}
    for portion in reading.portions(names, BATCH):
        answers.update(reading.answered(connection, portion, ask, tries))
    return answers


def _code(future: Any, patience: float) -> int:
    try:
        future.result(patience)
    except codes.FUTURE_ERRORS as error:
        return codes.code_of(error)[0]
    return codes.OK


def is_honoured(connection: Connection) -> bool | None:
    """False on a cluster that accepts an illegal name even as a dry run: there validate_only may really create.

    None where no clear answer came: nothing is known of it then.
    """
    answer = creations(connection, [ILLEGAL_NAME])[ILLEGAL_NAME]
    if answer == codes.INVALID_TOPIC or codes.is_denied(answer):
        return True
    return None if codes.is_unclear(answer) else False


def objections(connection: Connection, changes: Changes) -> Iterator[tuple[Key, Prepared]]:
    """What the cluster says against each change, or why it was not asked; nothing for a change that it accepts."""
    operations = [operation(connection) for operation in OPERATIONS if operation.has_dry_run]
    todo = [(operation, part) for operation in operations if (part := operation.part(changes))]
    if not todo:
        return
    honoured = is_honoured(connection)
    for operation, part in todo:
        if honoured:
            yield from _answers(operation, part)
        else:
            why = f"{NOT_ASKED}: {NO_ANSWER if honoured is None else NOT_HONOURED}"
            yield from ((change.key, Prepared(notes=(why,))) for change in part)


def _answers(operation: Operation, part: Changes) -> Iterator[tuple[Key, Prepared]]:
    if len(part) > BATCH:
        operation.connection.progress(f"asking the cluster whether it would accept {len(part)} changes")
    for portion in reading.portions(part, BATCH):
        yield from _portion(operation, portion)


def _portion(operation: Operation, portion: Changes) -> Iterator[tuple[Key, Prepared]]:
    """A broker names the first config that it does not know: it is asked again without that one."""
    left = list(portion)
    while left:
        answers, without = operation.request(left, validate_only=True), []
        for change in left:
            code, text = answers.get(change.key.name, (codes.TIMED_OUT, ""))
            if key := _unknown(change, code, text):
                yield change.key, Prepared(unknown={CONFIG + key: not_known(key)})
                without.append(_without(change, key))
            elif code:
                yield change.key, _prepared(change, code, operation.connection.clean(text))
        left = operation.part(without)


def _unknown(change: Change[TopicSpec], code: int, text: str) -> str:
    match = _UNKNOWN.search(text) if code == codes.INVALID_CONFIG else None
    return match[1] if match and any(each.field == CONFIG + match[1] for each in change.fields) else ""


def not_known(key: str) -> str:
    """Why a config is refused: some Kafka has it, or none."""
    known = CONFIG_KEYS.get(key)
    where = f", a config of Kafka {known.where}" if known and known.where else ""
    return f"this cluster does not know {key}{where}"


def _without(change: Change[TopicSpec], key: str) -> Change[TopicSpec]:
    """The same question without one config."""
    config = {name: value for name, value in change.after.config.items() if name != key} if change.after else {}
    after = replace(change.after, config=config) if change.after else None
    return replace(change, after=after, listed=tuple(each for each in change.fields if each.field != CONFIG + key))


def _prepared(change: Change[TopicSpec], code: int, text: str) -> Prepared:
    match codes.verdict(code):
        case Verdict.DENIED:
            return Prepared(notes=(f"{NOT_ASKED}: no right",))
        case Verdict.WAIT:
            return Prepared(notes=(f"{NOT_ASKED}: its mutation quota is used up",))
        case Verdict.RETRY:
            return Prepared(notes=(f"{NOT_ASKED}: no clear answer ({codes.named(code)})",))
        case Verdict.CONFLICT if change.before is None:
            return Prepared(notes=("somebody makes it at the same time: it is compared when its turn comes",))
        case Verdict.CONFLICT | Verdict.NOT_FOUND:
            late = f"it is not as it was read ({text or code})"
            return Prepared((Refusal("stale", late, AGAIN),))
        case Verdict.INVALID:
            return Prepared((Refusal("cluster", f"the cluster refuses it: {text} ({code})", _way_out(code)),))


def _way_out(code: int) -> str:
    if code == codes.POLICY_VIOLATION:
        return "a policy of the cluster decides that: ask the platform team"
    return "correct the declaration"
