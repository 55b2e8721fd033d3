"""A template: its header, and its body ready to be rendered any number of times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from provisioner.errors import InputError
from provisioner.problem import Problem
from provisioner.profiles.promql import quoted
from provisioner.templates.expressions import FAULTS
from provisioner.templates.header import Example, Parameter, Scope
from provisioner.templates.source import Source
from provisioner.templates.tree import BUDGET, MAX_RENDERED, Found, Item

CHECK = "template"
QUERY = "query"


@dataclass(frozen=True, slots=True)
class Template:
    """`needs`: metrics by meaning; `parameters`: defaults, which the names given to `render` may replace."""

    name: str
    scope: Scope
    summary: str
    needs: tuple[str, ...]
    parameters: Mapping[str, Parameter]
    example: Example
    source: Source = field(repr=False)
    body: Item = field(repr=False)
    queries: Item | None = field(default=None, repr=False)

    def render(self, names: Mapping[str, Any]) -> Any:
        """Plain data; None if its <<when>> is false. Raises InputError with every expression that failed."""
        known = {**self.parameters, **names, BUDGET: [MAX_RENDERED]}
        try:
            if self.queries:
                known[QUERY] = self._queried(self.queries, known)
            return next(iter(self.body.render(known)), None)
        except FAULTS as error:
            problems = self._problems(known)
            if not problems:
                raise
            raise InputError(problems, {self.source.path: self.source.text}) from error

    def _queried(self, queries: Item, known: Mapping[str, Any]) -> dict[str, Any]:
        """Each query as a Go string, to stand behind `query` in an annotation."""
        rendered: dict[str, Any] = queries.block.render(known)
        return {name: quoted(str(text)) for name, text in rendered.items()}

    def _problems(self, known: Mapping[str, Any]) -> list[Problem]:
        names = {**known, BUDGET: [MAX_RENDERED]}
        found = list(self.queries.faults(names)) if self.queries else []
        if self.queries and QUERY not in names:
            names[QUERY] = dict.fromkeys(self.queries.block.constant or {}, "")
        found += self.body.faults(names)
        return list(dict.fromkeys(problems(self.source, found)))


def problems(source: Source, found: Iterable[Found]) -> Iterator[Problem]:
    """What is wrong with expressions, at their places in the file."""
    for loc, expression, fault in found:
        words = f"`<<{expression}>>`: {fault.message}" if expression else fault.message
        yield Problem(CHECK, words, source.span(loc, expression), fault.hint)
