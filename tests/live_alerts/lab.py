"""One run: brokers, exporters, Prometheus, Alertmanager and clients, the story, and what became of each of its rows."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from provisioner import sandbox
from provisioner.sandbox import Sandbox
from tests.live_alerts import servers
from tests.live_alerts.events import SWITCH
from tests.live_alerts.exporter import NAMES, Exporter, served
from tests.live_alerts.model import Row, Story
from tests.live_alerts.offsets import Reader
from tests.live_alerts.pace import Pace
from tests.live_alerts.past import Past
from tests.live_alerts.repositories import SWITCHED, Repositories
from tests.live_alerts.rows import UNREAD
from tests.live_alerts.sights import sights
from tests.live_alerts.story import story
from tests.live_alerts.truths import Span, spans
from tests.live_alerts.verdict import Bounds, Name, Sight, Verdict, anew, judge, strangers, through, untried
from tests.live_alerts.world import World
from tests.ports import free_port
from tests.recorded.prometheus import Server, store

Progress = Callable[[str], None]
FOREVER = 10 * 365 * 86400
SELDOM, LONG_HOLD = 120, 900
"""Seconds between two evaluations, in the compact layout, of what waits for so long (docs/alerts.md)."""
PREPARING = 30
"""Seconds until the run begins, at least; longer where the applies take longer."""


@dataclass(frozen=True)
class Result:
    """`verdicts`: cluster -> row -> what was seen; `wrongs`: what is about no row."""

    pace: Pace
    rows: Sequence[Row]
    verdicts: Mapping[str, Mapping[Row, Verdict]]
    wrongs: Sequence[str]
    scrape: float

    @property
    def is_right(self) -> bool:
        """Every row in every cluster, and nothing besides."""
        return not self.wrongs and not any(each.wrongs for rows in self.verdicts.values() for each in rows.values())


def run(pace: Pace, place: Path, progress: Progress) -> Result:
    """All of it: `pace.whole` seconds, and about 40 before."""
    told = story(pace)
    brokers = sandbox.up("alerts", place / "brokers", heap="384m", progress=progress)
    try:
        return _run(pace, told, place, brokers, progress)
    finally:
        sandbox.down("alerts", place / "brokers")


def _run(pace: Pace, told: Story, place: Path, brokers: Sandbox, progress: Progress) -> Result:
    exporters = {name: Exporter(name, Reader(brokers.bootstrap)) for name in NAMES}
    port = free_port()
    repositories = Repositories(place, told, pace, (brokers.bootstrap, brokers.cluster_id, f"http://127.0.0.1:{port}"))
    with contextlib.ExitStack() as stack:
        page = stack.enter_context(served(exporters))
        pager, hook = stack.enter_context(servers.pager())
        alerts = stack.enter_context(servers.alertmanager(place, hook))
        past = Past(time.time() + PREPARING, pace.whole)
        _backfill(past, place, page, pace)
        addresses = {name: f"127.0.0.1:{page} /{name}" for name in NAMES}
        rules = repositories.write()
        server = stack.enter_context(servers.prometheus(place, port, rules, addresses, alerts, pace.scrape))
        with _silent(exporters):
            repositories.apply(progress)
            world = World(brokers, told, exporters, repositories)
            world.remember(past)
            time.sleep(max(0.0, past.began - time.time()))  # or the past would reach into the run
        with world.running():
            world.play(pace.whole, progress)
        for failure in [each for one in (*exporters.values(), *world.readers.values()) for each in one.failures]:
            progress(f"failed: {failure}")
        return _result(pace, told, repositories, server, pager.calls, world)


@contextlib.contextmanager
def _silent(exporters: Mapping[str, Exporter]) -> Iterator[None]:
    """Nothing is scraped until the block ends; then they are connected."""
    for exporter in exporters.values():
        exporter.hurt("silent", FOREVER)
    yield
    for exporter in exporters.values():
        exporter.reader.read()
        exporter.faults.clear()


def _backfill(past: Past, place: Path, page: int, pace: Pace) -> None:
    for name in NAMES:
        labels = {"job": name, "instance": f"127.0.0.1:{page}", "cluster": name}
        store(past.samples(name, labels, "gone" if pace.is_long else None), place / "prometheus")


def _result(
    pace: Pace,
    told: Story,
    repositories: Repositories,
    server: Server,
    calls: Sequence[servers.Call],
    world: World,
) -> Result:
    began, end = world.ledger.began, world.ledger.began + pace.whole
    truth = {row: _from(began, spans(row.truth, world.ledger, began, end)) for row in told.rows}
    verdicts: dict[str, Mapping[Row, Verdict]] = {}
    wrongs = [*world.failures, *world.writer.lost, *untried(told.rows, truth)]
    for each in repositories:
        seen = sights(server, each.name, calls, began, end)
        bounds = _bounds(server, pace, each.profile, began)
        if each.name == SWITCHED:
            seen = {name: through(sight, pace.at(SWITCH)) for name, sight in seen.items()}
            bounds = replace(bounds, switch=pace.at(SWITCH))
        rows = [row for row in told.rows if not row.profiles or each.profile in row.profiles]
        by_row = {row: _of_row(row, each.layout, bounds, pace.whole) for row in rows}
        verdicts[each.name] = _judged(by_row, truth, seen)
        wrongs += [f"{each.name}: nobody expected {name}" for name in strangers(rows, seen)]
    longest = max(_values(server, "scrape_duration_seconds", began, end))
    return Result(pace, told.rows, verdicts, wrongs, longest)


def _bounds(server: Server, pace: Pace, profile: str, began: float) -> Bounds:
    end = began + pace.whole
    times, answers = (_values(server, query, began, end) for query in (f"timestamp({_up(profile)})", _up(profile)))
    good = sorted({when - began for when, answer in zip(times, answers, strict=True) if answer})
    longest = max(_values(server, f'scrape_duration_seconds{{job="{profile}"}}', began, end))
    looks = (pace.lag, pace.lag + pace.of(UNREAD, "watched"), 2 * pace.lag)
    return Bounds(good, longest, pace.scrape, _blind(pace, profile), looks, pace.lag)


def _up(profile: str) -> str:
    return f'up{{job="{profile}"}}'


def _values(server: Server, query: str, began: float, end: float) -> list[float]:
    return [value for each in server.range(query, began, end, 1) for _, value in each.points]


def _from(began: float, found: Sequence[Span]) -> list[Span]:
    return [(begin - began, end - began) for begin, end in found]


def _blind(pace: Pace, profile: str) -> float:
    """From when on the exporter says nothing more."""
    return pace.at(12) if pace.is_long and profile == "kafka_exporter" else pace.whole


def _of_row(row: Row, layout: str, bounds: Bounds, end: float) -> Bounds:
    if row.alert == "KafkaExporterMissing":
        return replace(bounds, end=end)
    return replace(bounds, every=SELDOM) if layout == "compact" and row.hold >= LONG_HOLD else bounds


def _judged(
    rows: Mapping[Row, Bounds], truth: Mapping[Row, Sequence[Span]], seen: Mapping[Name, Sight]
) -> dict[Row, Verdict]:
    # Whether that alert itself is right is the verdict on its own row.
    muted = seen.get(("KafkaManyConsumersLate", "", ""), Sight()).firing
    return {
        row: judge(
            row,
            anew(truth[row], row.hold, bounds.switch),
            seen.get((row.alert, row.topic, row.group), Sight()),
            replace(bounds, muted=muted),
        )
        for row, bounds in rows.items()
    }
