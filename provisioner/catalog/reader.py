"""The parser's events -> the data of one document.

The event stream is walked instead of PyYAML's own tree: 30,000 opening brackets crash its C composer, and an alias
is seen before it can be expanded.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable, Collection
from typing import Any

import yaml
from yaml.cyaml import CParser  # type: ignore[attr-defined]  # its stubs forget it

from provisioner import printable
from provisioner.catalog import characters, guesses
from provisioner.catalog.findings import Findings
from provisioner.catalog.masking import is_named_only, is_secret
from provisioner.catalog.places import TOP, Loc, Places, Step, place
from provisioner.catalog.quoting import LONGEST, quoted
from provisioner.problem import Problem, Span

MAX_DEPTH = 16
MAX_VALUES = 50_000
"""What a file of 1 MiB holds of usual entries; shorter ones would be more work than a file is worth."""

_WRITE_OUT = "write the value out; defaults belong in team.yaml"


class GiveUpError(Exception):
    """The rest of the file is not worth reading."""


class Reader:
    """Builds the data of one document from the parser's events."""

    def __init__(self, path: str, text: str, findings: Findings, breaks: Collection[str] | None) -> None:
        self.path = path
        self.findings = findings
        self.breaks = breaks
        self.places = Places(text)
        self.damaged: set[Loc] = set()
        self.doubled: set[Loc] = set()
        self.hidden: list[tuple[int, int]] = []
        self._next: Callable[[], Any] = CParser(text).get_event
        self._way: list[Step] = []
        self._aliases: set[str] = set()
        self._end = 0
        self._secret = 0

    def document(self) -> Any:
        """The one document of the text; None for an empty file."""
        data: Any = None
        begun = False
        for event in iter(self._next, None):
            if type(event) is yaml.DocumentStartEvent:
                if begun:
                    self._problem("documents", "a second document begins here", event, "use one file for each")
                    raise GiveUpError
                begun = True
                data = self._value(self._next(), TOP, None)
        return data

    @property
    def _loc(self) -> Loc:
        """Where the reader is."""
        return tuple(self._way)

    def _value(self, event: Any, holder: int, step: Step | None, key: Any = None) -> Any:
        """The value that begins with an event, for its places; `key`: the event of its key."""
        kind = type(event)
        self._end = event.end_mark.index
        number = self.places.add(holder, step, event, key)
        if number >= MAX_VALUES:
            self._problem("too-large", f"more than {MAX_VALUES} values in one file", event, "split the file")
            raise GiveUpError
        if kind is yaml.ScalarEvent:
            if event.anchor is not None or event.tag is not None:
                self._decorated(event)
            return self._scalar(event, key)
        if kind is yaml.AliasEvent:
            return self._alias(event)
        self._decorated(event)
        self._bounded(event)
        return (self._mapping if kind is yaml.MappingStartEvent else self._sequence)(number)

    def _alias(self, event: Any) -> None:
        """Said once for each anchor: a file that is built of them makes one mistake, not a thousand."""
        if event.anchor in self._aliases:
            self.damaged.add(self._loc)
            return
        self._aliases.add(event.anchor)
        self._damage("alias", f"alias *{self._shown(event.anchor)}", event, _WRITE_OUT)

    def _decorated(self, event: Any) -> None:
        if event.anchor is not None:
            self._damage("alias", f"anchor &{self._shown(event.anchor)}", event, _WRITE_OUT)
        if event.tag is not None:
            hint = "leave the tag away, and quote the value if it is text"
            self._damage("tag", f"tag {self._shown(event.tag)}", event, hint)

    def _mapping(self, number: int) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for event in iter(self._next, None):
            if type(event) is yaml.MappingEndEvent:
                break
            key = self._key(event, number)
            self._way.append(key)
            if key in data:
                self._again(key, number, event)
            else:
                value = (self._secret_value if is_secret(key) else self._value)(self._next(), number, key, event)
                if key.isprintable() or self._is_clean(key, event, breaks=False):
                    data[key] = value
            self._way.pop()
        self._end = event.end_mark.index
        return data

    def _again(self, key: str, number: int, event: Any) -> None:
        """A key that is there already, and its value, which counts for nothing."""
        message = f"{self._named(key)} is given twice, first in line {self.places.line(number, key)}"
        self._problem("duplicate-key", message, event, "keep one of them", len(key))
        self.doubled.add(self._loc)
        self._way.append("(again)")
        (self._secret_value if is_secret(key) else self._value)(self._next(), number, None)
        self._way.pop()

    def _secret_value(self, event: Any, holder: int, step: Step | None, key: Any = None) -> Any:
        """The value of a secret's key; where it is written out, nothing repeats it."""
        if self._way[-2:-1] in (["clusters"], ["overrides"]):
            return self._value(event, holder, step, key)
        self._secret += 1
        value = self._value(event, holder, step, key)
        self._secret -= 1
        if not is_named_only(value):
            self.hidden.append((event.start_mark.index, self._end))
        return value

    def _sequence(self, number: int) -> list[Any]:
        data: list[Any] = []
        for event in iter(self._next, None):
            if type(event) is yaml.SequenceEndEvent:
                break
            index = len(data)
            self._way.append(index)
            data.append(self._value(event, number, index))
            self._way.pop()
        self._end = event.end_mark.index
        return data

    def _key(self, event: Any, number: int) -> str:
        if type(event) is yaml.ScalarEvent:
            if event.value == "<<":
                self._damage("alias", "merge key <<", event, "write the values out; defaults belong in team.yaml")
            return sys.intern(event.value)
        self._damage("key", "a key that is no plain word", event, "write `name: value`")
        self._way.append("(key)")
        self._value(event, number, None)
        self._way.pop()
        return "(key)"

    def _scalar(self, event: Any, key: Any) -> Any:
        text: str = event.value
        if not (text.isprintable() or self._is_clean(text, event, breaks=self._may_break())):
            return None
        if event.style or guesses.is_word(text):
            return text
        if text in ("", "~", "null", "Null", "NULL"):
            return self._empty(event, key)
        value, why = guesses.guessed(text)
        return self._trapped(text, why, event) if why else value

    def _may_break(self) -> bool:
        return self.breaks is None or (bool(self._way) and self._way[-1] in self.breaks)

    def _is_clean(self, text: str, event: Any, breaks: bool) -> bool:
        if not (character := characters.refused(text, breaks)):
            return True
        name = unicodedata.name(character, "a control character").lower()
        if character == "\n":
            message, hint = "a line break in the text", "write it on one line"
        else:
            message, hint = f"character U+{ord(character):04X} ({name}) in the text", "remove it"
        self._damage("character", message, event, hint)
        return False

    def _trapped(self, text: str, why: str, event: Any) -> None:
        hint = guesses.remedy(text, str(self._way[-1]) if self._way else "", "true" in why)
        hint = "write {env: NAME} or {file: PATH}" if self._secret else hint
        self._damage("unquoted", f"{self._shown(text)} without quotes: {why}", event, hint)

    def _empty(self, event: Any, key: Any) -> None:
        name = self._way[-1] if self._way else None
        message = f"{self._named(name)} has no value" if isinstance(name, str) else "an empty value"
        self.damaged.add(self._loc)
        self._problem("empty-value", message, key or event, self._why_empty(event, key))

    def _why_empty(self, event: Any, key: Any) -> str:
        if event.value:
            return "leave the line away, or give a value"
        if key and key.start_mark.line == event.start_mark.line:
            return (
                'give a value or leave the line away; text that starts with # needs quotes ("#room"), '
                'and so does a comma inside braces ("delete,compact")'
            )
        return "give a value or leave the line away"

    def _named(self, key: str) -> str:
        """A key in quotes. `sasl.password: {hunter2}` is a map with a key."""
        return "a key" if self._secret and not is_secret(key) else quoted(key)

    def _shown(self, text: str) -> str:
        """A word as it stands there, but not inside a secret: passwords begin with * and & as well."""
        return "(not shown)" if self._secret else printable.line(text[:LONGEST])

    def _bounded(self, event: Any) -> None:
        if len(self._way) >= MAX_DEPTH:
            message = f"nested more than {MAX_DEPTH} levels deep"
            self._problem("too-large", message, event, "nothing here needs that depth")
            raise GiveUpError

    def _damage(self, check: str, message: str, event: Any, hint: str) -> None:
        self.damaged.add(self._loc)
        self._problem(check, message, event, hint)

    def _problem(self, check: str, message: str, event: Any, hint: str, width: int = 0) -> None:
        line, column, wide = place(event)
        span = Span(self.path, line, column, width or wide)
        self.findings.add(Problem(f"yaml/{check}", message, span, hint))
