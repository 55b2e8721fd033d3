"""What a topic is watched for beside its lag, and with which settings: its entry, and a cluster's override of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from provisioner.catalog.durations import OFF
from provisioner.catalog.levels import Level
from provisioner.catalog.model import AlertSettings, Presence, Topic
from provisioner.catalog.topic_declarations import TopicFields

_FIELDS = ("expect_traffic_within", "throughput.drop", "throughput.rise", "skew")


def asked(value: Any) -> Any:
    """The value, None where it is switched off."""
    return None if value == OFF else value


def of_topic(levels: Sequence[Level]) -> dict[str, Any]:
    """The fields of the catalog's topic that these levels give a value, the last one wins; most topics have none."""
    values: dict[str, Any] = {}
    places: dict[str, Any] = {}
    for level in levels:
        for field, value in _written(level.values):
            name = field.replace(".", "_")
            values[name], places[name] = asked(value), level.span(*field.split("."))
    settings = merged(*(each.values.alert_settings for each in levels if isinstance(each.values, TopicFields)))
    return {**values, **({"places": places} if places else {}), **({"alert_settings": settings} if settings else {})}


def _written(fields: Any) -> Iterator[tuple[str, Any]]:
    for field in _FIELDS:
        value = fields
        for step in field.split("."):
            value = getattr(value, step, None)
        if value is not None:
            yield field, value


def called(topics: Iterable[Topic]) -> frozenset[str]:
    """The teams that lag alerts of these topics call."""
    there = [topic for topic in topics if topic.state is not Presence.ABSENT]
    owners = {topic.team.name for topic in there if topic.lag}
    return frozenset(owners | {one.team.name for topic in there for one in topic.consumers if one.lag})


def merged(*levels: AlertSettings) -> AlertSettings:
    """Settings laid one over the other, parameter by parameter; those of the last level win."""
    found: dict[str, Mapping[str, Any]] = {}
    for settings in levels:
        for template, parameters in settings.items():
            found[template] = {**found.get(template, {}), **parameters}
    return found
