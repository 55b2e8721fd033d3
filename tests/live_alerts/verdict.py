"""Alerts beside the truth: what was seen of each row of the story, how far it is off, and whether that is right."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tests.live_alerts.model import Row
from tests.live_alerts.rows import happens
from tests.live_alerts.truths import Span

NEVER = float("inf")
AT_ONCE = 2.0
"""Seconds between two alerts of which Alertmanager may hear either first, as far as looks of a second tell."""
KEEPS = 600.0
"""Seconds for which an alert fires on after its expression ended (`keep_firing_for`)."""
FADES = 300.0
"""Seconds for which the last sample counts, in rules about what is missing."""
AGAIN = 240.0
"""Seconds after which Alertmanager ends what it hears no more of: four times the minute between two sendings."""
Name = tuple[str, str, str]
"""An alert, a topic and a group."""


@dataclass(frozen=True)
class Sight:
    """What Prometheus and the pager had of one alert: times as the truth has them."""

    raw: Sequence[Span] = ()
    firing: Sequence[Span] = ()
    calls: Sequence[float] = ()
    ends: Sequence[float] = ()


@dataclass(frozen=True)
class Bounds:
    """Seconds. `scrapes`: when one was answered; `length`: of the longest; `every`: between two, and two evaluations.

    `looks`: how long ago rules look, beside now. Before `blind` nothing is known, and behind `end` nothing more.
    `muted`: when KafkaManyConsumersLate fired in Prometheus.
    `switch`: when the layout changed, and every alert began to wait anew.
    """

    scrapes: Sequence[float]
    length: float
    every: float
    end: float
    looks: Sequence[float] = ()
    blind: float = 0
    muted: Sequence[Span] = ()
    switch: float = NEVER

    def late(self, when: float) -> float:
        """One scrape, or until the next where that takes longer; its length, an evaluation, and a look of a second."""
        waits = (self._wait(when - ago) for ago in (0, *self.looks))
        return max(self.every, *waits) + self.length + self.every + 1

    def _wait(self, when: float) -> float:
        at = bisect_left(self.scrapes, when)
        return self.scrapes[at] - when if at < len(self.scrapes) and when >= 0 else 0.0

    def early(self, when: float, fades: bool = False) -> float:
        """A sample has the time of the scrape's beginning, and what it tells may be as young as its end.

        `fades`: what begins five minutes after a scrape that said otherwise may have had its last one before.
        """
        at = bisect_right(self.scrapes, when - FADES - self.length) - 1
        since = when - FADES - self.scrapes[at] if fades and at >= 0 else 0.0
        return since + self.length + 1.0


@dataclass(frozen=True)
class Verdict:
    """`wrongs`: what is not as it should be; none: it is. `starts`, `stops`: seconds that the expression is late."""

    truth: Sequence[Span]
    sight: Sight
    starts: Sequence[float] = ()
    stops: Sequence[float] = ()
    wrongs: Sequence[str] = ()
    notes: Sequence[str] = field(default_factory=tuple)


def firing(truth: Sequence[Span], hold: float, end: float) -> list[Span]:
    """When an alert ought to fire: `hold` after it became true, and for KEEPS after it ended."""
    spans: list[Span] = []
    for begin, over in truth:
        if over - begin < hold:
            continue
        if spans and begin <= spans[-1][1]:
            spans[-1] = (spans[-1][0], min(end, over + KEEPS))
        else:
            spans.append((begin + hold, min(end, over + KEEPS)))
    return spans


def judge(row: Row, truth: Sequence[Span], sight: Sight, bounds: Bounds) -> Verdict:
    """What is wrong with it."""
    if row.known:
        said = [] if sight.firing else ["the docs say that it fires"]
        return Verdict(truth, sight, wrongs=said, notes=[row.known])
    starts, stops, errors = _errors(row, truth, sight, bounds)
    return Verdict(truth, sight, starts, stops, [*_of_pages(row, truth, sight, bounds), *errors])


def _of_pages(row: Row, truth: Sequence[Span], sight: Sight, bounds: Bounds) -> Iterator[str]:
    later = [(begin + bounds.late(begin) + bounds.every, over) for begin, over in truth]
    certain = [span for span in firing(later, row.hold, bounds.end) if span[0] < bounds.end]
    earlier = [
        (begin - bounds.early(begin, row.fades), over + bounds.late(over) + bounds.every) for begin, over in truth
    ]
    possible = firing(earlier, row.hold, bounds.end + bounds.late(bounds.end) + bounds.every)
    yield from (f"false page at {_at(span)}" for span in sight.firing if not any(_meets(span, one) for one in possible))
    yield from (f"missed page of {_at(one)}" for one in certain if not any(_meets(span, one) for span in sight.firing))
    yield from (f"fires {count} times" for one in possible if (count := _count(sight.firing, one)) > 1)
    yield from _of_pager(row, sight, bounds)


def _of_pager(row: Row, sight: Sight, bounds: Bounds) -> Iterator[str]:
    """A page each, but for what is muted while many consumers are late; either where both fire at once."""
    muted = bounds.muted if row.alert in ("KafkaConsumerLagHigh", "KafkaConsumerNoProgress") else ()
    least, most = (_due(row, sight, bounds, muted, margin) for margin in (-AT_ONCE, AT_ONCE))
    if not least <= len(sight.calls) <= most:
        yield f"{len(sight.calls)} pages where {least if least == most else f'{least} or {most}'} were due"


def _due(row: Row, sight: Sight, bounds: Bounds, muted: Sequence[Span], margin: float) -> int:
    """What fires later than `margin` after the muting began is no page; a change of layout may make another one."""
    heard = [span for span in sight.firing if not any(begin + margin < span[0] <= end for begin, end in muted)]
    return len(heard) + sum(span[0] < bounds.switch < span[1] and row.hold > AGAIN for span in heard)


def _errors(
    row: Row, truth: Sequence[Span], sight: Sight, bounds: Bounds
) -> tuple[list[float], list[float], list[str]]:
    """How late each span that is in both began and ended; what is cut off by an end of the run is not compared."""
    starts, stops, wrongs = [], [], []
    for begin, over in _joined(truth, bounds):
        early = bounds.early(begin, row.fades)
        met = [span for span in sight.raw if _meets(span, (begin - early, over + bounds.late(over)))]
        if not met or begin < bounds.blind:
            continue
        starts.append(start := met[0][0] - begin)
        if not -early <= start <= bounds.late(begin):
            wrongs.append(f"begins {start:+.0f} s off")
        edge = bounds.late(over) + bounds.every
        if over < bounds.end - edge:
            stops.append(stop := met[-1][1] - over)
            wrongs += [f"ends {stop:+.0f} s off"] if row.ends and abs(stop) > edge else []
    return starts, stops, wrongs


def _joined(truth: Sequence[Span], bounds: Bounds) -> list[Span]:
    """What is over for less than a scrape can tell is not over."""
    found: list[Span] = []
    for begin, over in truth:
        if found and begin - found[-1][1] <= bounds.late(begin) + bounds.every:
            found[-1] = (found[-1][0], over)
        else:
            found.append((begin, over))
    return found


def _meets(one: Span, other: Span) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


def _count(spans: Sequence[Span], within: Span) -> int:
    return sum(_meets(span, within) for span in spans)


def through(sight: Sight, switch: float) -> Sight:
    """As the pager has it where the layout changed: Alertmanager holds what fires again soon. No expression."""
    spans: list[Span] = []
    for begin, end in sight.firing:
        if spans and switch - 60 <= spans[-1][1] <= switch + 60:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((begin, end))
    return replace(sight, raw=(), firing=spans)


def anew(truth: Sequence[Span], hold: float, switch: float) -> list[Span]:
    """As the truth counts where the layout changed: what did not fire yet waits from then on."""
    return [(switch if begin < switch < begin + hold else begin, over) for begin, over in truth]


def _at(span: Span) -> str:
    return f"{span[0]:.0f}-{span[1]:.0f}"


def strangers(rows: Sequence[Row], sights: Mapping[Name, Sight]) -> list[str]:
    """Alerts that no row of the story is about."""
    known = {(row.alert, row.topic, row.group) for row in rows}
    return [" ".join(name) for name, sight in sights.items() if name not in known and (sight.firing or sight.calls)]


def untried(rows: Sequence[Row], truth: Mapping[Row, Sequence[Span]]) -> list[str]:
    """What ought to have happened and did not: an alert that is silent then proves nothing."""
    return [f"never true: {row.alert} {row.topic} {row.group}" for row in rows if happens(row) and not truth[row]]
