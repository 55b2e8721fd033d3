"""What a panel may be about, and what it may show of it at a point: within which band, or which word."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from provisioner.catalog.model import Topic
from provisioner.kinds.template_context import RUNGS
from provisioner.profiles import named
from provisioner.profiles.metric import GROUP, PARTITION
from tests.recorded import incidents
from tests.recorded.clock import SCRAPE, WEEK, ago, last_scrape
from tests.recorded.history import NEVER, Band, History, State

RATE, SKEW = 0.10, 0.05
"""How far a rate and a skew may be off."""
STEADY, EVEN = 1.25, 1.1
"""The most that a rate changes from scrape to scrape where a skew is one number, and where messages come evenly."""
DUST = 0.01
"""Messages a second."""


@dataclass(frozen=True)
class Point:
    """One value of a panel: of which topic and (by its labels) of which group; `window`: seconds of a rate."""

    history: History
    before: History
    topic: Topic
    profile: str
    labels: Mapping[str, str]
    at: float
    window: int

    @property
    def partition(self) -> str | None:
        """None: all of them."""
        return self.labels.get(named(self.profile).labels[PARTITION])

    @property
    def group(self) -> str | None:
        """None: all of them."""
        return self.labels.get(named(self.profile).labels[GROUP])

    @property
    def groups(self) -> tuple[str, ...]:
        """The group, or all of them."""
        return self.history.groups if self.group is None else (self.group,)

    @property
    def step(self) -> int:
        """The last scrape, in the history."""
        return self.history.at(self.at)

    def limit(self, group: str) -> int | None:
        """Seconds: of the group's own alert, or the topic's; None where none is on."""
        own = [one.lag for one in self.topic.consumers if one.group == group]
        lag = own[0] if own else self.topic.lag
        return lag.seconds if lag else None


Expected = Callable[[Point], Band | str | None]
"""What may be shown; None: there is nothing to hold it against."""


def exactly(value: Callable[[Point], float]) -> Expected:
    """One number."""

    def expected(point: Point) -> Band:
        found = value(point)
        return Band(found, found)

    return expected


def rate(band: Callable[[Point, float, float], Band], window: int | None = None) -> Expected:
    """A band of a rate over a window of seconds, or over the dashboard's own; nothing while the topic is made again."""

    def expected(point: Point) -> Band | None:
        since = point.at - (window or point.window)
        if not point.history.covers(since, point.at):
            return None
        return band(point, since, point.at).widened(RATE, DUST)

    return expected


def produced(window: int | None = None) -> Expected:
    """Messages a second, into a partition or all."""
    return rate(lambda point, since, until: point.history.produced(since, until, point.partition), window)


def consumed(window: int | None = None) -> Expected:
    """Messages a second that groups commit."""
    return rate(lambda point, *span: point.history.consumed(point.groups, *span, point.partition), window)


def week_before(point: Point) -> Band | None:
    """Messages a second into the topic, a week before."""
    since, until = point.at - WEEK - point.window, point.at - WEEK
    if not point.before.covers(since, until):
        return None
    return point.before.produced(since, until).widened(RATE, DUST)


def ratio(of: Band, to: Band) -> Band | None:
    """One rate by another; nothing where there may be none of that."""
    return Band(of.low / to.high, of.high / to.low).widened(RATE) if to.low > DUST else None


def by_last_week(window: int) -> Expected:
    """Production by that of the week before."""

    def expected(point: Point) -> Band | None:
        since = point.at - window
        if not point.history.covers(since, point.at) or not point.before.covers(since - WEEK, point.at - WEEK):
            return None
        return ratio(point.history.produced(since, point.at), point.before.produced(since - WEEK, point.at - WEEK))

    return expected


def slowest_by_production(window: int) -> Expected:
    """What the slowest group reads by what is produced."""

    def expected(point: Point) -> Band | None:
        span = point.at - window, point.at
        if not point.history.covers(*span) or not point.groups:
            return None
        read = [point.history.consumed([group], *span) for group in point.groups]
        slowest = Band(min(one.low for one in read), min(one.high for one in read))
        return ratio(slowest, point.history.produced(*span))

    return expected


def unread(point: Point) -> float:
    """Lag in messages."""
    return sum(point.history.unread(group, point.at, point.partition) for group in point.groups)


def age(point: Point) -> Band:
    """Seconds, within one scrape: the age now, or what it was when Prometheus last heard of it."""
    found = max(point.history.age(group, point.at) for group in point.groups)
    return Band(found - (point.at - last_scrape(point.at)), found).widened(by=SCRAPE)


def interpolated_age(point: Point) -> Band:
    """The same where messages came evenly; else no more is said than the rungs around it."""
    found = max(point.history.age(group, point.at) for group in point.groups)
    limits = [lag for group in point.history.groups if (lag := point.limit(group))]
    rungs = sorted({0, found, *RUNGS, *limits, *(one.lag.seconds for one in point.topic.consumers if one.lag)})
    lower, upper = rungs[max(0, rungs.index(found) - 1)], rungs[min(len(rungs) - 1, rungs.index(found) + 1)]
    even = point.history.produced(max(point.history.begin, point.at - upper), point.at)
    if even.high <= EVEN * even.low:
        return age(point)
    return Band(min(lower, found), max(upper, found)).widened(by=SCRAPE)


def in_minutes(seconds: Callable[[Point], Band]) -> Expected:
    """Whole minutes of it."""

    def expected(point: Point) -> Band:
        band = seconds(point)
        return Band(band.low / 60 - 1, band.high / 60)

    return expected


def late(point: Point) -> Band | None:
    """Messages that are older than each group's own limit, and unread."""
    limits = {group: limit for group in point.groups if (limit := point.limit(group))}
    if not point.history.covers(point.at - max(limits.values(), default=0), point.at):
        return None
    found = sum(point.history.late(group, limit, point.at, point.partition) for group, limit in limits.items())
    return Band(found, found)


def late_partitions(point: Point) -> Band | None:
    """Of the group that has most of them; nothing where nobody reads."""
    limits = {group: limit for group in point.groups if (limit := point.limit(group))}
    if not limits or not point.history.covers(point.at - max(limits.values()), point.at):
        return None
    found = max(point.history.late_partitions(group, limit, point.at) for group, limit in limits.items())
    return Band(found, found)


def state(window: int) -> Expected:
    """A word: how the group does; nothing while that changes."""

    def expected(point: Point) -> str | None:
        limit = point.limit(point.groups[0])
        if limit is None or not point.history.covers(point.at - max(limit, 2 * window) - SCRAPE, point.at):
            return None
        near = ((point.at - before, around) for before in (0, 2 * SCRAPE) for around in (window, 2 * window))
        found = {point.history.state(point.groups[0], limit, at, around) for at, around in near}
        return found.pop().value if len(found) == 1 else None

    return expected


def times_average(window: int) -> Expected:
    """A partition's production by the average of all: the skew from which it is reckoned, within its tolerance."""

    def expected(point: Point) -> Band | None:
        span = point.at - window, point.at
        rates = [point.history.produced(*span, str(at)) for at in range(len(point.history.partitions))]
        if not point.history.covers(*span) or any(one.low <= DUST or one.high > STEADY * one.low for one in rates):
            return None
        middle = [(one.low + one.high) / 2 for one in rates]
        found = middle[int(point.partition or 0)] * len(middle) / sum(middle)
        return Band(found, found).widened(by=SKEW * max(1, len(middle) - 1))

    return expected


def room(point: Point) -> float:
    """How much of what is kept a group has read, in the partition where that is least; 1: all of it.

    A partition in which it never committed is none of its own.
    """
    known = [(one.starts[point.step], one.ends[point.step], one) for one in point.history.partitions]
    read = [(start, end, one.committed[point.groups[0]][point.step]) for start, end, one in known if end > start]
    return min(min(max((at - start) / (end - start), 0), 1) for start, end, at in read if at != NEVER)


def firing(point: Point) -> Band | None:
    """Alerts of the topic that fire."""
    known = list(incidents.of_topic(point.history.cluster, point.history.topic))
    if any(one.is_about_to_change(point.at) for one in known):
        return None
    found = sum(one.fires(point.at) for one in known)
    return Band(found, found)


def firing_since(point: Point) -> Band | None:
    """Whole minutes since the first of those that fire became true, within two of them."""
    fires = [one for one in incidents.of_topic(point.history.cluster, point.history.topic) if one.fires(point.at)]
    if not fires:
        return None
    found = (point.at - min(ago(one.since + incidents.HOLD[one.name]) for one in fires)) / 60
    return Band(found, found).widened(by=2)


def groups_late(point: Point) -> Band | None:
    """Groups whose lag alert fires; -1 where nobody reads."""
    known = _lag_alerts(point)
    if any(one.is_about_to_change(point.at) for one in known):
        return None
    found = sum(one.fires(point.at) for one in known) if point.history.groups else -1
    return Band(found, found)


def state_by_alert(window: int) -> Expected:
    """As `state`, where a group counts as late while its alert fires; nothing where the two do not agree yet."""

    def expected(point: Point) -> str | None:
        known = [one for one in _lag_alerts(point) if one.group == point.groups[0]]
        if any(one.is_about_to_change(point.at) for one in known):
            return None
        late, word = any(one.fires(point.at) for one in known), state(window)(point)
        if not late:
            return State.IN_TIME.value
        return word if word != State.IN_TIME.value else None

    return expected


def _lag_alerts(point: Point) -> list[incidents.Firing]:
    known = incidents.of_topic(point.history.cluster, point.history.topic)
    return [one for one in known if one.name == incidents.LAG]


def written(seconds: int | None = None) -> Callable[[Point], float]:
    """Messages that came in so many seconds and are kept; None: that are kept at all."""

    def value(point: Point) -> float:
        then = point.history.at(point.at - seconds) if seconds else 0
        logs = [(one.ends[point.step], one.ends[then] if seconds else 0, one) for one in point.history.partitions]
        return sum(max(0, end - max(before, one.starts[point.step])) for end, before, one in logs)

    return value


def under_replicated(point: Point) -> float:
    """Partitions."""
    short = point.history.in_sync[point.step] < point.history.replicas
    return len(point.history.partitions) * short


def led(point: Point) -> float:
    """Partitions that a broker leads."""
    return sum(str(leaders[point.step]) == point.labels["broker"] for leaders in point.history.leaders)


def leader(point: Point) -> float:
    """The broker that leads a partition."""
    return point.history.leaders[int(point.partition or 0)][point.step]


def in_sync(point: Point) -> float:
    """Replicas of a partition, or of the worst."""
    return point.history.in_sync[point.step]


def replicas(point: Point) -> float:
    """Replicas of each partition."""
    return point.history.replicas


def members(point: Point) -> float:
    """Instances of a group."""
    return point.history.members[point.groups[0]][point.step]


def min_in_sync(point: Point) -> float:
    """`min.insync.replicas`, as declared."""
    return int(point.topic.config["min.insync.replicas"].value)


def limit_seconds(point: Point) -> Band | None:
    """Where the group's alert fires."""
    limit = point.limit(point.groups[0])
    return Band(limit, limit) if limit else None
