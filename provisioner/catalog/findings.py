"""Problems in bounded numbers: a file gets its first 200 in words, and one that counts the rest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from provisioner.catalog.suggesting import Suggestions
from provisioner.problem import Problem, Severity, Span

MORE = "files/more"
MOST = 200
"""Problems of one file in words. Whoever has more corrects these first, or the one mistake that made them all."""


@dataclass(slots=True)
class Findings:
    """The problems of one file while it is read."""

    suggestions: Suggestions = field(default_factory=Suggestions)
    _kept: list[Problem] = field(default_factory=list)
    _beyond: Span | None = None
    _more: int = 0

    @property
    def full(self) -> bool:
        """True if further problems are only counted: `count` spares making them."""
        return len(self._kept) >= MOST

    def add(self, problem: Problem) -> None:
        """One more, in words while there is room."""
        if self.full:
            self.count(problem.span)
        else:
            self._kept.append(problem)

    def count(self, span: Span) -> None:
        """One more that nobody will read."""
        self._beyond = self._beyond or span
        self._more += 1

    def problems(self) -> list[Problem]:
        """All of them, the last one for those that were only counted."""
        return [*self._kept, *([closing(self._more, self._beyond)] if self._beyond else [])]


def bounded(problems: Iterable[Problem]) -> list[Problem]:
    """Problems of many files, each once: a file's first ones, errors before warnings, and one that counts the rest."""
    by_file: dict[str, list[Problem]] = {}
    for problem in dict.fromkeys(problems):
        by_file.setdefault(problem.span.path, []).append(problem)
    return [problem for found in by_file.values() for problem in _shortened(found)]


def _shortened(found: list[Problem]) -> list[Problem]:
    if len(found) <= MOST:
        return found
    found = sorted(found, key=lambda problem: problem.severity is not Severity.ERROR)
    rest = found[MOST:]
    last = closing(len(rest), rest[0].span, rest[0].severity)
    return [*found[:MOST], replace(last, governs=tuple(span for problem in rest for span in problem.about))]


def closing(more: int, span: Span, severity: Severity = Severity.ERROR) -> Problem:
    """The last problem of a file, for `more` that nobody is shown."""
    noun = "problem" if more == 1 else "problems"
    return Problem(MORE, f"and {more:,} more {noun} in this file", span, "correct the others first", severity)
