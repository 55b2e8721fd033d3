"""What is wrong with a template, at its places in the file: a page of it, and how much more there is."""

from __future__ import annotations

from collections.abc import Sequence

from provisioner.problem import Problem, Span
from provisioner.templates.source import Source
from provisioner.templates.tree import Found

CHECK = "template"
MAX_PROBLEMS = 200
"""A file with more is broken in one way, many times."""
_SHOWN = 80


def placed(source: Source, wrong: Sequence[Problem], found: Sequence[Found] = ()) -> list[Problem]:
    """The problems and what was found in expressions; beyond MAX_PROBLEMS one that counts the rest."""
    shown = list(wrong[:MAX_PROBLEMS])
    shown += [_problem(source, one) for one in found[: MAX_PROBLEMS - len(shown)]]
    rest = len(wrong) + len(found) - len(shown)
    return [*shown, _closing(source, rest)] if rest else shown


def _problem(source: Source, found: Found) -> Problem:
    loc, expression, fault = found
    short = expression if len(expression) <= _SHOWN else f"{expression[:_SHOWN]}..."
    words = f"`<<{short}>>`: {fault.message}" if expression else fault.message
    return Problem(CHECK, words, source.span(loc, expression), fault.hint)


def _closing(source: Source, rest: int) -> Problem:
    return Problem(CHECK, f"{rest} more problems in this file", Span(source.path), "mend those that are shown first")
