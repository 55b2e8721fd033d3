"""The table of hazards: which field, in which direction, is dangerous, why, and what consents to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from provisioner.catalog.topic_config import ConfigValueError, Unit, normal
from provisioner.catalog.units import written, written_size
from provisioner.reconcile.model import Hazard

INHERITED = "inherited"
"""What a consent names where an override is removed and the broker's own value takes its place."""


def _fewer(before: str | None, after: str | None) -> bool:
    return before is not None and after is not None and int(after) < int(before)


def _more(before: str | None, after: str | None) -> bool:
    return before is not None and after is not None and int(after) > int(before)


def _less_kept(before: str | None, after: str | None) -> bool:
    """-1 keeps everything; a removed or a new override moves to or from a value that cannot be known for sure."""
    if before is None or after is None:
        return before is not None or after != "-1"
    return after != "-1" and (before == "-1" or int(after) < int(before))


def _any(before: str | None, after: str | None) -> bool:
    return before != after


@dataclass(frozen=True, slots=True)
class _Row:
    slug: str
    field: str
    when: Callable[[str | None, str | None], bool]
    reason: str
    unit: Unit = Unit.WORD
    possible: bool = True
    hint: str = ""


HAZARDS: tuple[_Row, ...] = (
    _Row(
        "fewer-partitions",
        "partitions",
        _fewer,
        "partitions cannot become fewer: {before} -> {after}",
        possible=False,
        hint="declare at least {before}; for fewer, make a new topic and move its users",
    ),
    _Row(
        "more-partitions",
        "partitions",
        _more,
        "keys go to other partitions than before: order per key breaks at this point",
    ),
    _Row(
        "more-replicas",
        "replication_factor",
        _more,
        "the live topic has {before} replicas, {after} are wanted; replicas are not added by this version",
        possible=False,
        hint="raise it with Kafka's own kafka-reassign-partitions, then apply again",
    ),
    _Row(
        "fewer-replicas",
        "replication_factor",
        _fewer,
        "the live topic has {before} replicas, only {after} are declared; replicas are not removed",
        possible=False,
        hint="declare replication_factor: {before}",
    ),
    _Row(
        "shorter-retention",
        "config.retention.ms",
        _less_kept,
        "records older than {after} become deletable at once",
        Unit.MS,
    ),
    _Row(
        "smaller-retention",
        "config.retention.bytes",
        _less_kept,
        "the oldest records beyond {after} a partition become deletable at once",
        Unit.BYTES,
    ),
    _Row(
        "cleanup-policy",
        "config.cleanup.policy",
        _any,
        "from {before} to {after}; other records are removed than before",
    ),
)

_KEYS = {row.slug: row.field.removeprefix("config.") for row in HAZARDS if row.field.startswith("config.")}
WATCHED: frozenset[str] = frozenset(_KEYS.values())
"""Config keys whose inherited value decides whether a new override is a hazard."""

_UNITS = {row.slug: row.unit for row in HAZARDS}
SLUGS: tuple[str, ...] = ("delete-topic", *(row.slug for row in HAZARDS if row.possible))
"""What `allow:` may name."""


def canonical(slug: str, value: str) -> str:
    """A consent's value in the one spelling that hazards use: 259200000, 72h and 3d are all `3d`."""
    try:
        return _spelled(_UNITS.get(slug, Unit.WORD), normal(_KEYS.get(slug, ""), value))
    except ConfigValueError:
        return value


def of_changing(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Hazard]:
    """The hazards of an update, by the fields that differ."""
    for row in HAZARDS:
        old, new = before.get(row.field), after.get(row.field)
        if old != new and row.when(old, new):
            yield _hazard(row, old, new)


def of_deleting(topic_id: str | None) -> Iterator[Hazard]:
    """Deleting needs a consent that names this very topic, not a later one of the same name."""
    yield Hazard("delete-topic", "the topic and all its records are gone for good", topic_id or "?")


def of_missing(external: bool) -> Iterator[Hazard]:
    """A topic that others keep is never created here."""
    if external:
        hint = "create it where it belongs, or remove `state: external`"
        yield Hazard("external-missing", "an external topic must exist, this one does not", possible=False, hint=hint)


def _hazard(row: _Row, old: str | None, new: str | None) -> Hazard:
    words = {"before": _worded(row.unit, old), "after": _worded(row.unit, new)}
    reason, hint = row.reason.format(**words), row.hint.format(**words)
    return Hazard(row.slug, reason, _spelled(row.unit, new), row.field, row.possible, hint)


def _worded(unit: Unit, value: str | None) -> str:
    return "the broker's own value" if value is None else _spelled(unit, value)


def _spelled(unit: Unit, value: str | None) -> str:
    if value is None:
        return INHERITED
    if unit is Unit.MS and value.isdigit():
        return written(int(value))
    return written_size(int(value)) if unit is Unit.BYTES and value.isdigit() else value
