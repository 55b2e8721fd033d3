"""A change field by field, and the line of a consent: all the words that a kind has without any of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from provisioner.line import Line
from provisioner.printable import cut
from provisioner.reconcile.change import Change
from provisioner.reconcile.model import FieldChange, Hazard

Shown = Callable[[str, str], str]
"""A field and its value -> the value as people write it."""


def rows(fields: Sequence[FieldChange], shown: Shown) -> Iterator[Line]:
    """`field  before -> after` for each, one below the other."""
    width = max((len(field.field) for field in fields), default=0)
    for each in fields:
        before, after = (value(each.field, text, shown) for text in (each.before, each.after))
        yield Line(f"{each.field:<{width}}  {before} -> {after}")


def value(field: str, text: str | None, shown: Shown) -> str:
    """One value, no longer than a person reads."""
    return "(not set)" if text is None else cut(shown(field, text))


def consents(change: Change[Any], missing: Iterable[Hazard]) -> list[tuple[str, str]]:
    """Slugs and values: what the resource's own entry accepts already, then what it would have to."""
    given = [(consent.slug, consent.value) for consent in change.consents if consent.by != "defaults"]
    return [*given, *((hazard.slug, hazard.value) for hazard in missing)]


def allow_line(values: Mapping[str, str]) -> str:
    """Values by slug, as YAML reads them."""
    return "allow: {" + ", ".join(f"{slug}: {text}" for slug, text in values.items()) + "}"


def quoted(text: str) -> str:
    """In quotes where a comma would end it."""
    return f'"{text}"' if "," in text else text
