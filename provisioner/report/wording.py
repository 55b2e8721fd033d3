"""A change in the words of its kind, and as a diff of whole texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from provisioner.kinds.alerts import AlertSet
from provisioner.kinds.dashboard import Dashboard
from provisioner.reconcile.model import Change
from provisioner.report import alert_words, panel_words

MOST_COMPARED = 2_000
"""Lines of one text that are compared one by one; beyond them it is replaced as a whole."""

Texts = tuple[list[str], list[str]]
"""Lines before and after."""


@dataclass(frozen=True, slots=True)
class Words:
    """How a kind speaks: what comes, goes and differs, the texts that differ, and which of them words leave out."""

    coming: Callable[[Any, Any], list[str]]
    going: Callable[[Any, Any], list[str]]
    changed: Callable[[Any, Any], list[str]]
    texts: Callable[[Any, Any], Iterable[tuple[str, list[str], list[str]]]]
    is_worth_a_diff: Callable[[Any, Any, str, Texts], bool]


def _none(_before: Any, _after: Any) -> list[str]:
    return []


_WORDS: Mapping[type, Words] = {
    AlertSet: Words(
        alert_words.coming, alert_words.going, alert_words.changed, alert_words.texts, alert_words.is_worth_a_diff
    ),
    Dashboard: Words(_none, _none, panel_words.changed, panel_words.texts, panel_words.is_worth_a_diff),
}


def _of(change: Change[Any]) -> Words | None:
    """None: its fields say it all, and stand there whole."""
    return _WORDS.get(type(change.before if change.after is None else change.after))


def is_worded(change: Change[Any]) -> bool:
    """True for a kind whose fields nobody can read."""
    return _of(change) is not None


def coming(change: Change[Any]) -> list[str]:
    """What is new in it."""
    words = _of(change)
    return words.coming(change.before, change.after) if words else []


def going(change: Change[Any]) -> list[str]:
    """What is no more."""
    words = _of(change)
    return words.going(change.before, change.after) if words else []


def changed(change: Change[Any]) -> list[str]:
    """What differs in what stays."""
    words = _of(change)
    return words.changed(change.before, change.after) if words and change.before and change.after else []


def sentences(change: Change[Any]) -> list[str]:
    """All of it, for programs that quote it."""
    new = [f"+ {line}" for line in coming(change)]
    return [*changed(change), *new, *(f"- {line}" for line in going(change))]


def diff(change: Change[Any]) -> Iterator[tuple[str, list[str]]]:
    """Field by field of an update, the lines that go (`- `) and come (`+ `)."""
    return ((field, list(_diff(*texts))) for field, texts in _texts(change))


def unsaid(change: Change[Any]) -> Iterator[tuple[str, list[str]]]:
    """The part of `diff` that the words leave out."""
    words = _of(change)
    for field, texts in _texts(change):
        if words and words.is_worth_a_diff(change.before, change.after, field, texts):
            yield field, list(_diff(*texts))


def _texts(change: Change[Any]) -> Iterator[tuple[str, Texts]]:
    words = _of(change)
    if words and change.before and change.after:
        yield from ((field, (old, new)) for field, old, new in words.texts(change.before, change.after))


def _diff(old: list[str], new: list[str]) -> Iterator[str]:
    old, new = _unlike(old, new)
    if max(len(old), len(new)) > MOST_COMPARED:
        yield from (*(f"- {line}" for line in old), *(f"+ {line}" for line in new))
        return
    for kind, i, j, k, n in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            yield from (f"- {line}" for line in old[i:j])
            yield from (f"+ {line}" for line in new[k:n])


def _unlike(old: list[str], new: list[str]) -> tuple[list[str], list[str]]:
    """What lies between the lines that both begin and both end with: mostly very little."""
    begin = _equal(old, new)
    end = _equal(old[begin:][::-1], new[begin:][::-1])
    return old[begin : len(old) - end], new[begin : len(new) - end]


def _equal(old: list[str], new: list[str]) -> int:
    pairs = enumerate(zip(old, new, strict=False))
    return next((at for at, (one, other) in pairs if one != other), min(len(old), len(new)))
