"""What the faults share: what came of one, and how an apply is hurt while it runs, by chance or at a known call."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import psutil

from tests.faults import tool
from tests.faults.case import Case
from tests.faults.tool import Result


@dataclass
class Told:
    """What came of a fault. `codes`: with which the hurt apply may end.

    `excepted`: topics that the fault itself touched, as some other client. `standing`: topic and field -> the value
    that somebody gave it by hand, and that stands. `unreported`: the run may have been refused as a whole (exit 3), or
    not begun. `reviewed`: only a reviewed plan goes on from there. `lost`: topics whose overrides nobody can tell ours
    any more.
    """

    results: list[Result]
    codes: set[int]
    excepted: set[str] = field(default_factory=set)
    standing: Mapping[tuple[str, str], str] = field(default_factory=dict)
    unreported: bool = False
    reviewed: bool = False
    lost: set[str] = field(default_factory=set)


Fault = Callable[[Case, random.Random], Told]

ANY_END = {0, 1, 3, 4}
STOPPED_SECONDS = 60.0


def during(case: Case, delay: float, hurt: Callable[[], object]) -> Result:
    """An apply, hurt after so many seconds."""
    began = time.monotonic()
    process = case.start()
    time.sleep(delay)
    hurt()
    return tool.ended(process, began)


def at_call(
    case: Case, call: str, hurt: Callable[[], object], heal: Callable[[], object] = lambda: None, after: float = 0
) -> Result:
    """An apply, hurt while it stands still before one call (`flush:2`, as driven.py numbers them).

    `heal` is called so many seconds `after` it went on.
    """
    began = time.monotonic()
    process = case.start(stop=call)
    watched = psutil.Process(process.pid)
    while watched.status() != psutil.STATUS_STOPPED:
        if process.poll() is not None or time.monotonic() - began > STOPPED_SECONDS:
            process.kill()
            raise AssertionError(f"the apply never came to {call}: {tool.ended(process, began).text[-800:]}")
        time.sleep(0.02)
    try:
        hurt()
    finally:
        watched.resume()
    time.sleep(after)
    heal()
    return tool.ended(process, began)


def moment(chance: random.Random) -> float:
    """When to hurt an apply that takes about four seconds."""
    return chance.uniform(0.4, 3.0)
