"""What a story is made of: topics, groups, events, and the alerts that there must be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.live_alerts.truths import Truth


@dataclass(frozen=True)
class Topic:
    """`rate`: messages a second; None: nothing is produced but by events. `fields`: what its file says besides."""

    name: str
    rate: float | None = 3
    fields: Mapping[str, Any] = field(default_factory=dict)
    partitions: int = 3


@dataclass(frozen=True)
class Group:
    """`team`: None where no file declares it; `reads`: how it is run; None: somebody else's business."""

    name: str
    topic: str
    team: str | None = "finance"
    fields: Mapping[str, Any] = field(default_factory=dict)
    reads: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Event:
    """At that second since the beginning, a method of the world."""

    at: float
    what: str
    arguments: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Row:
    """An alert as it ought to be. `hold`: seconds; `known`: why the truth is another one, where the docs say so.

    `profiles`: of which exporters; none: of all. `ends`: whether its end is compared; `fades`: whether it begins five
    minutes after the last scrape that said otherwise.
    """

    scenario: str
    alert: str
    topic: str
    group: str
    truth: Truth
    hold: float
    known: str = ""
    ends: bool = True
    profiles: tuple[str, ...] = ()
    fades: bool = False


@dataclass(frozen=True)
class Story:
    """Everything."""

    topics: Sequence[Topic]
    groups: Sequence[Group]
    events: Sequence[Event]
    rows: Sequence[Row]
