"""A template: its header, and its body ready to be rendered any number of times."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from provisioner.catalog.documents import Loc
from provisioner.errors import InputError
from provisioner.profiles.promql import quoted
from provisioner.templates.budget import Budget, Clock
from provisioner.templates.expressions import FAULTS, Fault, fault_of
from provisioner.templates.header import Example, Scope
from provisioner.templates.parameters import Parameter, Taken
from provisioner.templates.problems import placed
from provisioner.templates.source import Source
from provisioner.templates.tree import Found, Item
from provisioner.templates.values import RefusedValueError

QUERY = "query"

T = TypeVar("T")


def _nothing(_data: Any) -> Iterable[Found]:
    return ()


@dataclass(frozen=True, slots=True)
class Compact:
    """A rule over all topics: what it shares with the template's rule (`head`), and its own expression and annotations.

    `besides`: it is about the groups that no file declares.
    """

    head: Item
    body: Item
    queries: Item | None
    besides: bool


@dataclass(frozen=True, slots=True)
class Template:
    """`needs`: metrics by meaning; `parameters`: defaults, which the names given to `render` may replace; `fields`:
    the parameters that are a field of a declaration, by name; `takes`: what may be set in place of the defaults.

    `unfit` finds what is wrong with what was rendered, for who is to read it.
    """

    name: str
    scope: Scope
    summary: str
    needs: tuple[str, ...]
    parameters: Mapping[str, Parameter]
    example: Example
    source: Source = field(repr=False)
    body: Item = field(repr=False)
    queries: Item | None = field(default=None, repr=False)
    compact: Compact | None = field(default=None, repr=False)
    fields: Mapping[str, str] = field(default_factory=dict)
    takes: Mapping[str, Taken] = field(default_factory=dict)
    unfit: Callable[[Any], Iterable[Found]] = field(default=_nothing, repr=False)

    def render(self, names: Mapping[str, Any], clock: Clock | None = None) -> Any:
        """Plain data; None if its <<when>> is false. Raises InputError with every expression that failed.

        `clock`: that of the run; left out, the template is alone in it.
        """
        with (clock or Clock()).document("rendering") as budget:
            return self._rendered({**self.parameters, **names}, budget)

    def render_compact(self, names: Mapping[str, Any], clock: Clock | None = None) -> Any:
        """As `render`, in the compact layout. The template must have that."""
        assert self.compact is not None
        parts = (self.compact.head, self.compact.body)
        with (clock or Clock()).document("rendering") as budget:
            known = {**self.parameters, **names}
            halves = [self._part(part, self.compact.queries, known, budget) for part in parts]
        if halves[0] is None:
            return None
        data = {**halves[0], **halves[1]}
        if unfit := list(self.unfit(data)):
            raise self._input_error(unfit)
        return data

    def timed(self, work: Callable[[], T], clock: Clock) -> T:
        """What is made of what was rendered, in the time of one more document. Raises InputError if it takes longer."""
        try:
            with clock.document("rendering"):
                return work()
        except RefusedValueError as error:
            raise self._input_error([(self.body.block.loc, "", fault_of(error))]) from error

    def _rendered(self, known: dict[str, Any], budget: Budget) -> Any:
        data = self._part(self.body, self.queries, known, budget)
        if data is not None and (unfit := list(self.unfit(data))):
            raise self._input_error(unfit)
        return data

    def _part(self, body: Item, queries: Item | None, known: dict[str, Any], budget: Budget) -> Any:
        try:
            if queries:
                known[QUERY] = self._queried(queries, known, budget)
            return next(iter(body.render(known, budget)), None)
        except FAULTS as error:
            found = self._faults_found(body, queries, known, budget.renewed())
            found = found or {(body.block.loc, ""): fault_of(error)}
            raise self._input_error([(*place, fault) for place, fault in found.items()]) from error

    def _input_error(self, found: Sequence[Found]) -> InputError:
        return InputError(placed(self.source, [], found), {self.source.path: self.source.text})

    def _queried(self, queries: Item, known: Mapping[str, Any], budget: Budget) -> dict[str, Any]:
        """Each query as a Go string, to stand behind `query` in an annotation."""
        rendered: dict[str, Any] = queries.block.render(known, budget)
        return {name: quoted(str(text)) for name, text in rendered.items()}

    def _faults_found(
        self, body: Item, queries: Item | None, known: Mapping[str, Any], budget: Budget
    ) -> dict[tuple[Loc, str], Fault]:
        """The first fault of each expression, as far as the budget for looking goes."""
        names = dict(known)
        if queries and QUERY not in names:
            names[QUERY] = dict.fromkeys(queries.block.constant or {}, "")
        found: dict[tuple[Loc, str], Fault] = {}
        with suppress(RefusedValueError):
            for part in (queries, body):
                for loc, source, fault in part.faults(names, budget) if part else ():
                    found.setdefault((loc, source), fault)
        return found
