"""A template's text, and where in it a value stands: looked up only when something is wrong there."""

from __future__ import annotations

import json
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from provisioner.catalog.documents import Document, Loc, parse
from provisioner.problem import Problem, Span
from provisioner.templates.json_text import Place, tokens


@dataclass(frozen=True)
class Source:
    """A file of YAML, or of JSON where its name says so. `text`: bytes that are not UTF-8 stand as surrogates."""

    path: str
    text: str

    @property
    def is_json(self) -> bool:
        """JSON is read as JSON: YAML reads `1e5` and long keys differently."""
        return self.path.endswith(".json")

    @cached_property
    def yaml(self) -> tuple[Document, list[Problem]]:
        """The file read as YAML, once."""
        return parse(self.path, self.text.encode(errors="surrogateescape"))

    @cached_property
    def document(self) -> Document:
        """The places of the file's values; for JSON without the values. JSON must be valid."""
        if not self.is_json:
            return self.yaml[0]
        places: dict[Loc, Place] = {}
        keys: dict[Loc, Place] = {}
        for token in tokens(self.text):
            place = (*self._line_and_column(token.at), len(token.word))
            (keys if token.is_key else places).setdefault(token.loc, place)
        return Document(self.path, None, places.get, keys.get)

    def span(self, loc: Loc, expression: str = "") -> Span:
        """Where the leaf at `loc` stands, or more exactly an expression (without its brackets) inside it."""
        leaf = self.document.key_span(loc) if expression == "" else self.document.span(loc)
        return self._inside(leaf, expression) or leaf

    def at(self, offset: int, width: int = 1) -> Span:
        """A place by the characters before it."""
        return Span(self.path, *self._line_and_column(offset), width)

    def _inside(self, leaf: Span, expression: str) -> Span | None:
        written = json.dumps(expression, ensure_ascii=False)[1:-1] if self.is_json else expression
        begin = self._line_starts[min(leaf.line, len(self._line_starts)) - 1] + leaf.column - 1
        at = self.text.find(f"<<{written}>>", begin) if expression else -1
        return self.at(at, len(f"<<{written}>>".split("\n", 1)[0])) if at >= 0 else None

    @cached_property
    def _line_starts(self) -> list[int]:
        starts = [0]
        while at := self.text.find("\n", starts[-1]) + 1:
            starts.append(at)
        return starts

    def _line_and_column(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1
