"""What happens to the topics of the example fleet: known incidents, most of them in a topic of their own."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from provisioner.catalog import catalog as catalogs
from provisioner.catalog import folder
from provisioner.catalog.model import Catalog, Presence, Topic
from tests.recorded.clock import END, WEEK
from tests.recorded.history import History
from tests.recorded.simulation import Change, Episode, Plot, Reader, Setting, simulated

TOPICS = Path(__file__).parents[2] / "topics"
HOURS, LONGER = 9.5, {"month-end-reports.v1": 28.0}
"""Three of a dashboard, six of its longest rung; a day where an alert waits that long."""
HOURS_BEFORE = 3.5
SCALE = {"staging": 0.05}
EXTERNAL_PARTITIONS = 6
BROKER_AWAY = (135, 123, 2)
"""From, until (minutes ago), which."""

SLOW = Episode(40, 0, speed=190, members=1)
STUCK = Episode(55, 0, speed=0, partition=2)
DOWN = Episode(200, 95, speed=0, members=0)
REWORK = Episode(95, 0, speed=700)

PLOTS: Mapping[str, Plot] = {
    "orders.v1": Plot(
        720,
        [
            Reader("billing", 1200, members=6),
            Reader("shipping-planner", 1200, members=4, episodes=[SLOW]),
            Reader("adhoc-margin-report", members=1, every=420),  # no file declares it
        ],
        weights={7: 4.5},
        changes=[Change(150, 145, 0), Change(105, 100, 1800)],  # the producer's deployment; a burst
    ),
    "orders.v1.dlq": Plot(
        0, flat=True, first=12, weights={1: 0.6, 2: 1.7, 3: 0.8, 4: 1.4}, changes=[Change(38, 0, 0.06)]
    ),
    "refunds.v1": Plot(0.4, [Reader("billing", members=6)], pulse=7, flat=True),
    "refunds.v1.dlq": Plot(0),
    "shipments.v1": Plot(
        90, [Reader("label-printer", members=2, episodes=[STUCK]), Reader("eta-service")], weights={0: 1.2}
    ),
    "tracking-events.v1": Plot(
        5200,
        [Reader("eta-service"), Reader("parcel-history", members=12)],
        weights={at: 1 + 0.5 * math.sin(at) for at in range(48)},
    ),
    "depot-sensors.v1": Plot(300, [Reader("depot-display")]),
    "ledger-entries.v1": Plot(240, [Reader("general-ledger", members=4, episodes=[DOWN, REWORK])]),
    "balances.v1": Plot(30, [Reader("balance-cache", members=2)], recreated=70),
    "month-end-reports.v1": Plot(0.01, [Reader("board-pack", members=1)], flat=True),
    "eu.orders.v1": Plot(60, [Reader("eu-reporting", never=frozenset({5}))]),
    "audit.log": Plot(12),
    "heartbeats.v1": Plot(1, [Reader("canary", members=1)], flat=True),
}
ORDINARY = Plot(5)
"""A topic that has no plot."""


@cache
def declared(place: Path = TOPICS) -> Mapping[str, Catalog]:
    """The fleet's catalogs, by cluster."""
    declarations = folder.read(place)
    found, problems = catalogs.catalogs(declarations)
    assert [*declarations.problems, *problems] == []
    return found


@cache
def histories(cluster: str) -> Mapping[str, History]:
    """What happens on a cluster until END, by topic."""
    return {topic.name: _played(declared()[cluster], topic) for topic in _present(declared()[cluster])}


@cache
def week_before(cluster: str) -> Mapping[str, History]:
    """The same hours a week before: an ordinary day."""
    return {topic.name: _played(declared()[cluster], topic, quiet=True) for topic in _present(declared()[cluster])}


def _present(catalog: Catalog) -> Iterator[Topic]:
    return (topic for topic in catalog.topics.values() if topic.state is not Presence.ABSENT)


def _played(catalog: Catalog, topic: Topic, *, quiet: bool = False) -> History:
    end = END - WEEK if quiet else END
    hours = HOURS_BEFORE if quiet else LONGER.get(topic.name, HOURS)
    external = topic.state is Presence.EXTERNAL
    setting = Setting(
        catalog.cluster.name,
        topic.name,
        EXTERNAL_PARTITIONS if external else topic.partitions.value,
        end - int(hours * 3600),
        end,
        SCALE.get(catalog.cluster.name, 1),
        _retention(topic),
        away=BROKER_AWAY,
        quiet=quiet,
    )
    return simulated(PLOTS.get(topic.name, ORDINARY), setting)


def _retention(topic: Topic) -> float:
    kept = topic.config.get("retention.ms")
    deletes = "delete" in (topic.config["cleanup.policy"].value if "cleanup.policy" in topic.config else "delete")
    return int(kept.value) / 1000 if kept and deletes and int(kept.value) >= 0 else math.inf
