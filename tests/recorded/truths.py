"""What each panel has to show: by the panel's title and its query's refId, the truth of every point.

A panel that is not in the table has to show something, and that is all. A row whose panel no dashboard has is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from provisioner.profiles import named
from provisioner.profiles.metric import GROUP
from tests.recorded import quantities as of
from tests.recorded.clock import END
from tests.recorded.grafana import Shown
from tests.recorded.history import Band
from tests.recorded.quantities import Expected, Point, exactly

Place = Callable[[Mapping[str, str], float], Point]
"""The point with these labels at this time."""

SOON, LATER = 300, 900
"""Seconds that a table and a strip look back."""


def _limit_line(point: Point) -> Band:
    """A line in minutes where some alert of the topic fires: that of the label `limit`."""
    limits = [limit for group in point.history.groups if (limit := point.limit(group))]
    return Band(min(limits) / 60, max(limits) / 60)


TRUTHS: Mapping[str, Mapping[str, Expected]] = {
    "Alerts firing": {"*": of.firing},
    "Since": {"*": of.firing_since},
    "Partitions late": {"*": of.late_partitions},
    "Groups late": {"*": of.groups_late},
    "Consumed / produced": {"*": of.slowest_by_production(LATER)},
    "Produced / last week": {"*": of.by_last_week(LATER)},
    "Under-replicated": {"*": exactly(of.under_replicated)},
    "Consumer groups": {
        "state": of.state(SOON),
        "alert": of.state_by_alert(SOON),
        "age": of.age,
        "limit": of.limit_seconds,
        "unread": exactly(of.unread),
        "rate": of.consumed(SOON),
        "members": exactly(of.members),
    },
    "Lag in minutes": {"A": of.in_minutes(of.interpolated_age), "L": _limit_line},
    "Produced and consumed a second": {"P": of.produced(), "W": of.week_before, "C": of.consumed()},
    "Late messages by partition": {"A": of.late},
    "Produced a second by partition": {"A": of.produced()},
    "Partitions now": {
        "unread": exactly(of.unread),
        "in": of.produced(SOON),
        "times": of.times_average(SOON),
        "out": of.consumed(SOON),
        "leader": exactly(of.leader),
        "isr": exactly(of.in_sync),
    },
    "Members by group": {"A": exactly(of.members)},
    "Unread messages by group": {"A": exactly(of.unread)},
    "In-sync replicas of the worst partition": {
        "A": exactly(of.in_sync),
        "R": exactly(of.replicas),
        "M": exactly(of.min_in_sync),
    },
    "Partitions led by broker": {"A": exactly(of.led)},
    "Room before unread messages are deleted": {"A": exactly(of.room)},
    "Letters here": {"*": exactly(of.written())},
    "In the last hour": {"*": exactly(of.written(3600))},
    "Dead letters a minute": {"*": exactly(of.written(60))},
    "Dead letters over time": {"*": exactly(of.written())},
}


def expected(shown: Shown) -> Expected | None:
    """What the query's values have to be; None: the table says nothing of it."""
    rows = TRUTHS.get(shown.title, {})
    return next((row for ref, row in rows.items() if fnmatchcase(shown.target["refId"], ref)), None)


def wrong(shown: Shown, point: Place) -> Iterator[str]:
    """The points that are not true: what is shown there, and what may be; and the groups that are not shown at all."""
    row = expected(shown)
    if row is None or not shown.series:
        return
    for one in shown.series:
        for at, value in one.points:
            place = point(one.labels, at)
            if value == value and not _agrees(shown, value, truth := row(place)):
                when = f"{(at - END) / 60:+.1f} min"
                yield f"{one.labels} {when}: {value:.6g} {word(shown, value)}, in truth {truth}"
    yield from _groups_missing(shown, point({}, END))


def _agrees(shown: Shown, value: float, truth: Band | str | None) -> bool:
    if isinstance(truth, str):
        return truth in word(shown, value)
    return truth is None or value in truth.widened(1e-9, 1e-9)


def _groups_missing(shown: Shown, place: Point) -> Iterator[str]:
    label = named(place.profile).labels[GROUP]
    groups = {one.labels[label] for one in shown.series if label in one.labels}
    if groups and groups != set(place.history.groups):
        yield f"shows the groups {sorted(groups)}, and there are {place.history.groups}"


def word(shown: Shown, value: float) -> str:
    """The text that the panel has for a value of this query; empty where it shows the number."""
    for mapping in _mappings(shown):
        if mapping["type"] == "value" and f"{value:g}" in mapping["options"]:
            return str(mapping["options"][f"{value:g}"]["text"])
    return ""


def _mappings(shown: Shown) -> list[Mapping[str, Any]]:
    config = shown.panel.get("fieldConfig", {})
    renamed = [one["options"].get("renameByName", {}) for one in shown.panel.get("transformations", [])]
    column = f"Value #{shown.target['refId']}"
    names = {column, *(names[column] for names in renamed if column in names)}
    own = [one["properties"] for one in config.get("overrides", []) if one["matcher"]["options"] in names]
    found = [one["value"] for properties in own for one in properties if one["id"] == "mappings"]
    return [mapping for each in found or [config.get("defaults", {}).get("mappings", [])] for mapping in each]
