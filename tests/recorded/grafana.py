"""How Grafana asks for the panels of a dashboard: its variables filled in, each query over its time or at its end."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from tests.recorded.clock import END, SCRAPE
from tests.recorded.prometheus import Answer, QueryError, Server

STEP = 60
"""Seconds between two points of a graph: three hours are 180 of them."""
HOURS = 3
_VARIABLE = re.compile(r"\$\{(\w+)(?::\w+)?\}|\$(\w+)|\[\[(\w+)\]\]")
_LABEL_VALUES = re.compile(r"label_values\((?:(.*),)?\s*(\w+)\s*\)", re.DOTALL)
_SPECIAL = re.compile(r"[\\^$.*+?()\[\]{}|]")
ALL = "$__all"


@dataclass(frozen=True)
class Shown:
    """What one query of a panel brought: its series, or why there are none."""

    panel: Mapping[str, Any]
    target: Mapping[str, Any]
    series: Sequence[Answer] = ()
    error: str = ""

    @property
    def title(self) -> str:
        """The panel's title."""
        return str(self.panel.get("title", ""))

    @property
    def values(self) -> list[float]:
        """Every value that Grafana would draw."""
        return [value for one in self.series for _, value in one.points if value == value]


@dataclass(frozen=True)
class Board:
    """A rendered dashboard as somebody opens it: with some variables chosen, at some time."""

    data: Mapping[str, Any]
    chosen: Mapping[str, str] = field(default_factory=dict)
    until: int = END
    step: int = STEP

    @classmethod
    def read(cls, path: Path, **chosen: str) -> Board:
        """From the file that was rendered."""
        return cls(json.loads(path.read_text()), chosen)

    @property
    def since(self) -> int:
        """The beginning of its time."""
        return self.until - HOURS * 3600

    @property
    def rate_interval(self) -> int:
        """`$__rate_interval` in seconds, where the data source knows how often is scraped."""
        return max(self.step + SCRAPE, 4 * SCRAPE)

    def instants(self) -> Board:
        """The same with those queries only that ask for one instant."""
        return self._with_targets(lambda _, target: [target] if _is_instant(target) else [])

    def altered(self, title: str, right: str, wrong: str) -> Board:
        """The same with another text in the queries of one panel. Raises AssertionError where there is no such text."""
        changed = self._with_targets(
            lambda panel, one: [{**one, "expr": one["expr"].replace(right, wrong)} if panel["title"] == title else one]
        )
        assert changed != self, f"{title}: no query has {right!r}"
        return changed

    def panels(self) -> Iterator[Mapping[str, Any]]:
        """Every panel, those in collapsed rows too; no rows."""
        for panel in self.data["panels"]:
            yield from panel.get("panels", []) if panel["type"] == "row" else [panel]

    def _with_targets(self, change: Callable[[Mapping[str, Any], Mapping[str, Any]], list[Any]]) -> Board:
        panels = [
            {**panel, "targets": [made for one in panel.get("targets", []) for made in change(panel, one)]}
            for panel in self.panels()
        ]
        return replace(self, data={**self.data, "panels": panels})

    def shown(self, server: Server, only: Sequence[str] = ("*",)) -> Iterator[Shown]:
        """Every query of the panels whose title is like one of these, answered."""
        variables = self.variables(server)
        for panel in self.panels():
            for target in panel.get("targets", []):
                if not target.get("hide") and any(fnmatchcase(panel["title"], one) for one in only):
                    yield self._answered(server, panel, target, variables)

    def variables(self, server: Server) -> Mapping[str, str]:
        """Name -> PromQL. One that is not chosen has what the dashboard says, or its first choice."""
        found = self._built_in()
        for variable in self.data.get("templating", {}).get("list", []):
            found[variable["name"]] = self._value(server, variable, found)
        return found

    def _built_in(self) -> dict[str, str]:
        span = self.until - self.since
        seconds = {"interval": self.step, "rate_interval": self.rate_interval, "range": span}
        more = {"__range_s": str(span), "__interval_ms": str(self.step * 1000), "__range_ms": str(span * 1000)}
        return {**{f"__{name}": f"{value}s" for name, value in seconds.items()}, **more}

    def _value(self, server: Server, variable: Mapping[str, Any], known: Mapping[str, str]) -> str:
        if variable["type"] == "constant":
            return str(variable["query"])
        value = self.chosen.get(variable["name"], variable.get("current", {}).get("value", ""))
        if value == ALL:
            return str(variable.get("allValue") or f"({'|'.join(self._choices(server, variable, known))})")
        if not value and variable["type"] == "query":
            value = next(iter(self._choices(server, variable, known)), "")
        # In a variable of several values Grafana escapes for a regular expression, twice for the string around it.
        return _SPECIAL.sub(r"\\\\\g<0>", value) if variable.get("multi") or variable.get("includeAll") else value

    def _choices(self, server: Server, variable: Mapping[str, Any], known: Mapping[str, str]) -> list[str]:
        asked = _LABEL_VALUES.fullmatch(variable["query"])
        assert asked, f"variable {variable['name']}: only label_values(...) is known here, not {variable['query']!r}"
        return server.label_values(asked[2], filled(asked[1] or "", known), self.since, self.until)

    def _answered(
        self, server: Server, panel: Mapping[str, Any], target: Mapping[str, Any], variables: Mapping[str, str]
    ) -> Shown:
        query = filled(target["expr"], variables)
        try:
            if _is_instant(target):
                return Shown(panel, target, server.instant(query, self.until))
            return Shown(panel, target, server.range(query, self.since, self.until, self.step))
        except QueryError as error:
            return Shown(panel, target, error=f"{error} in {query}")


def _is_instant(target: Mapping[str, Any]) -> bool:
    return bool(target.get("instant") and not target.get("range"))


def filled(text: str, variables: Mapping[str, str]) -> str:
    """`$name`, `${name}` and `[[name]]` replaced; what Grafana does not know either is left as it is."""
    return _VARIABLE.sub(lambda found: variables.get(found[1] or found[2] or found[3], found[0]), text)
