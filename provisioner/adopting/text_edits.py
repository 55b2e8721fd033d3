"""A YAML text with some values changed, added or taken out; every other character stays as it is.

Comments, quotes, braces and the order of the lines are people's. A new pair is written as the map that it goes into
is: on a line of its own, or behind a comma. Whether the text says what it should is for the reader to judge.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from provisioner.catalog.nodes import Items, Map, Pair, Part, Scalar, root
from provisioner.catalog.places import Loc, Step

Change = Mapping[Loc, str | None]
"""Location -> the value as YAML, None: the pair goes."""

Tree = dict[Step, "Tree | str | None"]

ORDER = ("name", "state", "description", "message", "clusters", "partitions", "replication_factor", "config", "lag")
"""The order in which people write an entry; what is not here comes after them."""

WIDEST = 110
"""A map that does not fit in so many columns gets a line for each key, as `import` has it."""

_REST = re.compile(r"[ \t]*(,?)[ \t]*(#[^\r\n]*)?\r?$", re.MULTILINE)
"""What may stand between a value and the end of its line."""


class Edit(NamedTuple):
    """The characters from `begin` to `end` become `text`."""

    begin: int
    end: int
    text: str


def edited(text: str, changes: Change) -> str:
    """The text after the changes. The maps on the way to a value are made where there are none."""
    edits = sorted(_Text(text).value(root(text), _tree(changes)), key=lambda edit: (edit.begin, edit.end))
    if len(changes) > 1 and any(one.end > other.begin for one, other in pairwise(edits)):
        for loc, value in changes.items():
            text = edited(text, {loc: value})
        return text
    for edit in reversed(edits):
        text = text[: edit.begin] + edit.text + text[edit.end :]
    return text


def flow(tree: Tree | str | None) -> str:
    """As YAML on one line."""
    if isinstance(tree, dict):
        return "{" + ", ".join(f"{key}: {flow(value)}" for key, value in tree.items()) + "}"
    return tree or ""


def pasted(changes: Change) -> str:
    """What an entry would say, to be pasted; the locations are below it."""
    return "\n".join(f"{key}: {flow(value)}" for key, value in _tree(changes).items())


def _tree(changes: Change) -> Tree:
    tree: Tree = {}
    for loc, value in changes.items():
        inner = tree
        for step in loc[:-1]:
            below = inner.setdefault(step, {})
            assert isinstance(below, dict)
            inner = below
        inner[loc[-1]] = value
    return tree


class _Text:
    """One text, and what has to be done to it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.newline = "\r\n" if "\r\n" in text else "\n"

    def value(self, part: Part, tree: Tree | str | None) -> Iterator[Edit]:
        """What makes a value that is there say something else."""
        if isinstance(tree, dict) and isinstance(part, Map):
            yield from self._map(part, tree)
        elif isinstance(tree, dict) and isinstance(part, Items):
            for step, below in tree.items():
                if isinstance(step, int) and step < len(part.values):
                    yield from self.value(part.values[step], below)
        elif isinstance(tree, dict):
            # `dead_letter: NAME` is short for a map.
            yield Edit(part.begin, part.end, flow({"name": self.text[part.begin : part.end], **tree}))
        elif tree is not None:
            yield Edit(part.begin, part.end, self._as_quoted(part, tree))

    def _as_quoted(self, part: Part, value: str) -> str:
        quote = self.text[part.begin] if isinstance(part, Scalar) and part.flow else ""
        return f"{quote}{value}{quote}" if quote and value[:1] not in ("'", '"') else value

    def _map(self, part: Map, tree: Tree) -> Iterator[Edit]:
        gone = [pair for pair in part.pairs if pair.name in tree and self._goes(pair.value, tree[pair.name])]
        for pair in part.pairs:
            if pair.name in tree and pair not in gone:
                yield from self.value(pair.value, tree[pair.name])
        new = {key: _kept(value) for key, value in tree.items() if part.pair(key) is None}
        new = {key: value for key, value in new.items() if value is not None and value != {}}
        if new and len(gone) == len(part.pairs):
            yield from self._instead(part, new)
            return
        yield from self._without(part, gone)
        for anchor, more in _anchored(part, gone, new).items():
            yield from self._behind(part, anchor, more)

    def _goes(self, part: Part, tree: Tree | str | None) -> bool:
        """True where nothing is left: a map without pairs goes, too."""
        if not isinstance(tree, dict) or not isinstance(part, Map):
            return tree is None
        if any(_kept(value) not in (None, {}) and part.pair(key) is None for key, value in tree.items()):
            return False
        left = (pair for pair in part.pairs if pair.name not in tree or not self._goes(pair.value, tree[pair.name]))
        return bool(part.pairs) and next(left, None) is None

    def _instead(self, part: Map, new: Tree) -> Iterator[Edit]:
        """All pairs go, and others come in their place."""
        if not part.pairs:
            yield Edit(part.begin, part.end, flow(new))
            return
        begin, end = part.pairs[0].begin, part.pairs[-1].end
        between = ", " if part.flow else self.newline + self._indent(part)
        yield Edit(begin, end, between.join(self._pair(key, value, part) for key, value in new.items()))

    def _behind(self, part: Map, anchor: Pair, new: Tree) -> Iterator[Edit]:
        pairs = [self._pair(key, value, part) for key, value in new.items()]
        rest = _REST.match(self.text, anchor.end)
        if part.flow and not (rest and self._is_alone(anchor)):
            yield Edit(anchor.end, anchor.end, "".join(f", {pair}" for pair in pairs))
            return
        assert rest is not None
        between, end = self.newline + self._indent(part), rest.end() - self.text[: rest.end()].endswith("\r")
        if not part.flow:
            yield Edit(end, end, "".join(f"{between}{pair}" for pair in pairs))
        elif rest[1]:
            yield Edit(end, end, "".join(f"{between}{pair}," for pair in pairs))
        else:
            yield Edit(anchor.end, anchor.end, ",")
            yield Edit(end, end, between + f",{between}".join(pairs))

    def _pair(self, key: Step, value: Tree | str | None, part: Map) -> str:
        line = f"{key}: {flow(value)}"
        if part.flow or not isinstance(value, dict) or len(self._indent(part)) + len(line) <= WIDEST:
            return line
        inner = self.newline + self._indent(part) + "  "
        return f"{key}:" + "".join(f"{inner}{name}: {flow(below)}" for name, below in value.items())

    def _indent(self, part: Map) -> str:
        """What stands before a key of a map that has a line for each."""
        pair = next((pair for pair in reversed(part.pairs) if self._is_alone(pair)), part.pairs[0])
        return " " * (pair.begin - self._line(pair.begin))

    def _line(self, at: int) -> int:
        return self.text.rfind("\n", 0, at) + 1

    def _is_alone(self, pair: Pair) -> bool:
        """True for a pair before which nothing stands on its line."""
        return not self.text[self._line(pair.begin) : pair.begin].strip(" ")

    def _without(self, part: Map, gone: Sequence[Pair]) -> Iterator[Edit]:
        pairs = list(part.pairs)
        kept = [pair not in gone for pair in pairs]
        for number, pair in enumerate(pairs):
            if kept[number]:
                continue
            rest = _REST.match(self.text, pair.end)
            if rest and self._is_alone(pair):
                end = min(rest.end() + 1, len(self.text))
                yield Edit(self._line(pair.begin), end, "")
            elif any(kept[:number]):
                yield Edit(pairs[number - 1].end, pair.end, "")
            else:
                yield Edit(pair.begin, pairs[number + 1].begin if number + 1 < len(pairs) else pair.end, "")


def _kept(tree: Tree | str | None) -> Tree | str | None:
    """What there is to write, without what is to go: that is not there."""
    if not isinstance(tree, dict):
        return tree
    inner = {key: _kept(value) for key, value in tree.items()}
    return {key: value for key, value in inner.items() if value is not None and value != {}}


def _anchored(part: Map, gone: Sequence[Pair], new: Tree) -> dict[Pair, Tree]:
    """Behind which pair each new one goes: of an entry's words in their order, else at the end."""
    anchors: dict[Pair, Tree] = {}
    there = [pair for pair in part.pairs if pair not in gone] or list(part.pairs)
    for key, value in new.items():
        before = [pair for pair in there if _rank(pair.name) <= _rank(key)] if key in ORDER else there
        anchors.setdefault(before[-1] if before else there[-1], {})[key] = value
    return anchors


def _rank(word: Step) -> int:
    return ORDER.index(word) if word in ORDER else len(ORDER)
