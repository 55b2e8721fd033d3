"""What differs between two renderings of one template, counted: fields, panels, teams, clusters."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from provisioner.comparing.piece import DASHBOARD, Noun, Parts, Piece
from provisioner.kinds import text_diff
from provisioner.kinds.board_file import PANEL

MOST_FIELDS = 500
"""Fields of one template that are counted one by one: a label's name may be anything."""
REST = "(others)"
_PLACE = ("gridPos", "id")
"""What differs in a panel that another one has pushed down."""


class Clash(NamedTuple):
    """One field of one alert or dashboard that differs; None: it is not there."""

    title: str
    cluster: str
    before: Any
    after: Any

    def diff(self) -> Iterator[str]:
        """The lines that go (`- `) and come (`+ `); a whole panel is only counted."""
        old, new = _rows(self.before), _rows(self.after)
        if (old and new) or isinstance(self.before or self.after, str):
            yield from text_diff.rows(old, new)
        else:
            yield f"{'-' if old else '+'} {len(old or new)} lines of JSON"


def _rows(value: Any) -> list[str]:
    """A text line by line; whatever else JSON has a line a value."""
    if value is None:
        return []
    return (value if isinstance(value, str) else json.dumps(value, indent=1, sort_keys=True)).split("\n")


@dataclass(slots=True)
class Count:
    """How many have a field that differs. `example`: the first; `alike`: all have its two values."""

    example: Clash
    count: int = 0
    alike: bool = True

    def add(self, before: Any, after: Any) -> None:
        """One more."""
        self.count += 1
        self.alike = self.alike and (before, after) == (self.example.before, self.example.after)


@dataclass(slots=True)
class Here:
    """Of one cluster."""

    changed: int = 0
    new: int = 0
    gone: int = 0


@dataclass(slots=True)
class Tally:
    """Of one template. `panels`: word -> fewest and most panels in a dashboard that changed."""

    template: str
    noun: Noun
    clusters: dict[str, Here] = field(default_factory=dict)
    teams: set[str] = field(default_factory=set)
    fields: dict[str, Count] = field(default_factory=dict)
    panels: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def total(self) -> Here:
        """Of all clusters."""
        return Here(*(sum(getattr(each, word) for each in self.clusters.values()) for word in Here.__slots__))

    def changed(self, before: Piece, after: Piece) -> None:
        """Both sides have it, and not alike."""
        differing = list(_differing(before.parts, after.parts))
        if not differing:
            return
        self._of(before, after).changed += 1
        for name, old, new in differing:
            known = name if name in self.fields or len(self.fields) < MOST_FIELDS else REST
            self.fields.setdefault(known, Count(Clash(after.title, after.cluster, old, new))).add(old, new)
        if self.noun == DASHBOARD:
            self._panels(differing)

    def new(self, piece: Piece) -> None:
        """Only the new side has it."""
        self._of(piece).new += 1

    def gone(self, piece: Piece) -> None:
        """Only the old side has it."""
        self._of(piece).gone += 1

    def _of(self, *pieces: Piece) -> Here:
        self.teams.update(*(piece.teams for piece in pieces))
        return self.clusters.setdefault(pieces[-1].cluster, Here())

    def _panels(self, differing: Iterable[tuple[str, Any, Any]]) -> None:
        words = [_word(old, new) for name, old, new in differing if name.startswith(PANEL)]
        for word in ("changed", "new", "gone", "moved"):
            count = words.count(word)
            least, most = self.panels.get(word, (count, count))
            self.panels[word] = (min(least, count), max(most, count))


def _word(old: Any, new: Any) -> str:
    if old is None or new is None:
        return "new" if old is None else "gone"
    return "moved" if _unplaced(old) == _unplaced(new) else "changed"


def _unplaced(panel: Any) -> Any:
    return {key: value for key, value in panel.items() if key not in _PLACE} if isinstance(panel, Mapping) else panel


def _differing(before: Parts, after: Parts) -> Iterator[tuple[str, Any, Any]]:
    for name in dict.fromkeys([*after, *before]):
        old, new = before.get(name), after.get(name)
        if old != new or (name in before) != (name in after):
            yield name, old, new
