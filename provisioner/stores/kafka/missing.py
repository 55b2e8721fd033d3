"""Names that the listing lacks: hidden for want of rights, late, or absent. Never guessed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from provisioner.stores.kafka import codes, reading
from provisioner.stores.kafka.asking import NOT_ASKED
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.reading import Described, Shape

LATE_SECONDS = 30.0
DISPUTED = "one broker lists it, another one denies that it exists; plan again in a minute"
LATE = "it exists, but the brokers do not show it yet; plan again in a minute"


@dataclass
class Missing:
    """What was found out: `late` topics exist after all, `unsure` names cannot be vouched for; the rest is absent.

    `free`: absent on the controller's own word.
    """

    late: dict[str, Shape] = field(default_factory=dict)
    unsure: dict[str, str] = field(default_factory=dict)
    free: frozenset[str] = frozenset()
    notes: dict[str, tuple[str, ...]] = field(default_factory=dict)


def found_out(connection: Connection, names: Sequence[str]) -> Missing:
    """Ask for each by its name, and the controller by a dry-run create: the only answer from its own truth."""
    missing = Missing()
    if not names:
        return missing
    described = reading.by_name(connection, names)
    missing.unsure.update({name: why for name, answer in described.items() if (why := hidden(answer))})
    missing.late.update({name: answer.shape for name, answer in described.items() if answer.shape})
    absent = [name for name, answer in described.items() if answer.code == codes.UNKNOWN_TOPIC]
    said = _asked(connection, absent)
    missing.free = frozenset(name for name, code in said.items() if code == codes.OK)
    _wait_for(connection, [name for name, code in said.items() if code == codes.TOPIC_EXISTS], missing)
    missing.unsure.update({name: silent(code) for name, code in said.items() if _is_no_answer(code)})
    missing.notes.update({name: (f"{NOT_ASKED}: no right",) for name, code in said.items() if code in codes.DENIED})
    return missing


def disputed(connection: Connection, names: Sequence[str]) -> Missing:
    """Names that one broker lists and another one denies: half a minute after a deletion, or right after a creation.

    Where not even the controller says which, nothing is known of them.
    """
    missing = found_out(connection, names)
    settled = {*missing.late, *missing.unsure, *missing.free}
    missing.unsure.update({name: DISPUTED for name in names if name not in settled})
    return missing


def _asked(connection: Connection, absent: Sequence[str]) -> dict[str, int]:
    honoured = reading.dry_runs_are_dry(connection) if absent else False
    if honoured is None:
        return dict.fromkeys(absent, codes.TIMED_OUT)
    return reading.dry_creates(connection, absent) if honoured else {}


def _wait_for(connection: Connection, late: Sequence[str], missing: Missing) -> None:
    deadline = time.monotonic() + LATE_SECONDS
    while late and time.monotonic() < deadline:
        connection.progress(f"{len(late)} topics exist, but a broker does not show them yet")
        time.sleep(1)
        described = reading.by_name(connection, late)
        missing.late.update({name: answer.shape for name, answer in described.items() if answer.shape})
        late = [name for name in late if name not in missing.late]
    missing.unsure.update(dict.fromkeys(late, LATE))


def hidden(answer: Described) -> str | None:
    """Why a topic's own description does not say whether it exists; None where it does."""
    if answer.code in codes.DENIED:
        return f"hidden: it may exist, but our user lacks {codes.RIGHTS['describe']}"
    return None if answer.shape or answer.code == codes.UNKNOWN_TOPIC else silent(answer.code)


def silent(code: int) -> str:
    """No clear answer, in words."""
    return f"the brokers gave no clear answer about it ({code}); plan again"


def unreadable(code: int) -> str:
    """Why a topic's configs could not be read."""
    if code in codes.DENIED:
        return f"its configs cannot be read: our user lacks {codes.RIGHTS['configs']}"
    return DISPUTED if code == codes.UNKNOWN_TOPIC else silent(code)


def _is_no_answer(code: int) -> bool:
    return codes.verdict(code) in (codes.Verdict.RETRY, codes.Verdict.WAIT)
