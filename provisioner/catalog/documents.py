"""YAML text -> data with places. Strict: what YAML would guess, alias or overwrite in silence is a problem here.

The event stream is walked instead of PyYAML's own tree: 30,000 opening brackets crash its C composer, and an alias
is seen before it can be expanded.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from provisioner.problem import Problem, Span

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 16
MAX_VALUES = 200_000

Loc = tuple[str | int, ...]
_Place = tuple[int, int, int]

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(0|[1-9][0-9]*)\.[0-9]+([eE][-+]?[0-9]+)?")
_TRAPS = (
    (re.compile(r"(?i:y|yes|n|no|on|off)|True|TRUE|False|FALSE"), "YAML may read it as true or false"),
    (re.compile(r"[-+]?0[0-9_]+|0[xXbBoO][0-9a-fA-F_]+"), "YAML may read it as an octal or hexadecimal number"),
    (re.compile(r"[-+]?[0-9]+(:[0-5]?[0-9])+(\.[0-9]*)?"), "YAML may read it as a number in base 60"),
    (re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?"), "YAML may read it as a date"),
    (re.compile(r"[-+]?[0-9][0-9_]*_[0-9_]*"), "YAML may read it as a number without the underscores"),
    (
        re.compile(r"[-+]?(\.[0-9]+|[0-9]+\.|[0-9.]+[eE][-+]?[0-9]+|\.(?i:inf|nan))|\.(?i:nan)"),
        "YAML may read it as a number",
    ),
)
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE_BREAK = re.compile("\r(?!\n)|[\x85\u2028\u2029]")
"""What libyaml takes for the end of a line and a review shows as none: text behind it could hide in a comment."""
_MAYBE_TRAP = frozenset("0123456789+-.yYnNoOtTfF")
_DIGIT_OR_SIGN = frozenset("0123456789+-")


@dataclass(frozen=True, slots=True)
class Document:
    """One file's data (dicts with text keys, lists, str, int, float, bool) and where each value and key stands.

    `damaged` holds the locations that already have a problem, so that nobody complains twice.
    """

    path: str
    data: Any
    places: Mapping[Loc, _Place] = field(default_factory=dict, repr=False)
    keys: Mapping[Loc, _Place] = field(default_factory=dict, repr=False)
    damaged: frozenset[Loc] = frozenset()

    def span(self, loc: Loc) -> Span:
        """Where the value at `loc` stands, or the closest value around it."""
        return self._nearest(self.places, loc)

    def key_span(self, loc: Loc) -> Span:
        """Where the key of the value at `loc` stands (a list item has none: its value then)."""
        return Span(self.path, *self.keys[loc]) if loc in self.keys else self.span(loc)

    def _nearest(self, places: Mapping[Loc, _Place], loc: Loc) -> Span:
        while loc and loc not in places:
            loc = loc[:-1]
        return Span(self.path, *places.get(loc, (1, 1, 1)))


def parse(path: str, raw: bytes) -> tuple[Document, list[Problem]]:
    """Read one YAML document. All that is wrong is returned; the data is then what could be read."""
    if (text := _decoded(raw)) is None:
        return Document(path, None, damaged=frozenset({()})), [_encoding(path, raw)]
    if strange := _LINE_BREAK.search(text):
        return Document(path, None, damaged=frozenset({()})), [_line_break(path, text, strange.start())]
    reader = _Reader(path)
    try:
        data = reader.document(text)
    except yaml.YAMLError as error:
        reader.problems.append(_syntax(path, text, error))
        data, reader.damaged = None, {()}
    except _GiveUpError:
        data, reader.damaged = None, {()}
    return Document(path, data, reader.places, reader.keys, frozenset(reader.damaged)), reader.problems


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


def _at(path: str, text: str, at: int) -> Span:
    return Span(path, text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))


class _GiveUpError(Exception):
    """The rest of the file is not worth reading."""


class _Reader:
    """Builds the data of one document from the parser's events."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.places: dict[Loc, _Place] = {}
        self.keys: dict[Loc, _Place] = {}
        self.problems: list[Problem] = []
        self.damaged: set[Loc] = set()

    def document(self, text: str) -> Any:
        """The one document of the text; None for an empty file."""
        events = iter(yaml.parse(text, Loader=yaml.CSafeLoader))
        data: Any = None
        seen = False
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if seen:
                    self._problem("documents", "a second document begins here", event, "use one file for each")
                    raise _GiveUpError
                seen = True
                data = self._value(next(events), events, ())
        return data

    def _value(self, event: Any, events: Iterator[Any], loc: Loc) -> Any:
        kind = type(event)
        if kind is not yaml.AliasEvent:
            start, end = event.start_mark, event.end_mark
            width = end.column - start.column if end.line == start.line else 1
            self.places[loc] = (start.line + 1, start.column + 1, width if width > 0 else 1)
            if len(self.places) > MAX_VALUES:
                self._problem("too-large", f"more than {MAX_VALUES} values in one file", event, "split the file")
                raise _GiveUpError
            if event.anchor is not None:
                self._damage(
                    loc, "alias", f"anchor &{event.anchor}", event, "write the value out; defaults belong in team.yaml"
                )
            if event.tag is not None:
                self._damage(
                    loc, "tag", f"tag {event.tag}", event, "leave the tag away, and quote the value if it is text"
                )
        if kind is yaml.ScalarEvent:
            return self._scalar(event, loc)
        if kind is yaml.MappingStartEvent:
            return self._mapping(event, events, loc)
        if kind is yaml.SequenceStartEvent:
            return self._sequence(event, events, loc)
        self._damage(loc, "alias", f"alias *{event.anchor}", event, "write the value out; defaults belong in team.yaml")
        return None

    def _mapping(self, start: Any, events: Iterator[Any], loc: Loc) -> dict[str, Any]:
        self._bounded(start, loc)
        data: dict[str, Any] = {}
        for event in events:
            if type(event) is yaml.MappingEndEvent:
                break
            key = self._key(event, events, loc)
            at = (*loc, key)
            mark, end = event.start_mark, event.end_mark
            place = (mark.line + 1, mark.column + 1, max(1, end.column - mark.column))
            if key in data:
                self._duplicate(key, at, event)
                self._value(next(events), events, (*at, "(again)"))
                continue
            self.keys[at] = place
            data[key] = self._value(next(events), events, at)
        return data

    def _sequence(self, start: Any, events: Iterator[Any], loc: Loc) -> list[Any]:
        self._bounded(start, loc)
        data: list[Any] = []
        for event in events:
            if type(event) is yaml.SequenceEndEvent:
                break
            data.append(self._value(event, events, (*loc, len(data))))
        return data

    def _key(self, event: Any, events: Iterator[Any], loc: Loc) -> str:
        if type(event) is yaml.ScalarEvent:
            if event.value == "<<":
                self._damage(loc, "alias", "merge key <<", event, "write the values out; defaults belong in team.yaml")
            return str(event.value)
        self._damage(loc, "key", "a key that is no plain word", event, "write `name: value`")
        self._value(event, events, (*loc, "(key)"))
        return "(key)"

    def _scalar(self, event: Any, loc: Loc) -> Any:
        text: str = event.value
        if event.style is not None and event.style != "":
            return text
        if not text or text in ("~", "null", "Null", "NULL"):
            return self._empty(event, loc)
        if text[0] not in _MAYBE_TRAP:
            return text
        return self._guessed(text, event, loc)

    def _guessed(self, text: str, event: Any, loc: Loc) -> Any:
        if text == "true" or text == "false":
            return text == "true"
        if text[0] in _DIGIT_OR_SIGN:
            if _INTEGER.fullmatch(text):
                return int(text) if len(text) < 30 else text
            if _FLOAT.fullmatch(text):
                return float(text)
        for pattern, why in _TRAPS:
            if pattern.fullmatch(text):
                hint = f'write "{text}" if it is text' + (", true or false if it is a switch" if "true" in why else "")
                self._damage(loc, "unquoted", f"{text} without quotes: {why}", event, hint)
                return None
        return text

    def _empty(self, event: Any, loc: Loc) -> None:
        key = loc[-1] if loc else None
        message = f"{key!r} has no value" if isinstance(key, str) else "an empty value"
        self._damage(loc, "empty-value", message, event, self._why_empty(event, loc), at_key=True)

    def _why_empty(self, event: Any, loc: Loc) -> str:
        if event.value:
            return "leave the line away, or give a value"
        if loc in self.keys and self.keys[loc][0] == event.start_mark.line + 1:
            return (
                'give a value or leave the line away; text that starts with # needs quotes ("#room"), '
                'and so does a comma inside braces ("delete,compact")'
            )
        return "give a value or leave the line away"

    def _duplicate(self, key: str, at: Loc, event: Any) -> None:
        first = self.keys[at][0]
        self._problem(
            "duplicate-key", f"{key!r} is given twice, first in line {first}", event, "keep one of them", len(key)
        )

    def _bounded(self, event: Any, loc: Loc) -> None:
        if len(loc) >= MAX_DEPTH:
            self._problem(
                "too-large", f"nested more than {MAX_DEPTH} levels deep", event, "nothing here needs that depth"
            )
            raise _GiveUpError

    def _damage(self, loc: Loc, check: str, message: str, event: Any, hint: str, at_key: bool = False) -> None:
        self.damaged.add(loc)
        if at_key and loc in self.keys:
            self.problems.append(Problem(f"yaml/{check}", message, Span(self.path, *self.keys[loc]), hint))
        else:
            self._problem(check, message, event, hint)

    def _problem(self, check: str, message: str, event: Any, hint: str, width: int = 0) -> None:
        mark, end = event.start_mark, event.end_mark
        wide = end.column - mark.column if end.line == mark.line else 1
        span = Span(self.path, mark.line + 1, mark.column + 1, width or max(1, wide))
        if len(self.problems) < 200:
            self.problems.append(Problem(f"yaml/{check}", message, span, hint))
