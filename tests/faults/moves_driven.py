"""The tool in a process of its own, hurt around the steps of a move: dead there, or standing still until told to go on.

FAULT_KILL, FAULT_STOP: `before-note:1` is the moment before the first note of a wave, `after-request:2` that after the
second request. FAULT_LEASE: for how many seconds a claim holds; left out: as long as the program has it. FAULT_FREE:
`BYTES:N`, from the Nth question on no disk is said to have more than so many bytes free.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

from provisioner import cli
from provisioner.commands.waiting import Patience
from provisioner.stores.kafka import log_dirs, reassignments, throttles
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.log_dirs import LogDirs
from provisioner.stores.kafka.moving.beginning import Beginning
from provisioner.stores.kafka.moving.claim import Turn
from provisioner.stores.kafka.timeouts import Timeouts
from tests.faults.driven import call

POINTS: tuple[tuple[Any, str, str], ...] = (
    (Turn, "take", "claim"),
    (Turn, "give_back", "return"),
    (Beginning, "_note", "note"),
    (throttles, "put", "throttle"),
    (throttles, "remove", "removal"),
    (reassignments, "alter", "request"),
    (reassignments, "cancel", "cancellation"),
    (Patience, "__call__", "look"),
)


def around(owner: Any, name: str, word: str) -> None:
    """A moment before and after each call of a function."""
    original: Callable[..., Any] = getattr(owner, name)

    def stepped(*arguments: Any, **named: Any) -> Any:
        call(f"before-{word}")
        result = original(*arguments, **named)
        call(f"after-{word}")
        return result

    setattr(owner, name, stepped)


def leased(seconds: float) -> None:
    """Claims that hold for so long."""
    original = Timeouts.of
    Timeouts.of = lambda words: replace(original(words), lease=seconds)  # type: ignore[method-assign]


def filled(most: int, since: int) -> None:
    """Disks that are said to be nearly full, from one question on."""
    original, questions = log_dirs.log_dirs, count(1)

    def asked(connection: Connection, names: Sequence[str]) -> LogDirs:
        answer = original(connection, names)
        if next(questions) < since:
            return answer
        return replace(answer, dirs=[replace(each, usable=min(most, each.usable or 0)) for each in answer.dirs])

    log_dirs.log_dirs = asked


def main() -> int:
    for owner, name, word in POINTS:
        around(owner, name, word)
    if lease := os.environ.get("FAULT_LEASE"):
        leased(float(lease))
    if free := os.environ.get("FAULT_FREE"):
        most, since = free.split(":")
        filled(int(most), int(since))
    return cli.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
