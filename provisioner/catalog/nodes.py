"""YAML text -> its values with the characters that they take up: for whoever changes a text and keeps its layout.

For texts that `documents` has read without a problem: no anchors, no tags, no double keys, not deeper than its limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from provisioner.catalog.places import Loc, Step


@dataclass(frozen=True, slots=True)
class Part:
    """A value: its first character, and the one behind its last. `flow`: it stands in braces, brackets or quotes."""

    begin: int
    end: int
    flow: bool = False


@dataclass(frozen=True, slots=True)
class Scalar(Part):
    """One word, or a text of several lines."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A key and its value in a map."""

    name: str
    begin: int
    value: Part

    @property
    def end(self) -> int:
        """Behind the value."""
        return self.value.end


@dataclass(frozen=True, slots=True)
class Map(Part):
    """The pairs in their order."""

    pairs: tuple[Pair, ...] = ()

    def pair(self, name: Step) -> Pair | None:
        """The pair with that key."""
        return next((pair for pair in self.pairs if pair.name == name), None)


@dataclass(frozen=True, slots=True)
class Items(Part):
    """The values of a list."""

    values: tuple[Part, ...] = ()


def root(text: str) -> Part:
    """The outermost value, nothing where the text is no YAML; a byte order mark is no part of the text."""
    try:
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError:
        node = None
    return Scalar(0, 0) if node is None else _part(text, node)


def at(part: Part, loc: Loc) -> Part | None:
    """The value at a location."""
    for step in loc:
        if isinstance(part, Map) and (pair := part.pair(step)):
            part = pair.value
        elif isinstance(part, Items) and isinstance(step, int) and step < len(part.values):
            part = part.values[step]
        else:
            return None
    return part


def _part(text: str, node: Node) -> Part:
    begin, end = node.start_mark.index, node.end_mark.index
    if isinstance(node, MappingNode):
        pairs = tuple(_pairs(text, node))
        # What stands in a block ends for the parser where the next token begins.
        end = end if node.flow_style or not pairs else pairs[-1].end
        return Map(begin, end, bool(node.flow_style), pairs)
    if isinstance(node, SequenceNode):
        values = tuple(_part(text, each) for each in node.value)
        end = end if node.flow_style or not values else values[-1].end
        return Items(begin, end, bool(node.flow_style), values)
    assert isinstance(node, ScalarNode)
    return Scalar(begin, begin + len(text[begin:end].rstrip()), node.style in ("'", '"'))


def _pairs(text: str, node: MappingNode) -> Iterator[Pair]:
    for key, value in node.value:
        yield Pair(key.value, key.start_mark.index, _part(text, value))
