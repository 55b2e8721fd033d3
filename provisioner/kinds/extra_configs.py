"""Configs of vendors or of a newer Kafka: nothing is known of them, so each change of one asks for its very value."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from provisioner.catalog.topic_config import is_known
from provisioner.reconcile.model import Hazard

SLUG = "extra-config"

INHERITED = "inherited"
"""What a consent names where an override is removed and the broker's own value takes its place."""

MOST_NAMES = 3
"""Topics of a remark that are named; the others are counted."""

_UNDECLARED = "set on the topic, and in no file: it is left as it is"
_UNKNOWN = "set on the topic, in no file, and not known to this program: it is left as it is"


def canonical(value: str) -> str:
    """`KEY = VALUE` as hazards spell it: `KEY=VALUE`."""
    key, equals, wanted = value.partition("=")
    return f"{key.strip()}{equals}{wanted.strip()}"


def key_of(value: str) -> str:
    """The key in `KEY=VALUE`, or nothing where it is no such pair."""
    key, equals, _ = canonical(value).partition("=")
    return key if equals else ""


def inherited(value: str) -> str:
    """The key in `KEY=inherited`, or nothing."""
    return key_of(value) if canonical(value).endswith(f"={INHERITED}") else ""


def fields(value: str) -> tuple[str, ...]:
    """The field that a consent is about."""
    return (f"config.{key_of(value)}",)


def of_changing(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Hazard]:
    """Every change of a key that has no row in the table of hazards."""
    for key in sorted(before.keys() | after.keys()):
        if not is_known(key) and before.get(key) != after.get(key):
            reason = f"{key} is not known to this program: what the change does, only its vendor says"
            yield Hazard(SLUG, reason, f"{key}={after.get(key, INHERITED)}", f"config.{key}")


def of_kept(keys: Collection[str], extra: Collection[str]) -> Iterator[Hazard]:
    """Overrides that are set on the live topic and that nothing here can judge: said, never touched."""
    for key in sorted(key for key in keys if not is_known(key)):
        yield Hazard(f"unknown/{key}", _UNDECLARED if key in extra else _UNKNOWN, field=f"config.{key}", asks=False)


def remark(key: str, names: Collection[str], extra: bool) -> str:
    """One line for all topics with such an override that have no line of their own in the plan."""
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    counted = "1 topic" if len(names) == 1 else f"{len(names)} topics"
    where = f"{counted} ({', '.join(list(names)[:MOST_NAMES])}{more}), in no file"
    if extra:
        return f"{key} is set on {where}: it is left as it is; declare it, or remove it: {_consent(key)}"
    hint = f"to declare it, write extra_configs: [{key}] for the cluster"
    return f"{key} is set on {where}, and not known to this program: it is left as it is; {hint}"


def _consent(key: str) -> str:
    return f'allow: {{{SLUG}: ["{key}={INHERITED}"]}}'
