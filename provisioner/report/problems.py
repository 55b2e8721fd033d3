"""Problems as text: place, severity, message; the line with a caret; what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from provisioner.line import Flow, Line, Part, Style
from provisioner.problem import Problem, Severity, Span

WIDEST = 160
IDLE = "consents/idle"
"""Accepted, too, but counted for itself: there is something to remove."""


NOTHING: Mapping[Problem, str] = {}


def lines(
    problems: Iterable[Problem],
    sources: Mapping[str, str],
    verbose: bool = False,
    fine: str = "no problems",
    words: Mapping[Problem, str] = NOTHING,
) -> list[Line]:
    """Every problem in the order of files and lines, then one line that counts them, or `fine`.

    Those that the files accept are only counted, unless `verbose`. `words`: what each holds back.
    """
    ordered = in_order(problems)
    shown = [problem for problem in ordered if verbose or not _is_accepted(problem)]
    lines_of = {path: source.split("\n") for path, source in sources.items()}
    blocks = [line for problem in shown for line in _block(problem, lines_of, words)]
    left = Counter(
        problem.check == IDLE for problem in ordered if not verbose and problem.severity is Severity.ACCEPTED
    )
    counts = [*_listed(left[False], "problem", "the files accept"), *_listed(left[True], "consent", "nothing needs")]
    return [*blocks, *map(Line, counts), Line(summary(shown) if shown else fine)]


def _is_accepted(problem: Problem) -> bool:
    return problem.severity is Severity.ACCEPTED


def _listed(count: int, noun: str, which: str) -> list[str]:
    them = "it" if count == 1 else "them"
    return [f"{counted(count, noun)} that {which} (validate --verbose lists {them})"] if count else []


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """By file, line and column."""
    return sorted(problems, key=lambda problem: (problem.span, problem.check, problem.message))


def summary(problems: Sequence[Problem]) -> str:
    """`2 errors, 1 warning, 3 accepted problems in 3 files`."""
    levels = Counter(problem.severity for problem in problems)
    files = len({problem.span.path for problem in problems})
    counts = [counted(levels[level], noun) for level, noun in _NOUNS.items() if levels[level]]
    return f"{', '.join(counts) or 'no problems'} in {counted(files, 'file')}"


_NOUNS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.ACCEPTED: "accepted problem"}


def counted(count: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{count} {noun}" + ("" if count == 1 else "s")


_STYLES = {Severity.ERROR: Style.ALARM, Severity.WARNING: Style.WARNING, Severity.ACCEPTED: Style.NOTE}


def _block(problem: Problem, lines_of: Mapping[str, Sequence[str]], words: Mapping[Problem, str]) -> Iterator[Line]:
    severity = Part(f"{problem.severity}:", _STYLES[problem.severity])
    yield Line(f"{problem.span}: ", more=(severity, Part(f" {problem.message} ({problem.check})")))
    yield from _excerpt(problem.span, lines_of.get(problem.span.path, []))
    if problem.hint:
        yield Line(f"      = {problem.hint}")
    if held := words.get(problem):
        yield Line(f"      = held back: {held}")
    yield Line("")


def _excerpt(span: Span, source: Sequence[str]) -> Iterator[Line]:
    if not 0 < span.line <= len(source):
        return
    line = source[span.line - 1]
    start = max(0, span.column - 1 - WIDEST // 2) if len(line) > WIDEST else 0
    shown = "".join(letter if letter.isprintable() else " " for letter in line[start : start + WIDEST])
    caret = " " * (span.column - 1 - start) + "^" * max(1, min(span.width, WIDEST - (span.column - 1 - start)))
    yield Line(f"{span.line:5} | {shown}", flow=Flow.EXCERPT)
    yield Line(f"      | {caret}", flow=Flow.CARETS)


def document(problems: Iterable[Problem], old: Iterable[Problem] = ()) -> dict[str, Any]:
    """For programs; those that the base has are marked."""
    entries = [entry(problem) for problem in in_order(problems)]
    return {"format_version": 1, "problems": [*entries, *({**entry(each), "in_base": True} for each in in_order(old))]}


def entry(problem: Problem) -> dict[str, Any]:
    """One of them."""
    return {
        "check": problem.check,
        "severity": str(problem.severity),
        "message": problem.message,
        "hint": problem.hint,
        "file": problem.span.path,
        "line": problem.span.line or None,
        "column": problem.span.column or None,
    }
