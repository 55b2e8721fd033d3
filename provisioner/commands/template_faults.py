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
Who = tuple[str, str]
"""A cluster, and the name of what is made for it."""
Same = tuple[object, ...]

ANYBODY = ("", "")


def added(faults: Faults, today: Templates, plans: Sequence[Plan], then: Base | None) -> Faults:
    """The same with the errors of today's templates; old are those that the base has, in a file of the same text.

    One that shows in rendering is new where it holds back a topic for which the base could be rendered.
    """
    rendered = {problem: words for plan in plans for problem, words in plan.wrong.items()}
    texts = {**today.sources, **{path: text for plan in plans for path, text in plan.texts.items()}}
    wrong = {**wiring.governed(today), **rendered}
    if not wrong:
        return faults
    known, held = set(_of_base(then, bool(rendered))), _held(plans)
    there = {(name, topic) for name, catalog in then.catalogs.items() for topic in catalog.topics} if then else set()
    whose = {error: (held.get(error, set()) & there if error in rendered else set()) or {ANYBODY} for error in wrong}
    old = [error for error in wrong if all((who, _same(error, texts)) in known for who in whose[error])]
    new = [error for error in wrong if error not in old]
    return Faults([*faults.errors, *new], {**faults.sources, **texts}, {**faults.words, **wrong}, [*faults.old, *old])


def _held(plans: Sequence[Plan]) -> dict[Problem, set[Who]]:
    found: dict[Problem, set[Who]] = {}
    for plan in plans:
        for key, hold in plan.held_back.items():
            found.setdefault(hold.problem, set()).add((plan.cluster, key.name))
    return found


def _of_base(then: Base | None, rendered: bool) -> Iterator[tuple[Who, Same]]:
    if then is None or then.read is None:
        return
    yield from ((ANYBODY, _same(error, then.read.sources)) for error in then.read.wrong)
    for name, catalog in then.catalogs.items() if rendered else ():
        failed, texts = template_trial.failures(catalog, then.read)
        for error, names in failed.items():
            yield from ((who, _same(error, texts)) for who in (ANYBODY, *((name, one) for one in names)))


def _same(error: Problem, texts: Texts) -> Same:
    """The base's files lie elsewhere."""
    span = error.span
    return error.check, template_trial.about(error), Path(span.path).name, span.line, span.column, texts.get(span.path)
