"""The hazards of a change to a topic, by the table; the consents that they ask for, in the one spelling of each."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.catalog.topic_config import CONFIG_KEYS, ConfigValueError, Unit, normal
from provisioner.catalog.units import written, written_size
from provisioner.kinds import extra_configs
from provisioner.kinds.hazard_table import HAZARDS, NOTHING, UNKNOWN, Fields, Row
from provisioner.reconcile.model import Hazard

INHERITED = extra_configs.INHERITED

OF_FIELD = {slug: tuple(row.field for row in HAZARDS if row.slug == slug) for slug in {row.slug for row in HAZARDS}}
WATCHED: frozenset[str] = frozenset(
    row.field.removeprefix("config.") for row in HAZARDS if row.asks and row.field.startswith("config.")
)
"""Config keys whose inherited value decides whether a new or a removed override is a hazard."""

OTHER_MESSAGE = "other-message"
DELETE_TOPIC = "delete-topic"
IN_USE = "in-use"
SLUGS: tuple[str, ...] = tuple(
    dict.fromkeys(
        [DELETE_TOPIC, IN_USE, OTHER_MESSAGE, extra_configs.SLUG, *(r.slug for r in HAZARDS if r.possible and r.asks)]
    )
)
"""What `allow:` may name."""

LASTING = frozenset({"min-insync-replicas"})
"""A check of the files asks for these too, for as long as the value stands: not idle once the change is done."""


def canonical(slug: str, value: str) -> str:
    """A consent's value in the one spelling that hazards use: 259200000, 72h and 3d are all `3d`."""
    if slug == extra_configs.SLUG:
        return extra_configs.canonical(value)
    key = next(iter(OF_FIELD.get(slug, ())), "").removeprefix("config.")
    try:
        return _spelled(key, normal(key, value))
    except ConfigValueError:
        return value


def of_changing(before: Fields, after: Fields, removed: frozenset[str] = frozenset()) -> Iterator[Hazard]:
    """The hazards of an update by the fields that differ; what cannot be known is missing in the mapping.

    `removed`: fields whose override goes; `after` holds what they fall back to.
    """
    for row in HAZARDS:
        old, new = before.get(row.field), after.get(row.field)
        known = old is not None and new is not None
        if old != new and (row.asks or known) and row.when(old, new, after):
            yield _hazard(row, before, after, row.field in removed)


def of_deleting(topic_id: str | None) -> Iterator[Hazard]:
    """Deleting needs a consent that names this very topic, not a later one of the same name."""
    yield Hazard(DELETE_TOPIC, "the topic and all its records are gone for good", topic_id or "?")


def of_missing(external: bool) -> Iterator[Hazard]:
    """A topic that others keep is never created here."""
    if external:
        hint = "create it where it belongs, or remove `state: external`"
        yield Hazard("external-missing", "an external topic must exist, this one does not", possible=False, hint=hint)


def of_messages(before: str | None, after: str | None) -> Iterator[Hazard]:
    """Another message in a live topic: its readers get what they do not expect."""
    if before and after and before != after:
        reason = f"declared for {before} until now, and for {after} from here on: its readers know the old one"
        yield Hazard(OTHER_MESSAGE, reason, after, "message")


def _hazard(row: Row, before: Fields, after: Fields, removed: bool) -> Hazard:
    key = row.field.removeprefix("config.")
    old, new = before.get(row.field), after.get(row.field)
    words = {"before": _worded(key, old, False), "after": _worded(key, new, removed)}
    reason = row.reason.format(**words) if isinstance(row.reason, str) else row.reason(before, after)
    value = INHERITED if removed else _spelled(key, new or "")
    return Hazard(row.slug, reason, value, row.field, row.possible, row.hint.format(**words), row.asks)


def _worded(key: str, value: str | None, removed: bool) -> str:
    if value is None:
        return UNKNOWN
    return _spelled(key, value) + (" (the broker's own)" if removed else "")


def _spelled(key: str, value: str) -> str:
    unit = CONFIG_KEYS[key].unit if key in CONFIG_KEYS else Unit.WORD
    if not value and key in CONFIG_KEYS:
        return NOTHING
    if unit is Unit.MS and value.isdigit():
        return written(int(value))
    return written_size(int(value)) if unit is Unit.BYTES and value.isdigit() else value
