"""The example fleet, rendered as `provisioner render` does it, for each profile, and its recording."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from provisioner import cli
from provisioner.profiles import named
from tests.recorded import alerting, exporters, fleet, prometheus
from tests.recorded.exporters import Samples
from tests.recorded.history import History


@dataclass(frozen=True)
class Case:
    """A cluster of the example fleet, with the exporter that is declared or with another one in its place.

    `layout`: of its dashboards, as `dashboards.layout` has it; teams have theirs in both.
    """

    cluster: str
    profile: str
    layout: str = "topic"

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.cluster}-{self.profile}{'-shared' if self.is_shared else ''}"

    @property
    def is_shared(self) -> bool:
        """One dashboard has all topics."""
        return self.layout == "shared"

    def dashboards(self, place: Path) -> list[Path]:
        """Their files, where the case is rendered."""
        found = sorted((place / self.name / self.cluster / "dashboards").rglob("[!.]*.json"))
        assert found, f"{self.name} has no dashboards"
        return found

    def rules(self, place: Path) -> Path:
        """The folder of the rules."""
        return place / self.name / self.cluster / "rules"

    def history(self, topic: str) -> History:
        """What is true."""
        return fleet.histories(self.cluster)[topic]


CASES = (Case("prod", "kafka_exporter"), Case("prod", "kminion"), Case("staging", "kminion"))
SHARED = (Case("prod", "kafka_exporter", "shared"), Case("prod", "kminion", "shared"))
EVERY = (*CASES, *SHARED)


def render(case: Case, place: Path, topics: Path = fleet.TOPICS) -> Path:
    """The folder `place`/NAME with the rules and dashboards of a case."""
    copied = place / f"{case.name}-topics"
    shutil.copytree(topics, copied)
    clusters = copied / "clusters.yaml"
    other = fleet.declared()[case.cluster].cluster.metrics.profile
    boards = "dashboards: {type: files"
    declared = clusters.read_text().replace(boards, f"{boards}, layout: {case.layout}, teams: true")
    clusters.write_text(declared.replace(f"profile: {other}", f"profile: {case.profile}"))
    out = place / case.name
    assert cli.main(["render", "--cluster", case.cluster, "--out", str(out), str(copied)]) == 0
    return out


def record(place: Path) -> Path:
    """The database `place`/tsdb with the whole recording; what the alerts were is asked of the rules rendered there."""
    database = place / "tsdb"
    prometheus.store(_exported(), database)
    with prometheus.served(database) as server:
        # Each profile has the same alerts, told apart by nothing: one of each cluster.
        rules = [case.rules(place) for case in CASES if case.profile == _declared(case)]
        found = [samples for folder in rules for samples in alerting.alerts(server, folder)]
    prometheus.store(found, database)
    return database


def _declared(case: Case) -> str:
    return fleet.declared()[case.cluster].cluster.metrics.profile


def _exported() -> Iterator[Samples]:
    for case in CASES:
        matchers = fleet.declared()[case.cluster].cluster.metrics.matchers
        for histories in (fleet.histories(case.cluster), fleet.week_before(case.cluster)):
            yield from exporters.exported(histories.values(), named(case.profile), matchers)
