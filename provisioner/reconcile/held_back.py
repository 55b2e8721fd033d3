"""What errors of the files hold back of a lane: nothing is known of it, and nothing of it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from provisioner.problem import Problem, Span


@dataclass(frozen=True, slots=True)
class Hold:
    """One resource that is held back: by which problem, where it is declared, and whose it is."""

    problem: Problem
    span: Span
    owner: str = ""


def _nothing(_name: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Unread:
    """What could not be read of the files, by which a name that no file has may stand in one all the same.

    `names`: those that do, with the problem; `rest`: the problem by which any other one may. `mentions`: whether what
    could not be read has a name, as far as its text shows; `words`: where that says so, by which problem.
    """

    names: Mapping[str, Problem] = field(default_factory=dict)
    rest: Problem | None = None
    mentions: Callable[[str], bool] = field(default=_nothing, compare=False)
    words: Mapping[str, Problem] = field(default_factory=dict, compare=False)

    def of(self, name: str) -> Problem | None:
        """Why it is not known whether a name is in no file any more; None: it is in none."""
        if name in self.names or self.rest is None:
            return self.names.get(name)
        return self.words.get(name, self.rest)
