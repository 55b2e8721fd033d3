"""Reading back: what a broker shows of a change, and how what is there differs from what is wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from provisioner.kinds.topic import Topic
from provisioner.reconcile.model import Change
from provisioner.stores.kafka import codes, reading
from provisioner.stores.kafka.connection import Connection

Changes = Sequence[Change[Topic]]

TRIES = 1
"""A look is repeated by whoever looks."""


def visible(connection: Connection, changes: Changes) -> set[str]:
    """The names whose live topic shows every field of its change."""
    found = live(connection, changes)
    return {change.key.name for change in changes if _shows(change, found.get(change.key.name))}


def live(connection: Connection, changes: Changes) -> dict[str, Mapping[str, str]]:
    """The fields of those topics that a broker shows; configs only where a change is about them.

    Configs first: a description's answer names another controller, and so another broker for the next question.
    """
    names = [change.key.name for change in changes]
    asked = names if any(map(_is_about_configs, changes)) else []
    none: reading.Configs | int = codes.UNKNOWN_TOPIC if asked else reading.Configs({}, {})
    configs = dict(reading.configs(connection, asked, frozenset(), TRIES))
    described = reading.by_name(connection, names, TRIES)
    seen = {name: (answer.shape, configs.get(name, none)) for name, answer in described.items()}
    return {
        name: reading.topic(shape, config).fields()
        for name, (shape, config) in seen.items()
        if shape and isinstance(config, reading.Configs)
    }


def _is_about_configs(change: Change[Topic]) -> bool:
    return change.before is None or any(field.field.startswith("config.") for field in change.fields)


def _shows(change: Change[Topic], found: Mapping[str, str] | None) -> bool:
    return found is not None and all(found.get(field.field) == field.after for field in change.fields)


def gone(connection: Connection, changes: Changes) -> set[str]:
    """The names that no longer exist, or belong to a topic made since."""
    described = reading.by_name(connection, [change.key.name for change in changes], TRIES)
    return {change.key.name for change in changes if _is_gone(change, described[change.key.name])}


def _is_gone(change: Change[Topic], described: reading.Described) -> bool:
    return described.code == codes.UNKNOWN_TOPIC or (
        described.shape is not None and described.topic_id != change.identity
    )


def differences(connection: Connection, changes: Changes) -> dict[str, str]:
    """Name -> in words how a topic that was there first differs from what is wanted."""
    found = live(connection, changes) if changes else {}
    differing = {change.key.name: _difference(change, found.get(change.key.name)) for change in changes}
    return {name: said for name, said in differing.items() if said}


def _difference(change: Change[Topic], found: Mapping[str, str] | None) -> str:
    """Empty where there is no difference or nothing to compare."""
    if found is None or change.after is None:
        return ""
    differing = {name: value for name, value in _comparable(change, found).items() if found.get(name) != value}
    return ", ".join(
        f"{name} is {found.get(name) or 'not set'}, wanted {value or 'not set'}"
        for name, value in sorted(differing.items())
    )


def _comparable(change: Change[Topic], found: Mapping[str, str]) -> dict[str, str | None]:
    """What must hold: all of a new topic; of an old one only what has moved, as the rest may just be late."""
    if change.before is None:
        return {**dict.fromkeys(found), **{field.field: field.after for field in change.fields}}
    return {field.field: field.after for field in change.fields if found.get(field.field) != field.before}
