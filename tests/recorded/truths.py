"""What each panel has to show: by the panel's title and its query's refId, the truth of every point.

A panel that is not in the table has to show something, and that is all. A row whose panel no dashboard has is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from provisioner.catalog.model import Topic
from provisioner.kinds.template_context import RUNGS
from provisioner.profiles import named
from provisioner.profiles.metric import GROUP, PARTITION, Series
from tests.recorded.clock import END, SCRAPE, WEEK
from tests.recorded.grafana import Shown
from tests.recorded.history import NEVER, Band, History

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
    def limit(self) -> int | None:
        """Seconds: of the group's own alert, or the topic's."""
        own = [one.lag for one in self.topic.consumers if one.group == self.group]
        lag = own[0] if own else self.topic.lag
        return lag.seconds if lag else None


Place = Callable[[Mapping[str, str], float], Point]
"""The point with these labels at this time."""
Expected = Callable[[Point], Band | None]
"""What may be shown; None: there is nothing to hold it against."""


def _rate(band: Callable[[Point, float, float], Band]) -> Expected:
    def expected(point: Point) -> Band | None:
        since = point.at - point.window
        if not point.history.covers(since, point.at):
            return None
        return band(point, since, point.at).widened(RATE, DUST)

    return expected


def _week_before(point: Point) -> Band | None:
    since, until = point.at - WEEK - point.window, point.at - WEEK
    if not point.before.covers(since, until):
        return None
    return point.before.produced(since, until).widened(RATE, DUST)


produced = _rate(lambda point, since, until: point.history.produced(since, until, point.partition))
consumed = _rate(lambda point, since, until: point.history.consumed(point.groups, since, until, point.partition))


def unread(point: Point) -> Band:
    """Lag in messages, exactly."""
    found = sum(point.history.unread(group, point.at, point.partition) for group in point.groups)
    return Band(found, found)


def late(point: Point) -> Band | None:
    """Unread messages that are older than the topic's threshold, exactly."""
    assert point.topic.lag
    if not point.history.covers(point.at - point.topic.lag.seconds, point.at):
        return None
    found = sum(point.history.late(group, point.topic.lag.seconds, point.at) for group in point.groups)
    return Band(found, found)


def age(point: Point) -> Band:
    """Lag as time: within one scrape where messages came evenly; else no more is said than the rungs around it."""
    lags = [one.lag.seconds for one in point.topic.consumers if one.lag]
    found = max(point.history.age(group, point.at) for group in point.groups)
    rungs = sorted({0, found, *RUNGS, *lags})
    lower, upper = rungs[max(0, rungs.index(found) - 1)], rungs[min(len(rungs) - 1, rungs.index(found) + 1)]
    # Deleted, made again or not recorded: what came before is nothing to interpolate with.
    since = max(point.history.begin, point.at - upper)
    even = point.history.produced(since, point.at)
    if even.high <= EVEN * even.low:
        return Band(found, found).widened(by=SCRAPE)
    return Band(min(lower, found), max(upper, found)).widened(by=SCRAPE)


def limit(point: Point) -> Band:
    """A line where some alert of the topic fires."""
    lags = [one.lag.seconds for one in point.topic.consumers if one.lag]
    return Band(min(lags), max(lags))


def _skew(rates: Sequence[Band], idle: int = 0) -> Band | None:
    """Of rates that are about the same throughout, and of idle partitions; there is none of nothing."""
    if len(rates) + idle < 2 or any(rate.low <= DUST or rate.high > STEADY * rate.low for rate in rates):
        return None
    middle = [(rate.low + rate.high) / 2 for rate in rates] + [0.0] * idle
    found = (max(middle) * len(middle) / sum(middle) - 1) / (len(middle) - 1)
    return Band(found, found).widened(by=SKEW)


def produced_skew(point: Point) -> Band | None:
    """0: evenly; 1: all in one partition."""
    since = point.at - point.window
    if not point.history.covers(since, point.at):
        return None
    return _skew([point.history.produced(since, point.at, str(at)) for at in range(len(point.history.partitions))])


def consumed_skew(point: Point) -> Band | None:
    """The same of a group; kafka_exporter counts a partition in which it never committed."""
    since = point.at - point.window
    if not point.history.covers(since, point.at):
        return None
    read = [at for at, one in enumerate(point.history.partitions) if one.committed[point.groups[0]][-1] != NEVER]
    rates = [point.history.consumed(point.groups, since, point.at, str(at)) for at in read]
    unread = len(point.history.partitions) - len(read)
    says_never = isinstance(named(point.profile).metrics["committed"], Series)
    return _skew(rates, unread if says_never else 0)


def under_replicated(point: Point) -> Band:
    """Partitions, exactly."""
    history = point.history
    short = history.in_sync[history.at(point.at)] < history.replicas
    return Band(len(history.partitions) * short, len(history.partitions) * short)


def in_sync(point: Point) -> Band:
    """Replicas of the worst partition, exactly."""
    found = point.history.in_sync[point.history.at(point.at)]
    return Band(found, found)


def replicas(point: Point) -> Band:
    """Replicas of each partition, exactly."""
    return Band(point.history.replicas, point.history.replicas)


def led(point: Point) -> Band:
    """Partitions that a broker leads, exactly."""
    step = point.history.at(point.at)
    found = sum(str(leaders[step]) == point.labels["broker"] for leaders in point.history.leaders)
    return Band(found, found)


TRUTHS: Mapping[str, Mapping[str, Expected]] = {
    "Lag as time": {"A": age},
    "Produced per second": {"A": produced},
    "Consumed per second": {"A": consumed},
    "Unread and older than the threshold": {"A": late},
    "Production rate": {"A": produced, "B": _week_before},
    "Consumption rate by group": {"A": consumed},
    "Lag as time by group": {"A": age, "T*": limit},
    "Lag in messages by group": {"A": unread},
    "Partition skew by production": {"A": produced_skew},
    "Partition skew by consumption": {"A": consumed_skew},
    "Production rate by partition": {"A": produced},
    "Lag in messages by partition": {"A": unread},
    "Under-replicated partitions": {"A": under_replicated},
    "In-sync replicas": {"A": in_sync, "B": replicas},
    "Leaders by broker": {"A": led},
}


def expected(shown: Shown) -> Expected | None:
    """What the query's values have to be; None: the table says nothing of it."""
    rows = TRUTHS.get(shown.title, {})
    return next((row for ref, row in rows.items() if fnmatchcase(shown.target["refId"], ref)), None)


def wrong(shown: Shown, point: Place) -> Iterator[str]:
    """The points that are not true: what is shown there, and what may be; and the groups that are not shown at all."""
    row = expected(shown)
    for one in shown.series if row else ():
        for at, value in one.points:
            place = point(one.labels, at)
            band = row(place) if row else None
            if band is not None and value == value and value not in band.widened(1e-9, 1e-9):
                truth = f"in truth {band.low:.6g} to {band.high:.6g}"
                yield f"{one.labels} {(at - END) / 60:+.1f} min: {value:.6g}, {truth}"
    if row and shown.series:
        place = point({}, END)
        label = named(place.profile).labels[GROUP]
        groups = {one.labels[label] for one in shown.series if label in one.labels}
        if groups and groups != set(place.history.groups):
            yield f"shows the groups {sorted(groups)}, and there are {place.history.groups}"
