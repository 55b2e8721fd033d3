"""How long a run looks after what goes on without it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from provisioner.catalog.units import duration
from provisioner.commands.console import Console
from provisioner.commands.signals import Signals
from provisioner.errors import UsageError

AT_A_TERMINAL = 20 * 60
"""In seconds."""

LOOK = 3
"""Seconds between two looks."""

NOT_AT_ALL = "0"


def seconds(text: str | None, environment: Mapping[str, str]) -> float:
    """What --wait says; in a pipeline nothing by itself, as other teams' merges wait behind this one."""
    if text is None:
        return 0 if environment.get("CI") else AT_A_TERMINAL
    if text == NOT_AT_ALL:
        return 0
    found = duration(text)
    if found is None:
        raise UsageError(f"--wait {text[:40]}: this is no time", "write 20m, or 0")
    return found.seconds


@dataclass
class Patience:
    """Whether to look once more: not after a signal, nor after the time is over."""

    signals: Signals
    console: Console
    seconds: float
    _until: float | None = field(default=None, init=False)

    def __call__(self) -> bool:
        """Wait a moment first. The time counts from the first call: from when everything else is done."""
        self._until = self._until if self._until is not None else self.console.now() + self.seconds
        left = self._until - self.console.now()
        if self.signals.caught or left <= 0:
            return False
        time.sleep(min(LOOK, left))
        return not self.signals.caught
