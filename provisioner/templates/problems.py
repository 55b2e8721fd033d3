"""What is wrong with a template, at its places in the file: a page of it, and how much more there is."""

from __future__ import annotations

from collections.abc import Sequence

from provisioner.catalog.findings import MORE, MOST, closing
from provisioner.problem import Problem, Span
from provisioner.templates.source import Source
from provisioner.templates.tree import Found

CHECK = "template"
_SHOWN = 80


def placed(source: Source, wrong: Sequence[Problem], found: Sequence[Found] = ()) -> list[Problem]:
    """The problems and what was found in expressions; beyond 200 one that counts the rest."""
    counted = next((at for at, problem in enumerate(wrong) if problem.check == MORE), None)
    if counted is not None:
        return list(wrong[: counted + 1])
    shown = list(wrong[:MOST])
    shown += [_problem(source, one) for one in found[: MOST - len(shown)]]
    rest = len(wrong) + len(found) - len(shown)
    return [*shown, closing(rest, Span(source.path))] if rest else shown


def _problem(source: Source, found: Found) -> Problem:
    loc, expression, fault = found
    short = expression if len(expression) <= _SHOWN else f"{expression[:_SHOWN]}..."
    words = f"`<<{short}>>`: {fault.message}" if expression else fault.message
    return Problem(CHECK, words, source.span(loc, expression), fault.hint)
