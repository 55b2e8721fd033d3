"""A topic's change as its engineers read it: values in human units, and the consent to paste."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from provisioner.catalog import topic_config
from provisioner.kinds import extra_configs
from provisioner.line import Line
from provisioner.reconcile import plain_words
from provisioner.reconcile.change import Action, Change
from provisioner.reconcile.model import Hazard

CONFIG = "config."
REPLICAS = "replication_factor"

_IDS = frozenset({"delete-topic", "in-use"})
"""Consents that name a topic's id, which YAML may take for a number."""


def label(field: str) -> str:
    """`retention.ms` for `config.retention.ms`."""
    return field.removeprefix(CONFIG)


def shown(field: str, value: str) -> str:
    """`604800000 (7d)`."""
    return topic_config.shown(label(field), value)


def words(change: Change[Any]) -> Iterator[Line]:
    """A new topic in one line, counts first; of another the fields that change, one below the other."""
    if change.action is Action.CREATE and change.fields:
        fields = sorted(change.fields, key=lambda field: field.field.startswith(CONFIG))
        values = (f"{label(each.field)} {plain_words.value(each.field, each.after, shown)}" for each in fields)
        yield Line(", ".join(values))
    elif change.action is Action.UPDATE:
        yield from plain_words.rows(change.fields, shown)


def consent(change: Change[Any], missing: Sequence[Hazard]) -> str:
    """The `allow:` line: an id in quotes, extra configs as one list."""
    pairs = plain_words.consents(change, missing)
    values = {slug: f'"{value}"' if slug in _IDS else plain_words.quoted(value) for slug, value in pairs}
    if extra := {extra_configs.key_of(value): value for slug, value in pairs if slug == extra_configs.SLUG}:
        values[extra_configs.SLUG] = f"[{', '.join(_text(value) for value in extra.values())}]"
    return plain_words.allow_line(values)


def _text(value: str) -> str:
    """In double quotes, where YAML reads what JSON writes."""
    return json.dumps(value, ensure_ascii=False)
