"""How much one document may become, and how long all of a run's may take: a template is a stranger's program.

Time is CPU time, so that a busy machine refuses nothing. Jinja hands filters and operators nothing of ours: they ask
`tick`, which knows the document that is being worked on.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from provisioner.templates.values import RefusedValueError

MAX_CHARACTERS = 8_000_000
MAX_SECONDS = 5
MAX_SECONDS_OF_RUN = 60
SECONDS_A_DOCUMENT = 0.01
"""What each document adds to the time of its run: twenty times of what the shipped ones need."""


@dataclass(slots=True)
class Clock:
    """The time of one run: of compiling its templates, and of rendering each for each topic.

    `now`: CPU seconds. `pause`: seconds by the wall between two looks at it, as one costs more than most expressions.
    """

    now: Callable[[], float] = time.process_time
    pause: float = 0.02
    spent: float = 0.0
    documents: int = 0
    _seconds: float = 0.0
    _read: float = -math.inf

    def seconds(self) -> float:
        """CPU seconds, as they were when they were last asked for."""
        by_the_wall = time.perf_counter()
        if by_the_wall - self._read >= self.pause:
            self._read, self._seconds = by_the_wall, self.now()
        return self._seconds

    @contextmanager
    def document(self, work: str) -> Iterator[Budget]:
        """The budget of one more document; `work` ("rendering") begins the sentence that refuses."""
        self.documents += 1
        budget = Budget(self, work, self.seconds())
        token = _RUNNING.set(budget)
        try:
            yield budget
        finally:
            _RUNNING.reset(token)
            self.spent += self.seconds() - budget.begun

    def left(self) -> float:
        """Seconds until the run's time is over, the running document's own not counted."""
        return MAX_SECONDS_OF_RUN + SECONDS_A_DOCUMENT * self.documents - self.spent


@dataclass(slots=True)
class Budget:
    """What one document may still take."""

    clock: Clock
    work: str
    begun: float
    characters: int = MAX_CHARACTERS

    def charge(self, characters: int) -> None:
        """Text was made. Raises RefusedValueError when the document becomes too large, or took too long."""
        self.characters -= characters
        if self.characters < 0:
            raise RefusedValueError(f"the document would have more than {MAX_CHARACTERS:,} characters")
        self.look()

    def look(self) -> None:
        """Look at the clock. Raises RefusedValueError when the document, or the whole run, took too long."""
        took = self.clock.seconds() - self.begun
        if took > MAX_SECONDS:
            raise RefusedValueError(f"{self.work} took more than {MAX_SECONDS} s")
        if took > self.clock.left():
            each = f"{MAX_SECONDS_OF_RUN} s and {SECONDS_A_DOCUMENT * 1000:.0f} ms a document"
            raise RefusedValueError(f"{self.work} all templates took more than {each}")

    def renewed(self) -> Budget:
        """As many characters again, in the time that is left: for finding out what failed."""
        return Budget(self.clock, self.work, self.begun)


_RUNNING: ContextVar[Budget | None] = ContextVar("running", default=None)


def tick() -> None:
    """Look at the clock of the document that is being worked on, if there is one. Raises RefusedValueError."""
    if budget := _RUNNING.get():
        budget.look()
