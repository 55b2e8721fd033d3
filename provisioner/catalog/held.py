"""What errors of the files hold back, as a value: of that nothing is made, changed or removed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from provisioner.problem import Problem, Span


def _nothing(_span: Span) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Held:
    """What is held back, each with the first problem that governs it; `run`: all of it.

    `topics`: by name, on every cluster. `watched`: topics of which only what is derived is held back, alerts for
    example. `teams`: whatever else calls them. `at`: the problem that governs an entry, by any place in it.
    `hidden`: an error that hides which names the files have; `parts`: one that hides who reads a topic. `unread`:
    the words of files that cannot be read, each with the problem of the first; `has_any`: there may be any other.
    `words`: what each problem holds back.
    """

    run: Problem | None = None
    clusters: Mapping[str, Problem] = field(default_factory=dict)
    teams: Mapping[str, Problem] = field(default_factory=dict)
    topics: Mapping[str, Problem] = field(default_factory=dict)
    watched: Mapping[str, Problem] = field(default_factory=dict)
    at: Callable[[Span], Problem | None] = field(default=_nothing, repr=False, compare=False)
    hidden: Problem | None = None
    parts: Problem | None = None
    unread: Mapping[str, Problem] = field(default_factory=dict, repr=False)
    has_any: bool = False
    words: Mapping[Problem, str] = field(default_factory=dict)

    def mentions(self, name: str) -> bool:
        """True where a file that cannot be read may have this name, as far as its text shows."""
        return self.has_any or name in self.unread


NOTHING = Held()
