"""What a cluster's record says of moves: which are ours, which throttles we set for them, and whether they are paused.

Everything is noted before it is done: what is noted and not there was never done, or is over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

Replicas = tuple[int, ...]
Values = Mapping[str, str]
"""A throttle's keys and values."""


@dataclass(frozen=True, slots=True)
class Noted:
    """Of one topic: partition -> the replicas that it had and is to have, and the throttle's lists."""

    before: Mapping[int, Replicas] = field(default_factory=dict)
    targets: Mapping[int, Replicas] = field(default_factory=dict)
    throttle: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pause:
    """No wave begins. `until`: a time, or None until somebody continues; `by`: who wanted it; `since` when."""

    until: datetime | None
    by: str
    since: datetime

    def holds(self, now: datetime) -> bool:
        """True until its time is over."""
        return self.until is None or now < self.until


@dataclass(frozen=True, slots=True)
class Claim:
    """A run that is about to begin a wave; nobody else begins one meanwhile. One that died holds it for `lease`."""

    token: str
    at: datetime

    def holds(self, now: datetime, lease: timedelta) -> bool:
        """False once its run must have ended, whatever became of it."""
        return abs(now - self.at) < lease


@dataclass(frozen=True, slots=True)
class Notes:
    """All of it. `brokers`: throttle rates that we set, by broker; `claims` in the order in which they were written."""

    topics: Mapping[str, Noted] = field(default_factory=dict)
    brokers: Mapping[int, Values] = field(default_factory=dict)
    pause: Pause | None = None
    claims: tuple[Claim, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Nothing of ours can be anywhere."""
        return not self.topics and not self.brokers

    @property
    def targets(self) -> dict[tuple[str, int], Replicas]:
        """Partition -> the replicas that a move of ours gives it."""
        return {(name, at): to for name, noted in self.topics.items() for at, to in noted.targets.items()}


def of_topic(noted: Noted) -> dict[str, Any]:
    """As it stands in the record."""
    return {
        "before": {str(at): list(replicas) for at, replicas in noted.before.items()},
        "targets": {str(at): list(replicas) for at, replicas in noted.targets.items()},
        "throttle": dict(noted.throttle),
    }


def of_pause(pause: Pause) -> dict[str, Any]:
    """As it stands in the record."""
    until = pause.until.isoformat() if pause.until else None
    return {"until": until, "by": pause.by, "since": pause.since.isoformat()}


def of_claim(claim: Claim) -> dict[str, Any]:
    """As it stands in the record; its token is its name there."""
    return {"at": claim.at.isoformat()}


def topic(document: Mapping[str, Any]) -> Noted:
    """Raises ValueError, TypeError or KeyError for what `of_topic` would not have written."""
    before, targets = (dict(_lists(document[word])) for word in ("before", "targets"))
    return Noted(before, targets, values(document))


def values(document: Mapping[str, Any]) -> dict[str, str]:
    """A throttle's keys and values. Raises TypeError or KeyError."""
    throttle = document["throttle"]
    if not isinstance(throttle, dict) or not all(isinstance(each, str) for each in throttle.values()):
        raise TypeError
    return throttle


def pause(document: Mapping[str, Any]) -> Pause:
    """Raises ValueError, TypeError or KeyError for what `of_pause` would not have written."""
    until = document["until"]
    return Pause(None if until is None else _moment(until), str(document["by"])[:100], _moment(document["since"]))


def claim(token: str, document: Mapping[str, Any]) -> Claim:
    """Raises ValueError, TypeError or KeyError for what `of_claim` would not have written."""
    return Claim(token, _moment(document["at"]))


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no zone")
    return moment


def _lists(given: Mapping[str, Any]) -> Iterator[tuple[int, Replicas]]:
    for at, replicas in given.items():
        if not isinstance(replicas, list) or not all(type(each) is int for each in replicas):
            raise TypeError
        yield int(at), tuple(replicas)
