"""A parsed document -> a tree to render. Every wrong expression is found, not only the first."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from provisioner.catalog.documents import Loc
from provisioner.templates.budget import Budget
from provisioner.templates.delimiters import UnclosedError, pieces
from provisioner.templates.expressions import FAULTS, Fault, fault_of, wrong
from provisioner.templates.sections import Piece, Section, SectionError, joined, sections
from provisioner.templates.tree import EACH, WHEN, Block, Found, Item, Names, Node, Use
from provisioner.templates.values import Escape, RefusedValueError, plain, spelled, weight

_NAME = re.compile("[A-Za-z][A-Za-z0-9_]*")
COST_OF_VALUE = 4
QUOTE_IT = (
    "in YAML put an expression with a comma, a bracket, a quote, `: ` or ` #` into quotes or a block scalar; "
    'for two angle brackets write << "<<" >>'
)

SECTION = "such as `<< each consumer in topic.consumers >> ... << end >>`"

TextPart = str | int | tuple[Item, bool]
"""A constant, the slot of an expression, or a section and whether it is PromQL."""


def compile_tree(
    data: Any, loc: Loc, escape_at: Callable[[Loc], Escape], budget: Budget
) -> tuple[Item | None, list[Found]]:
    """The data as something to render, and everything that is wrong with its expressions.

    `loc` is where the data stands in its file; `escape_at` tells how values are escaped at a location. There is
    nothing to render where compiling took all the time that `budget` has.
    """
    compiler = _Compiler(escape_at, budget)
    try:
        return compiler.item(data, loc, in_list=False), compiler.found
    except RefusedValueError as error:
        return None, [*compiler.found, (loc, "", Fault(str(error), "make the template smaller, or two of it"))]


class _Compiler:
    def __init__(self, escape_at: Callable[[Loc], Escape], budget: Budget) -> None:
        self.escape_at = escape_at
        self.budget = budget
        self.found: list[Found] = []

    def item(self, data: Any, loc: Loc, in_list: bool) -> Item:
        item = Item(Block(loc))
        if isinstance(data, dict):
            item.when = self._condition(data, WHEN, loc)
            item.name, item.each = self._loop(data, loc, in_list)
            data = {key: value for key, value in data.items() if key not in (WHEN, EACH)}
        item.block.constant = data
        item.block.node = self._node(item.block, data, loc)
        self._close(item, loc)
        return item

    def _close(self, item: Item, loc: Loc) -> None:
        if self.found:
            return
        try:
            item.block.close(self.budget)
            item.close()
        except RefusedValueError:
            raise
        except FAULTS as error:
            self._fault(loc, "", fault_of(error))

    def _condition(self, data: dict[str, Any], key: str, loc: Loc) -> str:
        source = data.get(key, "true")
        if not isinstance(source, str):
            self._fault((*loc, key), "", Fault(f"{key} must be an expression in quotes, is {source!r}"))
            return ""
        self._checked((*loc, key), source, "")
        return source if key in data else ""

    def _loop(self, data: dict[str, Any], loc: Loc, in_list: bool) -> tuple[str, str]:
        if EACH not in data:
            return "", ""
        name, source = _name_and_source(str(data[EACH]))
        if not name or not in_list:
            why = "is only for items of a list" if name else "must read `name in expression`"
            self._fault((*loc, EACH), "", Fault(f"{EACH} {why}", f'such as "{EACH}": "consumer in topic.consumers"'))
            return "", ""
        self._checked((*loc, EACH), source, "")
        return name, source

    def _node(self, block: Block, data: Any, loc: Loc) -> Node | None:
        """What renders the data; None if it is constant."""
        if isinstance(data, str):
            return self._leaf(block, data, loc)
        if isinstance(data, dict):
            return self._mapping(block, data, loc)
        if isinstance(data, list):
            return self._list(block, data, loc)
        block.cost += COST_OF_VALUE
        return None

    def _mapping(self, block: Block, data: dict[str, Any], loc: Loc) -> Node | None:
        block.cost += sum(map(len, data))
        parts = [(key, *self._part(block, value, (*loc, key), in_list=False)) for key, value in data.items()]
        for key in data:
            if "<<" in key:
                hint = f"known are {WHEN} and {EACH}; expressions stand in values"
                self._fault((*loc, key), "", Fault(f"the key {key!r} cannot hold an expression", hint))
        nodes = [(key, node) for key, node, _ in parts if node]
        items = [(key, item) for key, _, item in parts if item]
        constants = {key: data[key] for key, node, item in parts if not node and not item}
        return _mapping(constants, nodes, items) if nodes or items else None

    def _list(self, block: Block, data: list[Any], loc: Loc) -> Node | None:
        parts = [(value, *self._part(block, value, (*loc, at), in_list=True)) for at, value in enumerate(data)]
        return _list(parts) if any(node or item for _, node, item in parts) else None

    def _part(self, block: Block, value: Any, loc: Loc, in_list: bool) -> tuple[Node | None, Item | None]:
        if isinstance(value, dict) and (WHEN in value or EACH in value):
            item = self.item(value, loc, in_list)
            block.items.append(item)
            if item.when and not item.each:
                block.condition(item)
            return None, item
        return self._node(block, value, loc), None

    def _leaf(self, block: Block, text: str, loc: Loc) -> Node | None:
        if "<<" not in text:
            block.cost += COST_OF_VALUE + len(text)
            return None
        try:
            found = sections(pieces(text))
        except UnclosedError:
            self._fault(loc, "", Fault("`<<` opens an expression that no `>>` closes", QUOTE_IT))
            return None
        except SectionError as error:
            self._fault(loc, error.source, Fault(str(error), SECTION))
            return None
        whole = _is_one_expression(found)
        parts = self._parts(block, found, Use(loc, in_text=not whole))
        if whole:
            return _whole(next((part for part in parts if isinstance(part, int)), 0), self.escape_at(loc))
        return _text(parts, self.escape_at(loc))

    def _parts(self, block: Block, found: Sequence[Piece | Section], use: Use) -> list[TextPart]:
        parts: list[TextPart] = []
        for piece in found:
            if isinstance(piece, Section):
                parts.append((self._section(block, piece, use.loc), piece.is_promql))
            elif (part := self._part_of_text(block, piece, use)) is not None:
                parts.append(part)
        return parts

    def _section(self, block: Block, section: Section, loc: Loc) -> Item:
        """An item of its own whose object is a text."""
        self._checked(loc, section.source, section.opening)
        item = Item(Block(loc), name=section.name, each=section.source, opening=section.opening)
        parts = self._parts(item.block, section.body, Use(loc, in_text=True))
        item.block.node = _text(parts, self.escape_at(loc))
        block.items.append(item)
        self._close(item, loc)
        return item

    def _part_of_text(self, block: Block, piece: Piece, use: Use) -> str | int | None:
        """A constant, or the slot of an expression; None for a wrong one."""
        text, is_expression = piece
        if not is_expression:
            return text
        return block.slot(text, use) if self._checked(use.loc, text, text) else None

    def _checked(self, loc: Loc, source: str, place: str) -> bool:
        self.budget.look()
        if fault := wrong(source):
            self._fault(loc, place, fault)
        return fault is None

    def _fault(self, loc: Loc, source: str, fault: Fault) -> None:
        self.found.append((loc, source, fault))


def _is_one_expression(parts: Sequence[Piece | Section]) -> bool:
    """White space around it is nothing."""
    telling = [part for part in parts if isinstance(part, Section) or part[1] or part[0].strip()]
    return len(telling) == 1 and not isinstance(telling[0], Section) and telling[0][1]


def _name_and_source(text: str) -> tuple[str, str]:
    """`name in expression` as its two parts; empty ones for anything else."""
    words = text.split(None, 2)
    is_loop = len(words) == 3 and words[1] == "in" and _NAME.fullmatch(words[0])
    return (words[0], words[2]) if is_loop else ("", "")


def _mapping(constants: dict[str, Any], nodes: list[tuple[str, Node]], items: list[tuple[str, Item]]) -> Node:
    def render(names: Names, values: list[Any], budget: Budget) -> dict[str, Any]:
        rendered = constants.copy()
        for key, node in nodes:
            rendered[key] = node(names, values, budget)
        for key, item in items:
            rendered.update((key, one) for one in item.render(names, budget, values))
        return rendered

    return render


def _list(parts: list[tuple[Any, Node | None, Item | None]]) -> Node:
    def render(names: Names, values: list[Any], budget: Budget) -> list[Any]:
        rendered: list[Any] = []
        for constant, node, item in parts:
            if item:
                rendered.extend(item.render(names, budget, values))
            else:
                rendered.append(node(names, values, budget) if node else constant)
        return rendered

    return render


def _whole(slot: int, escape: Escape) -> Node:
    """One expression and nothing else: its value keeps its type."""

    def render(_names: Names, values: list[Any], budget: Budget) -> Any:
        value = plain(values[slot], escape)
        budget.charge(weight(value))
        return value

    return render


def _text(parts: Sequence[TextPart], escape: Escape) -> Node:
    if not any(isinstance(part, tuple) for part in parts):
        return _plain_text([part for part in parts if not isinstance(part, tuple)], escape)

    def render(names: Names, values: list[Any], budget: Budget) -> str:
        texts = [_spelled(part, escape, names, values, budget) for part in parts]
        # What a section made was charged when it was made.
        budget.charge(sum(len(text) for text, part in zip(texts, parts, strict=True) if not isinstance(part, tuple)))
        return "".join(texts)

    return render


def _plain_text(parts: Sequence[str | int], escape: Escape) -> Node:
    """Without sections."""

    def render(_names: Names, values: list[Any], budget: Budget) -> str:
        text = "".join([part if isinstance(part, str) else spelled(values[part], escape) for part in parts])
        budget.charge(len(text))
        return text

    return render


def _spelled(part: TextPart, escape: Escape, names: Names, values: list[Any], budget: Budget) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, int):
        return spelled(values[part], escape)
    item, is_promql = part
    return joined(item.render(names, budget), is_promql)
