"""Stopping in order, and several watches as one."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

from provisioner.commands.console import Console
from provisioner.reconcile.lanes import Watch
from provisioner.reconcile.model import Change, Outcome


@dataclass
class Signals:
    """SIGINT and SIGTERM let the batch in flight finish, and stop before the next."""

    console: Console
    caught: str | None = None

    def before(self, batch: Sequence[Change[Any]]) -> str | None:
        """The reason to stop, if a signal came."""
        return f"stopped by {self.caught} before it began" if self.caught else None

    def after(self, outcome: Outcome) -> None:
        """Nothing to do: the report comes at the end."""

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Catch both signals while the block runs."""
        old = {number: signal.signal(number, self._catch) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in old.items():
                signal.signal(number, handler)

    def _catch(self, number: int, _frame: FrameType | None) -> None:
        self.caught = signal.Signals(number).name
        self.console.say(f"{self.caught}: finishing the batch in flight, then stopping")


@dataclass(frozen=True)
class Watches:
    """All of them, in order; the first reason to stop counts, and those after it are not told of the batch."""

    each: Sequence[Watch]

    def before(self, batch: Sequence[Change[Any]]) -> str | None:
        """The first reason to stop."""
        return next((why for watch in self.each if (why := watch.before(batch))), None)

    def after(self, outcome: Outcome) -> None:
        """Tell everybody."""
        for watch in self.each:
            watch.after(outcome)
