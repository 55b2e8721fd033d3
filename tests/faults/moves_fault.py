"""What the faults of moves share: what came of one, and waiting for a moment of a copy."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import psutil

from tests.faults import moves_witness, tool
from tests.faults.moves_case import MovesCase
from tests.faults.tool import Result

PATIENCE = 90.0
"""Seconds until a moment comes that has to come."""


@dataclass
class Hurt:
    """What came of a fault. `codes`: with which the runs may end; `killed`: brokers that died, whose partitions may
    have another leader since. `is_cancelled`: replicas may have come and gone. `again`: the command by which somebody
    goes on, `replicas continue` by itself where it is empty. `violations`: what the fault itself saw.
    """

    results: list[Result]
    codes: set[int] = field(default_factory=lambda: {0})
    killed: frozenset[int] = frozenset()
    is_cancelled: bool = False
    again: tuple[str, ...] = ()
    violations: list[str] = field(default_factory=list)


MovesFault = Callable[[MovesCase, random.Random], Hurt]

WAIT = ("--yes", "--wait", "5m")
GO = ("--yes", "--wait", "0")


def until(holds: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    """Raises AssertionError where it does not come."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.1)


def copied(case: MovesCase, share: float) -> None:
    """Wait until so much of all that there is to copy has come."""

    def has_come() -> bool:
        there = sum(size for (name, at, broker), size in case.witness.copied() if broker not in case.before[name, at])
        return there >= share * case.to_copy

    until(has_come, f"{share:.0%} copied")


def is_copying(case: MovesCase) -> bool:
    """Something of ours moves, by the last look."""
    return any(key in case.before for key in _last(case).moving)


def _last(case: MovesCase) -> moves_witness.Sample:
    return case.witness.samples[-1] if case.witness.samples else moves_witness.Sample(0, {}, {})


def added(case: MovesCase, name: str) -> set[int]:
    """The brokers that get replicas of a topic right now."""
    return {each for (topic, _), adding in _last(case).moving.items() if topic == name for each in adding}


def stopped(process: subprocess.Popen[str], began: float) -> psutil.Process:
    """Wait until it stands still at the call that it was told."""
    watched = psutil.Process(process.pid)
    while watched.status() != psutil.STATUS_STOPPED:
        if process.poll() is not None or time.monotonic() - began > PATIENCE:
            process.kill()
            raise AssertionError(f"it never came to the call: {tool.ended(process, began).text[-800:]}")
        time.sleep(0.02)
    return watched


def signalled(case: MovesCase, share: float, number: signal.Signals, times: int = 1) -> Result:
    """An apply that waits, told to end while it copies."""
    began = time.monotonic()
    process = case.start("apply", *WAIT)
    copied(case, share)
    for _ in range(times):
        process.send_signal(number)
        time.sleep(0.5)
    return tool.ended(process, began)
