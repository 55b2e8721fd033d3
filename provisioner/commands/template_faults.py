"""Errors of templates, beside those of the declarations.

Some show when a template is read: they hold back everything that is made by templates of a kind. Some show only when it
is rendered for a topic: they hold back what is made for that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from provisioner import template_trial, wiring
from provisioner.commands.base import Base
from provisioner.problem import Problem
from provisioner.reconcile.plan import Plan
from provisioner.report.results import Faults
from provisioner.templates import Templates

Texts = Mapping[str, str]


def added(faults: Faults, today: Templates, plans: Sequence[Plan], then: Base | None) -> Faults:
    """The same with the errors of today's templates; old are those that the base has, in a file of the same text."""
    rendered = {problem: words for plan in plans for problem, words in plan.wrong.items()}
    texts = {**today.sources, **{path: text for plan in plans for path, text in plan.texts.items()}}
    wrong = {**wiring.governed(today), **rendered}
    if not wrong:
        return faults
    known = {_same(error, sources) for error, sources in _of_base(then, bool(rendered))}
    old = [error for error in wrong if _same(error, texts) in known]
    new = [error for error in wrong if error not in old]
    return Faults([*faults.errors, *new], {**faults.sources, **texts}, {**faults.words, **wrong}, [*faults.old, *old])


def _of_base(then: Base | None, rendered: bool) -> Iterator[tuple[Problem, Texts]]:
    if then is None or then.read is None:
        return
    yield from ((error, then.read.sources) for error in then.read.wrong)
    for catalog in then.catalogs.values() if rendered else ():
        failed, texts = template_trial.failures(catalog, then.read)
        yield from ((error, texts) for error in failed)


def _same(error: Problem, texts: Texts) -> tuple[object, ...]:
    """The base's files lie elsewhere."""
    span = error.span
    return error.check, template_trial.about(error), Path(span.path).name, span.line, span.column, texts.get(span.path)
