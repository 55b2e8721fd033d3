"""Which groups are later than they may be: a row a group and topic, worst first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from provisioner.lag.reading import Committed, Group, Log, Logs, Reading
from provisioner.lag.threshold import Threshold, Watched

NO_GROUP = Group()


class State(StrEnum):
    """What is to be said of a group on a topic; the worst comes first."""

    LATE = "late"
    UNKNOWN = "unknown"
    NEVER = "never committed"
    BEHIND = "behind"
    READ = "nothing unread"


@dataclass(frozen=True, slots=True)
class Share:
    """One partition as a group stands to it. `committed` None: it never did. `log` None: not known.

    `unread`: offsets up to the end, 0 where none of them can be read; `deleted`: those that went before the group read
    them; `age`: of the oldest unread message, in seconds, None where nothing is unread or `why` says what is not known.
    """

    partition: int
    committed: int | None
    log: Log | None
    unread: int = 0
    deleted: int = 0
    age: float | None = None
    oldest: int | None = None
    open: bool = False
    why: str = ""

    @property
    def hollow(self) -> int:
        """Offsets up to the end, where none of them can be read: markers, aborted messages, holes of compaction."""
        if self.committed is None or self.log is None or self.why or self.age is not None:
            return 0
        return self.log.end - max(self.committed, self.log.start)


@dataclass(frozen=True, slots=True)
class Row:
    """A group on a topic. `shares`: by partition; those that it never committed are there where it has others.

    `at`: when it was read, in milliseconds since 1970; `why`: why nothing is known of it, or that there is nothing.
    """

    group: str
    topic: str
    threshold: Threshold
    declared: bool
    state: State
    shares: tuple[Share, ...] = ()
    at: int = 0
    connected: bool | None = None
    why: str = ""

    @property
    def worst(self) -> Share | None:
        """The partition with the oldest unread message; without one, that with most of it unread."""
        committed = [share for share in self.shares if share.committed is not None]
        return max(committed, key=lambda share: (share.age or 0, share.unread, -share.partition), default=None)

    @property
    def age(self) -> float | None:
        """Of the oldest unread message, in seconds; None where there is none that is known of."""
        return max((share.age for share in self.shares if share.age is not None), default=None)

    @property
    def unread(self) -> int | None:
        """Offsets up to the ends of what it committed: with transactions their markers count. None: not known."""
        committed = [share for share in self.shares if share.committed is not None]
        is_known = any(not share.why for share in committed)
        return sum(share.unread for share in committed) if is_known else None

    @property
    def never(self) -> tuple[Share, ...]:
        """Partitions that it never committed, while it committed others."""
        return tuple(share for share in self.shares if share.committed is None)

    @property
    def unknown(self) -> tuple[Share, ...]:
        """Partitions of which something is not known."""
        return tuple(share for share in self.shares if share.why)

    @property
    def is_unclear(self) -> bool:
        """True where anything is not known."""
        return self.state is State.UNKNOWN or bool(self.unknown)


def judged(watched: Mapping[str, Watched], reading: Reading) -> list[Row]:
    """Every declared group of these topics, and every other that committed there; worst first.

    Late is what is older than its threshold, as for the lag alert.
    """
    others: dict[str, list[str]] = {}
    for name, group in reading.groups.items():
        for topic in group.topics:
            others.setdefault(topic, []).append(name)
    rows = (row for topic, each in watched.items() for row in _rows(topic, each, others.get(topic, ()), reading))
    return sorted(rows, key=_order)


def unplaced(watched: Mapping[str, Watched], reading: Reading) -> dict[str, str]:
    """Groups that no file names and that could not be read, and why: whether they read these topics is not known."""
    declared = {name for each in watched.values() for name in each.groups}
    return {name: group.why for name, group in reading.groups.items() if group.why and name not in declared}


def _rows(topic: str, watched: Watched, committed: Iterable[str], reading: Reading) -> Iterator[Row]:
    for name, threshold in watched.groups.items():
        yield _row(name, topic, threshold, True, reading)
    for name in committed:
        if name not in watched.groups:
            yield _row(name, topic, watched.others, False, reading)


def _row(name: str, topic: str, threshold: Threshold, declared: bool, reading: Reading) -> Row:
    group = reading.groups.get(name, NO_GROUP)
    if why := reading.unsure.get(topic) or group.why:
        return Row(name, topic, threshold, declared, State.UNKNOWN, why=why)
    shares = tuple(_shares(topic, group, reading))
    why = "" if topic in reading.partitions else "the topic is not there"
    state = _state(shares, threshold.lag)
    return Row(name, topic, threshold, declared, state, shares, group.at, group.connected, why)


def _shares(topic: str, group: Group, reading: Reading) -> Iterator[Share]:
    """Of all partitions, where the group committed any."""
    offsets, logs = group.topics.get(topic, {}), group.logs.get(topic, {})
    numbers = {*range(reading.partitions.get(topic, 0)), *offsets} if offsets else set()
    return (_share(number, offsets.get(number), logs, group.at) for number in sorted(numbers))


def _share(number: int, committed: Committed | None, logs: Logs, at: int) -> Share:
    log = logs.get(number)
    if committed is None:
        return Share(number, None, log, unread=log.end - log.start if log else 0)
    if committed.why or log is None:
        return Share(number, committed.offset, log, why=committed.why or "its log was not read")
    if committed.offset > log.end:
        why = f"the committed offset {committed.offset} lies beyond the log's end {log.end}: was it made anew?"
        return Share(number, committed.offset, log, why=why)
    age = None if committed.oldest is None else max(0.0, (at - committed.oldest) / 1000)
    unread = 0 if age is None else log.end - max(committed.offset, log.start)
    deleted = max(0, log.start - committed.offset)
    return Share(number, committed.offset, log, unread, deleted, age, committed.oldest, committed.open)


def _state(shares: tuple[Share, ...], lag: int | None) -> State:
    ages = [share.age for share in shares if share.age is not None]
    if lag is not None and ages and max(ages) > lag:
        return State.LATE
    if any(share.why for share in shares):
        return State.UNKNOWN
    if not shares:
        return State.NEVER
    return State.BEHIND if ages else State.READ


def _order(row: Row) -> tuple[int, float, float, str, str]:
    """The state, then how many times its threshold a group is behind; one without a threshold after the others."""
    age, lag = row.age or 0.0, row.threshold.lag
    return list(State).index(row.state), -(age / lag) if lag else 0.0, -age, row.topic, row.group
