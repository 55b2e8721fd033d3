"""The levels that a topic's values come from, laid one over the other: maps merge by key, all else is replaced."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple, TypeVar

from provisioner import printable
from provisioner.catalog.documents import Loc
from provisioner.catalog.durations import OFF
from provisioner.catalog.entries import Entry
from provisioner.catalog.model import DEFAULT_LAG, Consent, Origin, Setting
from provisioner.catalog.quoting import LONGEST
from provisioner.catalog.team_declarations import Defaults
from provisioner.catalog.topic_config import ConfigValueError, example, is_known, normal
from provisioner.catalog.topic_declarations import DeadLetter, TopicFields
from provisioner.catalog.units import Duration
from provisioner.problem import Problem, Span

T = TypeVar("T")


class Level(NamedTuple):
    """One level of the merge: the values, how strong they are, and how to find the places of values and keys."""

    values: Defaults | TopicFields | DeadLetter
    origin: Origin
    entry: Entry[Any]
    base: Loc = ()

    def span(self, *loc: str | int) -> Span:
        """Where a value of this level stands."""
        return self.entry.span(*self.base, *loc)

    def key_span(self, *loc: str | int) -> Span:
        """Where the key of a value stands."""
        return self.entry.key_span(*self.base, *loc)

    def setting(self, field: str, value: T) -> Setting[T]:
        """The value of a field of this level."""
        return Setting(value, self.span(field), self.origin)


class Merged(NamedTuple):
    """What a level and those below it say together."""

    partitions: Setting[int]
    replication_factor: Setting[int]
    lag: Setting[Duration | None]
    config: Mapping[str, Setting[str]]
    consents: tuple[Consent, ...]


def _built_in(value: T) -> Setting[T]:
    return Setting(value, Span("(built in)"), Origin.BUILT_IN)


BUILT_IN = Merged(_built_in(3), _built_in(3), _built_in(DEFAULT_LAG), {}, ())


def laid_over(below: Merged, level: Level, problems: list[Problem]) -> Merged:
    """A level laid over those below it; `problems` takes what is wrong with its values."""
    written = level.values
    partitions, replicas = written.partitions, written.replication_factor
    lag = None if isinstance(written, DeadLetter) else written.lag
    return Merged(
        below.partitions if partitions is None else level.setting("partitions", partitions),
        below.replication_factor if replicas is None else level.setting("replication_factor", replicas),
        below.lag if lag is None else level.setting("lag", threshold(lag)),
        {**below.config, **_settings(level, problems)} if written.config else below.config,
        (*below.consents, *_consents(level)) if written.allow else below.consents,
    )


def threshold(lag: Duration | Literal["none"]) -> Duration | None:
    """A lag as the catalog has it; None: switched off."""
    return None if lag == OFF else lag


def _settings(level: Level, problems: list[Problem]) -> dict[str, Setting[str]]:
    return {
        key: Setting(_normal(level, key, raw, problems), level.key_span("config", key), level.origin)
        for key, raw in level.values.config.items()
        if raw is not None
    }


def _normal(level: Level, key: str, raw: Any, problems: list[Problem]) -> str:
    try:
        return normal(key, raw)
    except ConfigValueError as fault:
        place, hint = level.span("config", key), _way_out(key, raw)
        problems.append(Problem("configs/value", f"{printable.line(key[:LONGEST])} must be {fault}", place, hint))
        return str(raw)[:100]


def _way_out(key: str, raw: Any) -> str:
    return f"write {key}: {example(key, raw)}" if is_known(key) else "shorten it"


def _consents(level: Level) -> Iterator[Consent]:
    for slug, written in level.values.allow.items():
        for value in written if isinstance(written, list) else [written]:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            yield Consent(slug, text, level.key_span("allow", slug), level.origin)
