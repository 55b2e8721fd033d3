"""A parsed document with `<< expressions >>` in its texts, compiled once into functions of the names they use.

All expressions of one block (the document, or an object with <<when>> or <<each>>) are evaluated together; subtrees
without any are shared by everything rendered. What goes wrong is looked for afterwards, expression by expression.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from provisioner.catalog.documents import Loc
from provisioner.templates.budget import Budget
from provisioner.templates.expressions import (
    FAULTS,
    Evaluation,
    Fault,
    compiled,
    compiled_together,
    fault_of,
)
from provisioner.templates.values import items, plain, spelled

WHEN, EACH, INDEX = "<<when>>", "<<each>>", "index"

Names = Mapping[str, Any]
Found = tuple[Loc, str, Fault]
"""A location, the expression there ("": none in particular), what is wrong."""

Node = Callable[[Names, list[Any], Budget], Any]

COST_OF_BLOCK = 500
TOGETHER = 50
"""So many expressions are compiled and evaluated as one: the clock is looked at between them."""


@dataclass(frozen=True, slots=True)
class Use:
    """Where an expression stands, and whether it is a part of a longer text."""

    loc: Loc
    in_text: bool


@dataclass(slots=True)
class Block:
    """Expressions evaluated together, and the node that they fill. `cost`: characters of what is constant in it."""

    loc: Loc
    cost: int = COST_OF_BLOCK
    uses: dict[str, list[Use]] = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)
    node: Node | None = None
    constant: Any = None
    _slots: dict[str, int] = field(default_factory=dict)
    _conditions: list[str] = field(default_factory=list)
    _evaluations: list[Evaluation] = field(default_factory=list)

    def slot(self, source: str, use: Use) -> int:
        """The place of this expression's value among the block's values."""
        self.uses.setdefault(source, []).append(use)
        return self._slots.setdefault(source, len(self._slots))

    def condition(self, item: Item) -> None:
        """An object inside this block is dropped by its condition, which is asked with the block's own names."""
        item.verdict = len(self._conditions)
        self._conditions.append(f"not not ({item.when})")

    def close(self, budget: Budget) -> None:
        """No more expressions will come."""
        for item in self.items:
            item.verdict += len(self._slots) if item.verdict >= 0 else 0
        sources = [*self.uses, *self._conditions]
        for at in range(0, len(sources), TOGETHER):
            budget.look()
            self._evaluations.append(compiled_together(sources[at : at + TOGETHER]))

    def render(self, names: Names, budget: Budget) -> Any:
        """The data of this block. Raises one of FAULTS."""
        budget.charge(self.cost)
        if self.node is None:
            return self.constant
        return self.node(names, [value for together in self._evaluations for value in together(names)], budget)

    def faults(self, names: Names, budget: Budget) -> Iterator[Found]:
        """Every expression that cannot be evaluated with these names, in this block and those inside it.

        Raises RefusedValueError where looking takes as long as rendering may.
        """
        budget.charge(self.cost)
        for source, uses in self.uses.items():
            for use in uses:
                budget.look()
                if fault := _fault(source, use, names):
                    yield use.loc, source, fault
        for item in self.items:
            yield from item.faults(names, budget)


def _fault(source: str, use: Use, names: Names) -> Fault | None:
    try:
        (spelled if use.in_text else plain)(compiled(source)(names), str)
    except FAULTS as error:
        return fault_of(error)
    return None


@dataclass(slots=True)
class Item:
    """An object with <<when>> (dropped where that is false) or <<each>> (repeated, binds its name and `index`).

    `opening`: of a section in a text, as it is written there. `verdict`: where among the values of the block that it
    stands in its condition's is; below 0 where it has none, or one for each time.
    """

    block: Block
    when: str = ""
    name: str = ""
    each: str = ""
    opening: str = ""
    verdict: int = -1
    _when: Evaluation | None = None
    _each: Evaluation | None = None

    def close(self) -> None:
        """Compile; the sources are known to be right."""
        self._when = compiled(self.when) if self.when else None
        self._each = compiled(self.each) if self.each else None

    def render(self, names: Names, budget: Budget, values: Sequence[Any] = ()) -> list[Any]:
        """No, one or many objects. `values`: those of the block that it stands in."""
        if self.verdict >= 0:
            return [self.block.render(names, budget)] if values[self.verdict] else []
        return [self.block.render(inner, budget) for inner in self._inner(names, budget)]

    def _inner(self, names: Names, budget: Budget) -> Iterator[Names]:
        for inner in self._repeated(names):
            budget.look()
            if self._when is None or self._when(inner):
                yield inner

    def _repeated(self, names: Names) -> Iterator[Names]:
        if self._each is None:
            yield names
            return
        for index, value in enumerate(items(self._each(names))):
            yield {**names, self.name: value, INDEX: index}

    def faults(self, names: Names, budget: Budget) -> Iterator[Found]:
        """What is wrong in the conditions, or else in what they let through."""
        try:
            inner = list(self._inner(names, budget))
        except FAULTS as error:
            yield (*self._place(), fault_of(error))
            return
        for one in inner:
            yield from self.block.faults(one, budget)

    def _place(self) -> tuple[Loc, str]:
        if self.opening:
            return self.block.loc, self.opening
        return (*self.block.loc, WHEN if self.when and not self.each else EACH), ""
