"""A dashboard of Grafana, as a template writes it and as it is rendered: what Grafana could not draw is a problem.

It is looked at, not described: a board exported from Grafana has hundreds of words that are none of our business.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from provisioner.catalog.documents import Loc
from provisioner.templates.expressions import Fault
from provisioner.templates.tree import Found

COLUMNS = 24
SHOWN = 60
_TOP = ("uid", "title", "tags", "panels", "links", "templating", "annotations", "time", "refresh", "schemaVersion")
_OF_A_PANEL = (
    "id type title description gridPos targets options fieldConfig datasource transformations collapsed panels"
)
_PANEL = (*_OF_A_PANEL.split(), "interval", "maxDataPoints", "repeat", "links")
_TARGET = ("refId", "expr", "legendFormat", "datasource", "instant", "range", "format", "interval", "hide")
_KINDS: Mapping[str, tuple[type, str]] = {
    "title": (str, "a text"),
    "type": (str, "a text"),
    "targets": (list, "a list"),
}
_SHARED = 'export it again, without "share externally": then it needs no inputs'
_GRID = 'a panel\'s place is {"x": 0, "y": 0, "w": 12, "h": 8}: whole numbers, 24 columns wide'


def board_faults(data: Mapping[str, Any]) -> Iterator[Found]:
    """What is wrong with the parts of a template that are no expressions, each at its key."""
    yield from _misspelled(data, _TOP, ())
    if "__inputs" in data:
        yield (
            ("__inputs",),
            "",
            Fault("this was exported to be shared: its sources are inputs that nobody gives", _SHARED),
        )
    yield from _listed(data, (), "panels", "a panel")
    panels = list(_panels(data, ()))
    yield from chain.from_iterable(_panel_faults(panel, loc) for loc, panel in panels)
    yield from _twice([((*loc, "id"), panel["id"]) for loc, panel in panels if isinstance(panel.get("id"), int)], "id")


def rendered_faults(data: Mapping[str, Any]) -> Iterator[Found]:
    """What is wrong once values are known: two panels with one id."""
    titles: dict[Any, str] = {}
    for _, panel in _panels(data, ()):
        number, title = panel.get("id"), str(panel.get("title", ""))
        if isinstance(number, int) and number in titles:
            why = f"the panels {titles[number]!r} and {title!r} have one id, {number}: each needs its own"
            yield ("panels",), "", Fault(why, 'such as "id": "<< index + 100 >>" in what is repeated')
        titles.setdefault(number, title)


def _panels(data: Mapping[str, Any], loc: Loc) -> Iterator[tuple[Loc, Mapping[str, Any]]]:
    """Each panel with its location; those of a row that is folded, too."""
    listed = data.get("panels")
    for at, panel in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(panel, dict):
            here = (*loc, "panels", at)
            yield here, panel
            yield from _panels(panel, here)


def _panel_faults(panel: Mapping[str, Any], loc: Loc) -> Iterator[Found]:
    yield from _misspelled(panel, _PANEL, loc)
    for key, (kind, words) in _KINDS.items():
        if key in panel and not isinstance(panel[key], kind):
            yield (
                (*loc, key),
                "",
                Fault(f"{key!r} must be {words}, is {_shown(panel[key])}", "see the shipped dashboards"),
            )
    yield from _place_faults(panel.get("gridPos", {}), (*loc, "gridPos"))
    yield from _listed(panel, loc, "targets", "a query")
    asked = [(at, one) for at, one in enumerate(_list(panel.get("targets"))) if isinstance(one, dict)]
    for at, target in asked:
        here = (*loc, "targets", at)
        yield from _misspelled(target, _TARGET, here)
        if not isinstance(target.get("expr", ""), str):
            yield (*here, "expr"), "", Fault("a query must be a text", "write the PromQL as one text")
    named = [((*loc, "targets", at, "refId"), one["refId"]) for at, one in asked if "refId" in one]
    yield from _twice([(place, name) for place, name in named if "<<" not in str(name)], "refId")


def _place_faults(place: Any, loc: Loc) -> Iterator[Found]:
    if not isinstance(place, dict):
        yield loc, "", Fault(f"'gridPos' must be a map, is {_shown(place)}", _GRID)
        return
    known = {key: value for key, value in place.items() if not (isinstance(value, str) and "<<" in value)}
    for key in ("x", "y", "w", "h"):
        if key in known and (not isinstance(known[key], int) or isinstance(known[key], bool) or known[key] < 0):
            yield (*loc, key), "", Fault(f"{key!r} must be a whole number, is {_shown(known[key])}", _GRID)
            return
    if {"x", "w"} <= known.keys() and known["x"] + known["w"] > COLUMNS:
        yield (*loc, "w"), "", Fault(f"it ends at column {known['x'] + known['w']}, beyond {COLUMNS}", _GRID)


def _listed(data: Mapping[str, Any], loc: Loc, key: str, what: str) -> Iterator[Found]:
    for at, one in enumerate(_list(data.get(key))):
        if not isinstance(one, dict):
            yield (
                (*loc, key, at),
                "",
                Fault(f"{what} must be an object, is {_shown(one)}", "see the shipped dashboards"),
            )


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def _misspelled(data: Mapping[str, Any], known: Sequence[str], loc: Loc) -> Iterator[Found]:
    """Grafana drops a key that it does not know without a word."""
    by_letters = {word.lower(): word for word in known}
    for key in data:
        right = by_letters.get(key.lower())
        if right and right != key:
            yield (*loc, key), "", Fault(f"Grafana knows no {key!r}", f"did you mean {right!r}?")


def _twice(values: Sequence[tuple[Loc, Any]], key: str) -> Iterator[Found]:
    seen: set[Any] = set()
    for loc, value in values:
        if value in seen:
            yield loc, "", Fault(f"the {key} {_shown(value)} is given twice", f"give each its own {key}")
        seen.add(value)
