"""Names in files that are wrong: what stands there, whatever else does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from provisioner.catalog.documents import Document, Loc
from provisioner.catalog.topic_declarations import TopicDeclaration


class Names(NamedTuple):
    """The names that an entry of a topic gives, its dead letter topics last.

    `possible`: whatever stands below a word that is not known, a misspelled `dead_letter:` for example. `is_unclear`:
    there may be another one.
    """

    own: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()
    is_unclear: bool = False


def item(document: Document, loc: Loc) -> Any:
    """The entry at a place, as it was read; None where nothing can be said of its names."""
    if any(each[:2] == loc and each[2:] in _NAMING for each in document.doubled):
        return None
    return document.data[loc[0]][loc[1]]


_NAMING = (("name",), ("topic",), ("dead_letter",), ("overrides",))
"""Keys of an entry by which it gives names."""


def names(data: Any) -> Iterator[str]:
    """Of every topic in a file."""
    for each in _listed(data, "topics"):
        found = topic(each)
        yield from (*found.own, *found.possible)


def topic(data: Any) -> Names:
    """Of one entry under `topics:`."""
    if isinstance(data, str):
        return Names((data,))
    if not isinstance(data, dict):
        return Names(is_unclear=True)
    if not isinstance(data.get("name"), str):
        return Names((), tuple(_possible(data)), is_unclear=True)
    letters = list(_dead_letters(data))
    own = dict.fromkeys((data["name"], *filter(None, letters)))
    return Names(tuple(own), tuple(_possible(data)), None in letters)


def _possible(data: dict[str, Any]) -> Iterator[str]:
    """The texts below words that an entry does not have."""
    overrides = data.get("overrides")
    for each in (data, *(overrides.values() if isinstance(overrides, dict) else ())):
        for word, value in each.items() if isinstance(each, dict) else ():
            if word not in TopicDeclaration.model_fields:
                yield from _texts(value)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(each)


def _dead_letters(data: dict[str, Any]) -> Iterator[str | None]:
    """None for one that is there and has no name that could be read."""
    overrides = data.get("overrides", {})
    if not isinstance(overrides, dict):
        yield None
        overrides = {}
    for each in (data, *overrides.values()):
        if isinstance(each, dict) and "dead_letter" in each:
            letter = each["dead_letter"]
            named = letter.get("name") if isinstance(letter, dict) else letter
            yield named if isinstance(named, str) else None


def read_topics(data: Any) -> Iterator[str]:
    """The topics that a file's consumers read."""
    for each in _listed(data, "consumers"):
        if read := read_topic(each):
            yield read


def read_topic(data: Any) -> str | None:
    """The topic that one entry under `consumers:` names."""
    named = data.get("topic") if isinstance(data, dict) else None
    return named if isinstance(named, str) else None


def words(text: str) -> set[str]:
    """Everything in a text that may be the name of a topic."""
    return set(_WORD.findall(text))


_WORD = re.compile(r"[A-Za-z0-9._-]+")


def is_disguised(text: str) -> bool:
    """True where a name may be written otherwise than it reads: escaped, or in letters that could not be decoded."""
    return "\\" in text or "\ufffd" in text or "\0" in text


def _listed(data: Any, word: str) -> list[Any]:
    section = data.get(word) if isinstance(data, dict) else None
    return section if isinstance(section, list) else []
