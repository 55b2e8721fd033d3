"""Stopping in order, and several watches as one."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from provisioner.commands.console import Console
from provisioner.reconcile.change import Change
from provisioner.reconcile.lanes import Watch
from provisioner.reconcile.model import Key
from provisioner.reconcile.outcome import Outcome, State
from provisioner.reconcile.plan import Plan


class Abort(BaseException):
    """A second signal: the run ends at once. The text names the signal."""


@dataclass
class Signals:
    """SIGINT and SIGTERM let the batch in flight finish, and stop before the next; a second one ends the run at once.

    `open`: what was sent, and of which nobody knows the end.
    """

    console: Console
    caught: str | None = None
    open: set[Key] = field(default_factory=set)

    def before(self, batch: Sequence[Change[Any]]) -> str | None:
        """The reason to stop, if a signal came."""
        if self.caught:
            return f"stopped by {self.caught} before it began"
        self.open |= {change.key for change in batch}
        return None

    def after(self, outcome: Outcome) -> None:
        """What is in doubt stays open."""
        if outcome.state is not State.DOUBT:
            self.open.discard(outcome.key)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Catch both signals while the block runs. Raises Abort at the second one."""
        old = {number: signal.signal(number, self._catch) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in old.items():
                signal.signal(number, handler)

    def _catch(self, number: int, _frame: FrameType | None) -> None:
        name = signal.Signals(number).name
        if self.caught:
            raise Abort(name)
        self.caught = name
        self.console.say(f"{name}: finishing the batch in flight, then stopping; once more ends the run at once")

    def aborted(self, plan: Plan, outcomes: Sequence[Outcome], abort: Abort) -> Iterator[Outcome]:
        """What there is to say of every change that has no outcome yet."""
        known = {outcome.key for outcome in outcomes}
        for key in (change.key for change in plan.changes if change.key not in known):
            if key in self.open:
                yield Outcome(key, State.DOUBT, f"ended by {abort} while it was sent: it may be done; plan again")
            else:
                yield Outcome(key, State.STOPPED, f"ended by {abort} before it began")


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
