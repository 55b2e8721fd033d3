"""The text of a template before anything is made of it: is it what it seems to be to who reads it?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from provisioner.catalog.documents import Document, Loc
from provisioner.problem import Problem
from provisioner.templates import json_text
from provisioner.templates.characters import REMEDY, strange
from provisioner.templates.json_text import MAX_LEVELS
from provisioner.templates.problems import CHECK
from provisioner.templates.source import Source


def read_json(source: Source) -> tuple[Any, list[Problem]]:
    """The data of a JSON file; where anything is wrong with it, None and all of that."""
    if wrong := [*_undecoded(source), *_nested(source)]:
        return None, wrong[:1]
    try:
        data, faults = json_text.parsed(source.text)
    except json.JSONDecodeError as error:
        hint = "check commas, quotes and brackets"
        return None, [Problem(CHECK, f"this is not JSON: {error.msg}", source.at(error.pos), hint)]
    wrong = [Problem(CHECK, fault.message, source.at(fault.at, fault.width), fault.hint) for fault in faults]
    found = list(_strange(data, ()))
    wrong += _at_places(source.document, found) if found else []
    return (None if wrong else data), wrong


def strange_texts(document: Document) -> Iterator[Problem]:
    """Keys and values with characters that nobody sees, but for those that have a problem already."""
    found = [one for one in _strange(document.data, ()) if one[0] not in document.damaged]
    return _at_places(document, found)


def _undecoded(source: Source) -> Iterator[Problem]:
    if (at := _first_surrogate(source.text)) is not None:
        byte = ord(source.text[at]) - 0xDC00
        yield Problem(CHECK, f"byte 0x{byte:02x} is not UTF-8", source.at(at), "save the file as UTF-8")


def _first_surrogate(text: str) -> int | None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return error.start
    return None


def _nested(source: Source) -> Iterator[Problem]:
    if (at := json_text.too_deep(source.text)) is not None:
        message = f"it is nested too deeply: more than {MAX_LEVELS} levels"
        yield Problem(CHECK, message, source.at(at), "no dashboard needs that depth")


def _strange(data: Any, loc: Loc) -> Iterator[tuple[Loc, bool, str]]:
    """(location, is it the key, what is wrong) of each text with a character that does not show."""
    if isinstance(data, dict):
        for key, value in data.items():
            if why := strange(key) or ("a line end in a key" if "\n" in key else None):
                yield (*loc, key), True, why
            yield from _strange(value, (*loc, key))
    elif isinstance(data, list):
        for at, value in enumerate(data):
            yield from _strange(value, (*loc, at))
    elif isinstance(data, str) and (why := strange(data)):
        yield loc, False, why


def _at_places(document: Document, found: list[tuple[Loc, bool, str]]) -> Iterator[Problem]:
    for loc, is_key, why in found:
        place = document.key_span(loc) if is_key else document.span(loc)
        yield Problem(CHECK, why, place, REMEDY)
