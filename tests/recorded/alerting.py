"""Which alerts there were: the rendered rules, evaluated over a recording as Prometheus does twice a minute.

promtool makes blocks from recording rules only, so what an alert adds to its expression (`for`, `keep_firing_for`) is
counted here. A rule that asks for ALERTS itself finds none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from provisioner.profiles.promql import seconds
from tests.recorded.clock import END
from tests.recorded.exporters import Samples, series
from tests.recorded.prometheus import Server

EVERY = 30
BEGIN = END - 4 * 3600

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Active:
    """An alert at one evaluation: since when its expression holds, and whether it fires."""

    since: int
    firing: bool


def rules(folder: Path) -> list[Mapping[str, Any]]:
    """Every rule in the files of a folder."""
    files = [yaml.safe_load(path.read_text()) for path in sorted(folder.glob("*.yml"))]
    return [rule for file in files for group in file["groups"] for rule in group["rules"]]


def alerts(server: Server, folder: Path) -> Iterator[Samples]:
    """ALERTS and ALERTS_FOR_STATE of all rules in a folder, from BEGIN to END."""
    with ThreadPoolExecutor(2) as pool:
        for found in pool.map(lambda rule: list(_samples(server, rule)), rules(folder)):
            yield from found


def _samples(server: Server, rule: Mapping[str, Any]) -> Iterator[Samples]:
    for labels, history in _histories(server, rule).items():
        named = {**dict(labels), **rule.get("labels", {}), "alertname": rule["alert"]}
        yield _series("ALERTS_FOR_STATE", named, {at: one.since for at, one in history.items()})
        for state, firing in (("firing", True), ("pending", False)):
            of_state = {at: 1 for at, one in history.items() if one.firing is firing}
            yield _series("ALERTS", {**named, "alertstate": state}, of_state)


def _series(name: str, labels: Mapping[str, str], values: Mapping[int, int]) -> Samples:
    return Samples(series(name, labels), list(values), list(values.values()))


def _histories(server: Server, rule: Mapping[str, Any]) -> Mapping[Labels, Mapping[int, Active]]:
    found: dict[Labels, set[int]] = defaultdict(set)
    for answer in server.range(rule["expr"], BEGIN, END, EVERY):
        labels = {name: value for name, value in answer.labels.items() if name != "__name__"}
        found[tuple(sorted(labels.items()))] |= {int(when) for when, _ in answer.points}
    hold, keep = (int(seconds(rule.get(field, "0")) or 0) for field in ("for", "keep_firing_for"))
    return {labels: active(times, hold, keep) for labels, times in found.items()}


def active(times: set[int], hold: int, keep: int) -> Mapping[int, Active]:
    """The alert at each evaluation, given those at which its expression holds; `hold` and `keep` in seconds."""
    found: dict[int, Active] = {}
    since, last, firing = 0, 0, False
    for now in range(BEGIN, END + 1, EVERY):
        if now in times:
            since, last = since or now, now
            firing = firing or now - since >= hold
        elif not (firing and now - last < keep):
            since, firing = 0, False
        if since:
            found[now] = Active(since, firing)
    return found
