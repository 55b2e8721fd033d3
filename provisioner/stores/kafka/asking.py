"""The cluster's own word on changes before they are made: each is sent with validate_only.

Only after a canary has shown that the cluster honours it: on one that does not, a dry run would create (Tansu does).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from provisioner.catalog.topic_config import CONFIG_KEYS
from provisioner.kinds.topic import CONFIG, Topic
from provisioner.reconcile.model import Action, Change, Key, Prepared, Refusal
from provisioner.stores.kafka import codes, reading, requests
from provisioner.stores.kafka.codes import Verdict
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.requests import Request

Changes = Sequence[Change[Topic]]

NOT_ASKED = "not asked whether the cluster would accept it"
NOT_HONOURED = "this cluster does not honour validate_only"
NO_ANSWER = "no clear answer"
AGAIN = "plan again in a minute"
_UNKNOWN = re.compile(r"Unknown topic config name: (\S+)")
"""Said alike from 3.5 to 4.4."""

REQUESTS: tuple[tuple[Action, str, Request], ...] = (
    (Action.CREATE, "", partial(requests.create, validate_only=True)),
    (Action.UPDATE, "partitions", partial(requests.grow, validate_only=True)),
    (Action.UPDATE, "config.", partial(requests.alter, validate_only=True)),
)
"""What is asked of which action, where a field of that name changes. There is no dry run of a deletion."""


def asked(connection: Connection, changes: Changes) -> Iterator[tuple[Key, Prepared]]:
    """What the cluster says against each change, or why it was not asked; nothing for a change that it accepts."""
    todo = [(request, mine) for action, field, request in REQUESTS if (mine := _part(changes, action, field))]
    if not todo:
        return
    honoured = reading.dry_runs_are_dry(connection)
    for request, mine in todo:
        if honoured:
            yield from _answers(connection, request, mine)
        else:
            why = f"{NOT_ASKED}: {NO_ANSWER if honoured is None else NOT_HONOURED}"
            yield from ((change.key, Prepared(notes=(why,))) for change in mine)


def _part(changes: Changes, action: Action, field: str) -> list[Change[Topic]]:
    return [c for c in changes if c.action is action and any(f.field.startswith(field) for f in c.fields)]


def _answers(connection: Connection, request: Request, mine: Changes) -> Iterator[tuple[Key, Prepared]]:
    if len(mine) > reading.DRY_RUN_BATCH:
        connection.progress(f"asking the cluster whether it would accept {len(mine)} changes")
    for portion in reading.portions(mine, reading.DRY_RUN_BATCH):
        yield from _portion(connection, request, portion)


def _portion(connection: Connection, request: Request, portion: Changes) -> Iterator[tuple[Key, Prepared]]:
    """A broker names the first config that it does not know: it is asked again without that one."""
    left = list(portion)
    while left:
        answers, asked_again = request(connection, left), []
        for change in left:
            code, text = answers.get(change.key.name, (codes.TIMED_OUT, ""))
            if key := _unknown(change, code, text):
                yield change.key, Prepared(unknown={CONFIG + key: not_known(key)})
                asked_again.append(_without(change, key))
            elif code:
                yield change.key, _prepared(change, code, connection.clean(text))
        left = [change for change in asked_again if change.before is None or _part([change], change.action, CONFIG)]


def _unknown(change: Change[Topic], code: int, text: str) -> str:
    found = _UNKNOWN.search(text) if code == codes.INVALID_CONFIG else None
    return found[1] if found and any(each.field == CONFIG + found[1] for each in change.fields) else ""


def not_known(key: str) -> str:
    """Why a config is refused: some Kafka has it, or none."""
    known = CONFIG_KEYS.get(key)
    where = f", a config of Kafka {known.where}" if known and known.where else ""
    return f"this cluster does not know {key}{where}"


def _without(change: Change[Topic], key: str) -> Change[Topic]:
    """The same question without one config."""
    config = {name: value for name, value in change.after.config.items() if name != key} if change.after else {}
    after = replace(change.after, config=config) if change.after else None
    return replace(change, after=after, fields=tuple(each for each in change.fields if each.field != CONFIG + key))


def _prepared(change: Change[Topic], code: int, text: str) -> Prepared:
    match codes.verdict(code):
        case Verdict.ACCESS:
            return Prepared(notes=(f"{NOT_ASKED}: no right",))
        case Verdict.WAIT:
            return Prepared(notes=(f"{NOT_ASKED}: its mutation quota is used up",))
        case Verdict.RETRY:
            return Prepared(notes=(f"{NOT_ASKED}: no clear answer ({code})",))
        case Verdict.COMPARE if change.before is None:
            return Prepared(notes=("somebody makes it at the same time: it is compared when its turn comes",))
        case Verdict.COMPARE | Verdict.GONE:
            late = f"it is not as it was read ({text or code})"
            return Prepared((Refusal("stale", late, AGAIN),))
        case Verdict.DECLARED:
            return Prepared((Refusal("cluster", f"the cluster refuses it: {text} ({code})", _way_out(code)),))


def _way_out(code: int) -> str:
    if code == codes.POLICY_VIOLATION:
        return "a policy of the cluster decides that: ask the platform team"
    return "correct the declaration"
