"""What is looked after: how late a group may be on a topic, and whom that calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Threshold:
    """`lag`: in seconds, None: switched off. `team` is called, in `chat`."""

    lag: int | None
    team: str
    chat: str | None = None


@dataclass(frozen=True, slots=True)
class Watched:
    """One topic: the threshold of each declared group, and that of every other one (`others`)."""

    others: Threshold
    groups: Mapping[str, Threshold] = field(default_factory=dict)
