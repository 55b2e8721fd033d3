"""A template's text, and where in it a value stands: looked up only when something is wrong there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from provisioner.catalog.documents import Document, Loc, parse
from provisioner.problem import Span

_TOKEN = re.compile(r'[{}\[\],:]|"(?:[^"\\]|\\.)*"|[^\s{}\[\],:"]+')

Place = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Source:
    """A file of YAML, or of JSON where its name says so."""

    path: str
    text: str

    @property
    def is_json(self) -> bool:
        """JSON is read as JSON: YAML reads `1e5` and long keys differently."""
        return self.path.endswith(".json")

    def document(self, data: object = None) -> Document:
        """The file with the places of its values; `data` is passed through for JSON, which is not parsed again."""
        if self.is_json:
            places, keys = _json_places(self.text)
            return Document(self.path, data, places, keys)
        return parse(self.path, self.text.encode())[0]

    def span(self, loc: Loc, expression: str = "") -> Span:
        """Where the leaf at `loc` stands, or more exactly an expression (without its brackets) inside it."""
        document = self.document()
        leaf = document.key_span(loc) if expression == "" else document.span(loc)
        return self._inside(leaf, expression) or leaf

    def _inside(self, leaf: Span, expression: str) -> Span | None:
        written = json.dumps(expression, ensure_ascii=False)[1:-1] if self.is_json else expression
        start = _offset(self.text, leaf.line, leaf.column)
        at = self.text.find(f"<<{written}>>", start) if expression else -1
        if at < 0:
            return None
        first_line = f"<<{written}>>".split("\n", 1)[0]
        return Span(self.path, *_line_and_column(self.text, at), len(first_line))


def _offset(text: str, line: int, column: int) -> int:
    at = 0
    for _ in range(line - 1):
        at = text.find("\n", at) + 1
    return at + column - 1


def _line_and_column(text: str, at: int) -> tuple[int, int]:
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def _json_places(text: str) -> tuple[dict[Loc, Place], dict[Loc, Place]]:
    """Where each value and each key stands, from the tokens alone. The text must be valid JSON."""
    places: dict[Loc, Place] = {}
    keys: dict[Loc, Place] = {}
    for loc, is_key, at, width in _json_tokens(text):
        place = (*_line_and_column(text, at), width)
        (keys if is_key else places).setdefault(loc, place)
    return places, keys


def _json_tokens(text: str) -> Iterator[tuple[Loc, bool, int, int]]:
    """(location, is it a key, offset, width). A step of None waits for its key."""
    steps: list[str | int | None] = []
    for match in _TOKEN.finditer(text):
        word, at = match[0], match.start()
        if word in "}]":
            steps.pop()
        elif word == ",":
            steps[-1] = steps[-1] + 1 if isinstance(steps[-1], int) else None
        elif word != ":":
            is_key = bool(steps) and steps[-1] is None
            if is_key:
                steps[-1] = json.loads(word)
            yield tuple(step for step in steps if step is not None), is_key, at, len(word)
            if word in "{[":
                steps.append(None if word == "{" else 0)
