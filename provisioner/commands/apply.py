"""`provisioner apply`: makes it so, for one cluster."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

from provisioner.commands import exits, planning
from provisioner.commands.console import Console
from provisioner.errors import UsageError
from provisioner.reconcile import engine
from provisioner.reconcile.model import Change, Lane, Outcome, Plan
from provisioner.report import machine, outcomes
from provisioner.report import plan as report
from provisioner.settings import Settings


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


def run(target: planning.Target, settings: Settings, console: Console, *, yes: bool, output: str, verbose: bool) -> int:
    """Plan, show, ask, do, report."""
    if not yes and not console.interactive:
        raise UsageError("apply asks before it acts, and nobody can answer here", "add --yes")
    catalog = planning.catalogs(target, settings, console)[0]
    lanes = planning.lanes(catalog, target, settings, console)
    plan = engine.plan(catalog.cluster.name, lanes)
    if output == "text":
        console.out(report.text(plan, verbose))
    if not plan.changes:
        return _report(plan, [], 0.0, output, console)
    if not yes and not console.ask(f"Apply this to {plan.cluster}?"):
        console.say("nothing was done")
        return exits.DONE
    began = console.now()
    results = _do(plan, lanes, console)
    return _report(plan, results, console.now() - began, output, console)


def _do(plan: Plan, lanes: Sequence[Lane[Any]], console: Console) -> list[Outcome]:
    watch = Signals(console)
    with watch.listening():
        return list(engine.apply(plan, lanes, watch))


def _report(plan: Plan, results: list[Outcome], seconds: float, output: str, console: Console) -> int:
    console.out(machine.outcomes(plan, results) if output == "json" else outcomes.text(plan, results, seconds))
    return exits.of_outcomes(plan, results)
