"""Whether a topic exists that brokers do not show, or do not agree on: hidden, late, or absent. Never guessed."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from provisioner.stores.kafka import codes, dry_run, reading
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.reading import DISPUTED, Configs, Shape

_NAME = re.compile(r"[A-Za-z0-9._-]{1,249}")
LATE = "it exists, but the brokers do not show it yet; plan again in a minute"


@dataclass
class Resolved:
    """What is known now: `late` topics exist after all, `unsure` names cannot be vouched for; the rest is absent.

    `free`: absent on the controller's own word.
    """

    late: dict[str, Shape] = field(default_factory=dict)
    unsure: dict[str, str] = field(default_factory=dict)
    free: frozenset[str] = frozenset()
    notes: dict[str, tuple[str, ...]] = field(default_factory=dict)


def resolve_missing(connection: Connection, names: Sequence[str]) -> Resolved:
    """Ask for each by its name, and the controller by a dry-run create: the only answer from its own truth."""
    resolved = Resolved()
    if not names:
        return resolved
    # An entry that errors of the files hold back may be called anything.
    described = reading.by_name(connection, [name for name in names if _NAME.fullmatch(name)])
    resolved.unsure.update({name: why for name, answer in described.items() if (why := answer.hidden)})
    resolved.late.update({name: answer.shape for name, answer in described.items() if answer.shape})
    absent = [name for name, answer in described.items() if answer.code == codes.UNKNOWN_TOPIC]
    answers = _of_controller(connection, absent)
    resolved.free = frozenset(name for name, code in answers.items() if code == codes.OK)
    _wait_for(connection, [name for name, code in answers.items() if code == codes.TOPIC_EXISTS], resolved)
    resolved.unsure.update({name: reading.silent(code) for name, code in answers.items() if codes.is_unclear(code)})
    no_right = (f"{dry_run.NOT_ASKED}: no right",)
    resolved.notes.update({name: no_right for name, code in answers.items() if codes.is_denied(code)})
    return resolved


def resolve_disputed(connection: Connection, names: Sequence[str]) -> Resolved:
    """Names that one broker lists and another one denies: half a minute after a deletion, or right after a creation.

    Where not even the controller says which, nothing is known of them.
    """
    resolved = resolve_missing(connection, names)
    known = {*resolved.late, *resolved.unsure, *resolved.free}
    resolved.unsure.update({name: DISPUTED for name in names if name not in known})
    return resolved


def _of_controller(connection: Connection, absent: Sequence[str]) -> dict[str, int]:
    honoured = dry_run.is_honoured(connection) if absent else False
    if honoured is None:
        return dict.fromkeys(absent, codes.TIMED_OUT)
    return dry_run.creations(connection, absent) if honoured else {}


def _wait_for(connection: Connection, late: Sequence[str], resolved: Resolved) -> None:
    deadline = time.monotonic() + connection.timeouts.late
    while late and time.monotonic() < deadline:
        what = "1 topic exists" if len(late) == 1 else f"{len(late)} topics exist"
        connection.progress(f"{what}, but not every broker shows that yet")
        time.sleep(connection.timeouts.late_pause)
        described = reading.by_name(connection, late)
        resolved.late.update({name: answer.shape for name, answer in described.items() if answer.shape})
        late = [name for name in late if name not in resolved.late]
    resolved.unsure.update(dict.fromkeys(late, LATE))


def configs(
    connection: Connection, shapes: dict[str, Shape], inherited: frozenset[str]
) -> tuple[dict[str, Configs], dict[str, str]]:
    """The configs that could be read of the topics in `shapes`, and why others could not.

    A topic that some brokers deny is looked for; one that exists after all gets its newest shape in `shapes`.
    """
    known, unread = _read(connection, shapes, inherited)
    unsure: dict[str, str] = {}
    deadline = time.monotonic() + connection.timeouts.late
    while denied := [name for name, code in unread.items() if code == codes.UNKNOWN_TOPIC]:
        if time.monotonic() > deadline:
            break
        disputed = resolve_disputed(connection, denied)
        shapes.update(disputed.late)
        late, again = _read(connection, disputed.late, inherited)
        known, unread = known | late, {name: unread[name] for name in unread if name not in denied} | again
        unsure.update(disputed.unsure)
    return known, {**unsure, **{name: reading.unreadable(code) for name, code in unread.items()}}


def _read(
    connection: Connection, shapes: Mapping[str, Shape], inherited: frozenset[str]
) -> tuple[dict[str, Configs], dict[str, int]]:
    """Each topic's configs, or the error code."""
    answers = dict(reading.configs(connection, list(shapes), inherited))
    known = {name: answer for name, answer in answers.items() if isinstance(answer, Configs)}
    return known, {name: answer for name, answer in answers.items() if isinstance(answer, int)}
