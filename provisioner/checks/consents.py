"""Consents: which may be given, and which problems they turn from errors into accepted ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from provisioner.catalog.model import Catalog, Topic
from provisioner.catalog.quoting import quoted
from provisioner.catalog.suggesting import Suggestions
from provisioner.catalog.topic_config import CONFIG_KEYS, ConfigValueError, Unit, normal
from provisioner.catalog.wording import is_message
from provisioner.checks.context import each_cluster
from provisioner.kinds import extra_configs
from provisioner.kinds.hazard_table import NOTHING
from provisioner.kinds.topic_hazards import DELETE_TOPIC, IN_USE, INHERITED, OF_FIELD, OTHER_MESSAGE, SLUGS
from provisioner.problem import Problem, Severity

CHECK_SLUGS = ("low-replication", "metric-collision", "min-insync-replicas", "too-many-partitions")
"""Checks whose problem can be accepted, for what exists already and cannot be changed today."""


def is_accepted(topic: Topic, slug: str, value: str) -> bool:
    """True where the topic's file, or a default, accepts this very value."""
    return any(consent.slug == slug and consent.value == value for consent in topic.consents)


def acceptable(problem: Problem, topic: Topic, slug: str, value: str) -> Problem:
    """The problem as one that this consent accepts: no error any more where the topic has it."""
    severity = Severity.ACCEPTED if is_accepted(topic, slug, value) else Severity.ERROR
    return replace(problem, severity=severity, consent=(slug, value))


@each_cluster
def unknown(catalog: Catalog) -> Iterator[Problem]:
    """A consent must be for something that exists, or it would only look like one."""
    known, check, suggestions = (*SLUGS, *CHECK_SLUGS), "consents/unknown", Suggestions()
    given = ((consent.slug, consent.span) for topic in catalog.topics.values() for consent in topic.consents)
    for slug, span in dict.fromkeys(pair for pair in given if pair[0] not in known):
        hint = suggestions.near(check, slug, known) or f"known: {', '.join(known)}"
        yield Problem(check, f"nothing is called {quoted(slug)}", span, hint)


class _Form(NamedTuple):
    """What a consent's value is, in words, and as an example to write."""

    what: str
    example: str


_COUNT = _Form("a whole number", "3")
_NAMED: Mapping[str, _Form] = {
    DELETE_TOPIC: _Form("the id of the topic", '"Xk3vPq8fTsq0mZc1uA2bCw"'),
    IN_USE: _Form("the id of the topic", '"Xk3vPq8fTsq0mZc1uA2bCw"'),
    OTHER_MESSAGE: _Form("the full name of a message", "payments.v1.Order"),
    "metric-collision": _Form("the name of the other topic", "orders_v1"),
}
_COUNTS = frozenset({"more-partitions", *CHECK_SLUGS}) - _NAMED.keys()
_EXAMPLES: Mapping[Unit, str] = {Unit.MS: "3d", Unit.BYTES: "1MiB", Unit.NUMBER: "2", Unit.SWITCH: "true"}
_SWITCHES = ("true", "false", "yes", "no", "y", "n", "on", "off")


@each_cluster
def misfit(catalog: Catalog) -> Iterator[Problem]:
    """A consent is for one value; one of another kind, such as `true`, would accept nothing."""
    for topic in catalog.topics.values():
        for consent in topic.consents:
            if form := _missed(topic, consent.slug, consent.value):
                message = f"consent {consent.slug} must be {form.what}, is {quoted(consent.value, 60)}"
                hint = f"write the very value that it accepts, such as allow: {{{consent.slug}: {form.example}}}"
                yield Problem("consents/value", message, consent.span, hint)


def _missed(topic: Topic, slug: str, value: str) -> _Form | None:
    """The form that a consent should have; None where it has it, or nobody knows."""
    if slug in _NAMED:
        return None if _is_name(topic, slug, value) else _NAMED[slug]
    if slug in _COUNTS:
        return None if value.isdecimal() else _COUNT
    fields = OF_FIELD.get(slug, ())
    return _config_form(fields[0].removeprefix("config."), value) if fields else None


def _is_name(topic: Topic, slug: str, value: str) -> bool:
    if slug == OTHER_MESSAGE:
        return is_message(value)
    return not value.isdecimal() and value.lower() not in _SWITCHES and value != topic.name


def _config_form(key: str, value: str) -> _Form | None:
    if value in (INHERITED, NOTHING) or key not in CONFIG_KEYS:
        return None
    try:
        normal(key, value)
    except ConfigValueError:
        row = CONFIG_KEYS[key]
        return _Form(f"a value of {key}", row.words[0] if row.words else _EXAMPLES[row.unit])
    return None


@each_cluster
def one_value(catalog: Catalog) -> Iterator[Problem]:
    """A consent is for one value; only extra configs, of which there may be several, are a list."""
    counted = (Counter((given.slug, given.span) for given in topic.consents) for topic in catalog.topics.values())
    several = (pair for topic in counted for pair, count in topic.items() if count > 1)
    for slug, span in dict.fromkeys(pair for pair in several if pair[0] != extra_configs.SLUG):
        yield Problem("consents/value", f"{quoted(slug)} takes one value, is a list", span, f"write {slug}: VALUE")


@each_cluster
def extra_config(catalog: Catalog) -> Iterator[Problem]:
    """Without key and value it would be a consent to nothing."""
    consents = (given for topic in catalog.topics.values() for given in topic.consents)
    for given in dict.fromkeys(given for given in consents if given.slug == extra_configs.SLUG):
        if not extra_configs.key_of(given.value):
            message = f"{extra_configs.SLUG} takes KEY=VALUE, is {quoted(given.value)}"
            hint = f'write {extra_configs.SLUG}: ["KEY=VALUE"], or "KEY={extra_configs.INHERITED}" to remove it'
            yield Problem("consents/value", message, given.span, hint)
