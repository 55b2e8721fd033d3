"""Limits on CPU time that hold on a slow or busy machine, too: in seconds of a quiet one.

Two programs on the halves of one core make any code slower, the yardstick as well, which is measured right before and
right after.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

QUIET_SECONDS = 0.025
"""What `_yardstick` takes on a machine of 2023 with nothing else to do."""
TRACED = 4
"""How many times longer traced code takes; the yardstick is not traced."""


def _yardstick() -> float:
    began = time.process_time()
    words = [str(number) for number in range(60_000)]
    assert len({word: len(word) for word in words}) == len(words)
    return (time.process_time() - began) / QUIET_SECONDS


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """The block takes at most so much CPU time, measured in that of a quiet machine."""
    before, began = _yardstick(), time.process_time()
    yield
    took = time.process_time() - began
    slowness = max(1.0, before, _yardstick()) * (TRACED if sys.gettrace() else 1)
    assert took < seconds * slowness, f"{took:.1f} s of CPU time, on a machine {slowness:.1f} times slower than quiet"
