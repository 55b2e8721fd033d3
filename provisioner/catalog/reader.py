"""The parser's events -> the data of one document.

The event stream is walked instead of PyYAML's own tree: 30,000 opening brackets crash its C composer, and an alias
is seen before it can be expanded.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator
from typing import Any

import yaml

from provisioner import printable
from provisioner.catalog import characters, guesses
from provisioner.catalog.findings import Findings
from provisioner.catalog.masking import is_named_only, is_secret
from provisioner.catalog.quoting import LONGEST, quoted
from provisioner.problem import Problem, Span

MAX_DEPTH = 16
MAX_VALUES = 50_000
"""What a file of 1 MiB holds of usual entries; shorter ones would be more work than a file is worth."""

Loc = tuple[str | int, ...]
Place = tuple[int, int, int]

_WRITE_OUT = "write the value out; defaults belong in team.yaml"


class GiveUpError(Exception):
    """The rest of the file is not worth reading."""


class Reader:
    """Builds the data of one document from the parser's events."""

    def __init__(self, path: str, findings: Findings, breaks: Collection[str] | None) -> None:
        self.path = path
        self.findings = findings
        self.breaks = breaks
        self.places: dict[Loc, Place] = {}
        self.keys: dict[Loc, Place] = {}
        self.damaged: set[Loc] = set()
        self._aliases: set[str] = set()
        self.hidden: list[tuple[int, int]] = []
        self._end = 0
        self._secret = 0

    def document(self, text: str) -> Any:
        """The one document of the text; None for an empty file."""
        events = iter(yaml.parse(text, Loader=yaml.CSafeLoader))
        data: Any = None
        begun = False
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if begun:
                    self._problem("documents", "a second document begins here", event, "use one file for each")
                    raise GiveUpError
                begun = True
                data = self._value(next(events), events, ())
        return data

    def _value(self, event: Any, events: Iterator[Any], loc: Loc) -> Any:
        kind = type(event)
        self._end = event.end_mark.index
        if kind is yaml.AliasEvent:
            self._alias(event, loc)
            return None
        self._node(event, loc)
        if kind is yaml.ScalarEvent:
            return self._scalar(event, loc)
        self._bounded(event, loc)
        return (self._mapping if kind is yaml.MappingStartEvent else self._sequence)(events, loc)

    def _alias(self, event: Any, loc: Loc) -> None:
        """Said once for each anchor: a file that is built of them makes one mistake, not a thousand."""
        if event.anchor in self._aliases:
            self.damaged.add(loc)
            return
        self._aliases.add(event.anchor)
        self._damage(loc, "alias", f"alias *{self._shown(event.anchor)}", event, _WRITE_OUT)

    def _node(self, event: Any, loc: Loc) -> None:
        start, end = event.start_mark, event.end_mark
        width = end.column - start.column if end.line == start.line else 1
        self.places[loc] = (start.line + 1, start.column + 1, width if width > 0 else 1)
        if len(self.places) > MAX_VALUES:
            self._problem("too-large", f"more than {MAX_VALUES} values in one file", event, "split the file")
            raise GiveUpError
        if event.anchor is not None:
            self._damage(loc, "alias", f"anchor &{self._shown(event.anchor)}", event, _WRITE_OUT)
        if event.tag is not None:
            hint = "leave the tag away, and quote the value if it is text"
            self._damage(loc, "tag", f"tag {self._shown(event.tag)}", event, hint)

    def _mapping(self, events: Iterator[Any], loc: Loc) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for event in events:
            if type(event) is yaml.MappingEndEvent:
                break
            key = self._key(event, events, loc)
            at = (*loc, key)
            if key in data:
                self._duplicate(key, at, event)
                self._guarded(key, events, (*at, "(again)"))
                continue
            mark, end = event.start_mark, event.end_mark
            self.keys[at] = (mark.line + 1, mark.column + 1, max(1, end.column - mark.column))
            value = self._guarded(key, events, at)
            if self._is_clean(key, at, event, breaks=False):
                data[key] = value
        self._end = event.end_mark.index
        return data

    def _guarded(self, key: str, events: Iterator[Any], at: Loc) -> Any:
        """The value of a key; where that is a secret which is written out, nothing repeats it."""
        if not is_secret(key) or at[-2:-1] in (("clusters",), ("overrides",)):
            return self._value(next(events), events, at)
        event = next(events)
        self._secret += 1
        value = self._value(event, events, at)
        self._secret -= 1
        if not is_named_only(value):
            self.hidden.append((event.start_mark.index, self._end))
        return value

    def _sequence(self, events: Iterator[Any], loc: Loc) -> list[Any]:
        data: list[Any] = []
        for event in events:
            if type(event) is yaml.SequenceEndEvent:
                break
            data.append(self._value(event, events, (*loc, len(data))))
        self._end = event.end_mark.index
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
        if not self._is_clean(text, loc, event, breaks=self._may_break(loc)):
            return None
        if event.style is not None and event.style != "":
            return text
        if not text or text in ("~", "null", "Null", "NULL"):
            return self._empty(event, loc)
        value = guesses.plain(text)
        return self._trapped(text, event, loc) if value is text else value

    def _may_break(self, loc: Loc) -> bool:
        return self.breaks is None or (bool(loc) and loc[-1] in self.breaks)

    def _is_clean(self, text: str, loc: Loc, event: Any, breaks: bool) -> bool:
        if not (character := characters.refused(text, breaks)):
            return True
        name = unicodedata.name(character, "a control character").lower()
        if character == "\n":
            message, hint = "a line break in the text", "write it on one line"
        else:
            message, hint = f"character U+{ord(character):04X} ({name}) in the text", "remove it"
        self._damage(loc, "character", message, event, hint)
        return False

    def _trapped(self, text: str, event: Any, loc: Loc) -> Any:
        if not (why := guesses.trap(text)):
            return text
        hint = guesses.remedy(text, str(loc[-1]) if loc else "", "true" in why)
        hint = "write {env: NAME} or {file: PATH}" if self._secret else hint
        self._damage(loc, "unquoted", f"{self._shown(text)} without quotes: {why}", event, hint)
        return None

    def _empty(self, event: Any, loc: Loc) -> None:
        key = loc[-1] if loc else None
        message = f"{self._named(key)} has no value" if isinstance(key, str) else "an empty value"
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
        message = f"{self._named(key)} is given twice, first in line {first}"
        self._problem("duplicate-key", message, event, "keep one of them", len(key))

    def _named(self, key: str) -> str:
        """A key in quotes. `sasl.password: {hunter2}` is a map with a key."""
        return "a key" if self._secret and not is_secret(key) else quoted(key)

    def _shown(self, text: str) -> str:
        """A word as it stands there, but not inside a secret: passwords begin with * and & as well."""
        return "(not shown)" if self._secret else printable.line(text[:LONGEST])

    def _bounded(self, event: Any, loc: Loc) -> None:
        if len(loc) >= MAX_DEPTH:
            message = f"nested more than {MAX_DEPTH} levels deep"
            self._problem("too-large", message, event, "nothing here needs that depth")
            raise GiveUpError

    def _damage(self, loc: Loc, check: str, message: str, event: Any, hint: str, at_key: bool = False) -> None:
        self.damaged.add(loc)
        if at_key and loc in self.keys:
            self.findings.add(Problem(f"yaml/{check}", message, Span(self.path, *self.keys[loc]), hint))
        else:
            self._problem(check, message, event, hint)

    def _problem(self, check: str, message: str, event: Any, hint: str, width: int = 0) -> None:
        mark, end = event.start_mark, event.end_mark
        wide = end.column - mark.column if end.line == mark.line else 1
        span = Span(self.path, mark.line + 1, mark.column + 1, width or max(1, wide))
        self.findings.add(Problem(f"yaml/{check}", message, span, hint))
