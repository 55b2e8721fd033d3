"""Every fault by its name, and those that CI runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Self

from tests.faults import moves_world, world
from tests.faults.moves_brokers import ON_BROKERS
from tests.faults.moves_nemesis import ON_MOVER, killed_after_request, two_movers
from tests.faults.nemesis import ON_TOPICS, controller_paused, no_quorum, one_down
from tests.faults.record_nemesis import ON_RECORD, killed_before_entry

IN_SHORT = {killed_before_entry}
"""Of the record's: each fault takes a quarter of a minute, and the older ones look at the record, too."""
IN_LONG = {controller_paused, no_quorum, one_down}
"""They wait for a client's own time-outs, up to two minutes; what is killed in the short form shows much the same."""
ON_MOVES = (*ON_MOVER, *ON_BROKERS)
MOVES_IN_SHORT = {killed_after_request, two_movers}
"""Four brokers of their own and a move each: the whole of it takes a minute."""
SPARED = {*ON_RECORD, *ON_MOVES} - IN_SHORT - MOVES_IN_SHORT | IN_LONG
FAULTS: dict[str, Any] = {fault.__name__.replace("_", "-"): fault for fault in (*ON_TOPICS, *ON_RECORD, *ON_MOVES)}

SHORT = [name for name, fault in FAULTS.items() if fault not in SPARED]
"""What CI runs; the others are for `make faults`."""

Makers = Mapping[str, Callable[[], AbstractContextManager[Any]]]
MADE: Makers = {"topics": world.made, "moves": moves_world.made}
SMALL: Makers = {**MADE, "moves": partial(moves_world.made, each=20, lease=8)}
"""For the short form: a fourth of the bytes, and whoever waits for a dead run's claim waits less."""


@dataclass
class Worlds:
    """The brokers that a fault needs: one set at a time, kept as long as the faults are of one family."""

    made: Makers = field(default_factory=lambda: MADE)
    _stack: ExitStack = field(default_factory=ExitStack)
    _family: str = ""
    _here: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def run(self, name: str, number: int, seed: int) -> list[str]:
        """One run of that fault. Its violations."""
        family = "moves" if FAULTS[name] in ON_MOVES else "topics"
        if family != self._family:
            self._stack.close()
            self._family, self._here = family, self._stack.enter_context(self.made[family]())
        found: list[str] = self._here.run(FAULTS[name], number, seed)
        return found
