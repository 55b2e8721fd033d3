"""A parsed document -> a tree to render. Every wrong expression is found, not only the first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from provisioner.catalog.documents import Loc
from provisioner.templates.expressions import FAULTS, Fault, fault_of, wrong
from provisioner.templates.tree import EACH, WHEN, Block, Found, Item, Names, Node, Use, charge
from provisioner.templates.values import Escape, plain, spelled, weight

_EXPRESSION = re.compile(r"""<<((?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|(?!>>)[^"'])*)>>""", re.DOTALL)
_EACH = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*)\s+in\s+(.+)", re.DOTALL)
QUOTE_IT = (
    "in YAML put an expression with a comma, a bracket, a quote, `: ` or ` #` into quotes or a block scalar; "
    'for two angle brackets write << "<<" >>'
)


def compile_tree(data: Any, loc: Loc, escape_at: Callable[[Loc], Escape]) -> tuple[Item, list[Found]]:
    """The data as something to render, and everything that is wrong with its expressions.

    `loc` is where the data stands in its file; `escape_at` tells how values are escaped at a location.
    """
    compiler = _Compiler(escape_at)
    item = compiler.item(data, loc, in_list=False)
    return item, compiler.found


class _Compiler:
    def __init__(self, escape_at: Callable[[Loc], Escape]) -> None:
        self.escape_at = escape_at
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
            item.block.close()
            item.close()
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
        words = _EACH.fullmatch(str(data[EACH]))
        if not words or not in_list:
            why = "is only for items of a list" if words else "must read `name in expression`"
            self._fault((*loc, EACH), "", Fault(f"{EACH} {why}", f'such as "{EACH}": "consumer in topic.consumers"'))
            return "", ""
        self._checked((*loc, EACH), words[2], "")
        return words[1], words[2]

    def _node(self, block: Block, data: Any, loc: Loc) -> Node | None:
        """What renders the data; None if it is constant."""
        if isinstance(data, str):
            return self._leaf(block, data, loc)
        if isinstance(data, dict):
            return self._mapping(block, data, loc)
        return self._list(block, data, loc) if isinstance(data, list) else None

    def _mapping(self, block: Block, data: dict[str, Any], loc: Loc) -> Node | None:
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
            return None, item
        return self._node(block, value, loc), None

    def _leaf(self, block: Block, text: str, loc: Loc) -> Node | None:
        if "<<" not in text:
            return None
        if "<<" in _EXPRESSION.sub("", text):
            self._fault(loc, "", Fault("`<<` opens an expression that no `>>` closes", QUOTE_IT))
            return None
        whole = _EXPRESSION.fullmatch(text.strip())
        pieces = list(_pieces(text))
        parts: list[str | int] = []
        for piece, is_expression in pieces:
            if not is_expression:
                parts.append(piece)
            elif self._checked(loc, piece, piece):
                parts.append(block.slot(piece, Use(loc, in_text=not whole)))
        if whole:
            return _whole(next((part for part in parts if isinstance(part, int)), 0), self.escape_at(loc))
        return _text(parts, self.escape_at(loc))

    def _checked(self, loc: Loc, source: str, place: str) -> bool:
        if fault := wrong(source):
            self._fault(loc, place, fault)
        return fault is None

    def _fault(self, loc: Loc, source: str, fault: Fault) -> None:
        self.found.append((loc, source, fault))


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """The text in order: (constant, False) and (source of an expression, True)."""
    at = 0
    for match in _EXPRESSION.finditer(text):
        if match.start() > at:
            yield text[at : match.start()], False
        yield match[1], True
        at = match.end()
    if at < len(text):
        yield text[at:], False


def _mapping(constants: dict[str, Any], nodes: list[tuple[str, Node]], items: list[tuple[str, Item]]) -> Node:
    def render(names: Names, values: list[Any]) -> dict[str, Any]:
        rendered = constants.copy()
        for key, node in nodes:
            rendered[key] = node(names, values)
        for key, item in items:
            rendered.update((key, one) for one in item.render(names))
        return rendered

    return render


def _list(parts: list[tuple[Any, Node | None, Item | None]]) -> Node:
    def render(names: Names, values: list[Any]) -> list[Any]:
        rendered: list[Any] = []
        for constant, node, item in parts:
            if item:
                rendered.extend(item.render(names))
            else:
                rendered.append(node(names, values) if node else constant)
        return rendered

    return render


def _whole(slot: int, escape: Escape) -> Node:
    """One expression and nothing else: its value keeps its type."""

    def render(names: Names, values: list[Any]) -> Any:
        value = plain(values[slot], escape)
        charge(names, weight(value))
        return value

    return render


def _text(parts: list[str | int], escape: Escape) -> Node:
    def render(names: Names, values: list[Any]) -> str:
        text = "".join([part if isinstance(part, str) else spelled(values[part], escape) for part in parts])
        charge(names, len(text))
        return text

    return render
