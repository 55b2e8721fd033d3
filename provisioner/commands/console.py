"""What a command may say and ask; the CLI gives it a terminal, tests give it lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from provisioner.report.results import Result


class Console(Protocol):
    """A command returns its result, which is shown on stdout; progress and hints go to `say` (stderr)."""

    environment: Mapping[str, str]

    @property
    def interactive(self) -> bool:
        """True if somebody can answer a question."""
        ...

    def open(self, result: Result, /) -> None:
        """Show what people have to see of a result before it is one: the plan, before anything is done."""
        ...

    def say(self, text: str, /) -> None:
        """Progress or a hint."""
        ...

    def tick(self, text: str, /) -> None:
        """Progress that changes from second to second."""
        ...

    def ask(self, question: str, /) -> bool:
        """A yes or no from the person at the terminal."""
        ...

    def clock(self) -> str:
        """What time it is, in UTC, as ISO 8601 has it."""
        ...

    def now(self) -> float:
        """Seconds that only go forward."""
        ...
