"""YAML text -> data with places. Strict: what YAML would guess, alias or overwrite in silence is a problem here."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

import yaml

from provisioner.catalog import slips
from provisioner.catalog.findings import Findings
from provisioner.catalog.places import Loc, Place
from provisioner.catalog.reader import MAX_DEPTH, GiveUpError, Reader
from provisioner.problem import Problem, Span

__all__ = ["MAX_BYTES", "MAX_DEPTH", "Document", "Loc", "document_of", "parse"]

MAX_BYTES = 1024 * 1024

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE_BREAK = re.compile("\r(?!\n)|[\x85\u2028\u2029]")
"""What libyaml takes for the end of a line and a review shows as none: text behind it could hide in a comment."""

_DIRECTIVE = re.compile("^%", re.MULTILINE)
"""libyaml compares each directive with all before it: 40,000 of them take a minute."""

Finder = Callable[[Loc], Place | None]


def _nowhere(_: Loc) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Document:
    """One file's data (dicts with text keys, lists, str, int, float, bool) and where each value and key stands.

    `places` and `keys` find that by location. `damaged` holds the locations that already have a problem, so that nobody
    complains twice. `hidden`: from where to where (in characters of the text) values of secrets are written out;
    `whole`: the text was read to its end; `doubled`: keys that are given twice.
    """

    path: str
    data: Any
    places: Finder = field(default=_nowhere, repr=False)
    keys: Finder = field(default=_nowhere, repr=False)
    damaged: frozenset[Loc] = frozenset()
    hidden: tuple[tuple[int, int], ...] = ()
    whole: bool = True
    doubled: frozenset[Loc] = frozenset()

    def span(self, loc: Loc) -> Span:
        """Where the value at `loc` stands, or the closest value around it."""
        place = self.places(loc)
        while loc and not place:
            loc = loc[:-1]
            place = self.places(loc)
        return Span(self.path, *(place or (1, 1, 1)))

    def key_span(self, loc: Loc) -> Span:
        """Where the key of the value at `loc` stands (a list item has none: its value then)."""
        place = self.keys(loc)
        return Span(self.path, *place) if place else self.span(loc)


def parse(path: str, raw: bytes, breaks: Collection[str] | None = None) -> tuple[Document, list[Problem]]:
    r"""Read one YAML document. All that is wrong is returned; the data is then what could be read.

    `breaks`: the keys whose values may have line breaks (`\n`) in them; None: every value.
    """
    findings = Findings()
    document = document_of(path, raw, findings, breaks)
    return document, findings.problems()


def document_of(path: str, raw: bytes, findings: Findings, breaks: Collection[str] | None = None) -> Document:
    """As `parse`; what is wrong goes to the findings of the file."""
    if (text := _decoded(raw)) is None:
        return _broken(path, findings, _encoding(path, raw))
    if strange := _LINE_BREAK.search(text):
        return _broken(path, findings, _line_break(path, text, strange.start()))
    if directive := _DIRECTIVE.search(text):
        return _broken(path, findings, _no_directive(path, text, directive.start()))
    try:
        reader = Reader(path, text, findings, breaks)
        data = reader.document()
    except yaml.YAMLError as error:
        return _broken(path, findings, _syntax(path, text, error))
    except GiveUpError:
        return _broken(path, findings)
    hidden, damaged, doubled = tuple(reader.hidden), frozenset(reader.damaged), frozenset(reader.doubled)
    return Document(path, data, reader.places.value, reader.places.key, damaged, hidden, doubled=doubled)


def _broken(path: str, findings: Findings, problem: Problem | None = None) -> Document:
    if problem:
        findings.add(problem)
    return Document(path, None, damaged=frozenset({()}), whole=False)


def _decoded(raw: bytes) -> str | None:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def _encoding(path: str, raw: bytes) -> Problem:
    raw = raw.removeprefix(codecs.BOM_UTF8)
    at = _first_wrong(raw)
    begin = raw.rfind(b"\n", 0, at) + 1
    span = Span(path, raw.count(b"\n", 0, at) + 1, len(raw[begin:at].decode("utf-8")) + 1)
    return Problem("yaml/encoding", f"byte 0x{raw[at]:02x} is not UTF-8", span, "save the file as UTF-8")


def _first_wrong(raw: bytes) -> int:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return 0


def _syntax(path: str, text: str, error: yaml.YAMLError) -> Problem:
    if isinstance(error, yaml.reader.ReaderError):
        return _control_character(path, text)
    mark = getattr(error, "problem_mark", None)
    span = Span(path, mark.line + 1, mark.column + 1) if mark else Span(path)
    what = str(getattr(error, "problem", None) or error).strip()
    context = getattr(error, "context", None)
    if known := slips.known(text, mark, what) if mark else None:
        return Problem("yaml/syntax", known[0], span, known[1])
    hint = "check the indentation (spaces only), quotes and brackets of this line and the one above"
    return Problem("yaml/syntax", f"this is not YAML: {what}" + (f" ({context})" if context else ""), span, hint)


def _control_character(path: str, text: str) -> Problem:
    match = _UNPRINTABLE.search(text)
    at = match.start() if match else 0
    message = f"character U+{ord(text[at]):04X} is not allowed in YAML"
    return Problem("yaml/syntax", message, _at(path, text, at), "remove it")


def _line_break(path: str, text: str, at: int) -> Problem:
    message = f"character U+{ord(text[at]):04X} ends a line for YAML, and not for who reads the file"
    return Problem("yaml/syntax", message, _at(path, text, at), "save the file with usual line ends")


def _no_directive(path: str, text: str, at: int) -> Problem:
    return Problem("yaml/syntax", "a line that begins with % is a directive", _at(path, text, at), "leave it away")


def _at(path: str, text: str, at: int) -> Span:
    return Span(path, text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))
