"""The same declarations for each profile and layout: a folder, a rules folder, a record each, applied as users do."""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.live_alerts.exporter import NAMES
from tests.live_alerts.model import Group, Story, Topic
from tests.live_alerts.pace import Pace

LAYOUTS = ("readable", "compact")
SWITCHED = "kminion-switched"
"""The cluster that changes its layout while alerts fire."""


@dataclass(frozen=True)
class Repository:
    """One of them; its cluster has its name."""

    name: str
    profile: str
    layout: str
    root: Path
    rules: Path

    def apply(self) -> str:
        """As a person would. Raises AssertionError with what was printed where it does not end well."""
        command = [sys.executable, "-m", "provisioner", "apply", str(self.root), "--yes", "--cluster", self.name]
        done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
        assert done.returncode == 0, f"{self.name}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout


@dataclass(frozen=True)
class Repositories:
    """All of them, below one folder. `where`: bootstrap, cluster id, Prometheus' address."""

    place: Path
    story: Story
    pace: Pace
    where: tuple[str, str, str]
    own_lags: dict[str, str] = field(default_factory=dict)
    layouts: dict[str, str] = field(default_factory=lambda: {SWITCHED: "readable"})

    def __iter__(self) -> Iterator[Repository]:
        for profile in NAMES:
            for layout in LAYOUTS:
                yield self._repository(f"{profile.replace('_', '-')}-{layout}", profile, layout)
        if self.pace.is_long:
            yield self._repository(SWITCHED, "kminion", self.layouts[SWITCHED])

    def _repository(self, name: str, profile: str, layout: str) -> Repository:
        return Repository(name, profile, layout, self.place / name, self.place / "rules" / name)

    def write(self) -> list[Path]:
        """Their files; again after something was changed. The folders of their rules."""
        for each in self:
            each.rules.mkdir(parents=True, exist_ok=True)
            self._file(each.root / "clusters.yaml", {"clusters": {each.name: self._cluster(each)}})
            for team, declared in self._teams().items():
                self._file(each.root / team / "team.yaml", {"chat": f"#{team}", "severity": "page"})
                if declared:
                    self._file(each.root / team / "declared.yaml", declared)
        return [each.rules for each in self]

    def apply(self, progress: Callable[[str], None]) -> None:
        """All of them, one after the other."""
        for each in self:
            progress(f"applying {each.name}")
            each.apply()

    def set_lag(self, group: str, lag: str) -> None:
        """A merge request that gives a group another lag."""
        self.own_lags[group] = lag
        self.write()
        for each in self:
            each.apply()

    def switch(self) -> None:
        """A merge request that gives a cluster the other layout."""
        self.layouts[SWITCHED] = "compact"
        self.write()
        next(each for each in self if each.name == SWITCHED).apply()

    def _cluster(self, each: Repository) -> dict[str, Any]:
        bootstrap, cluster_id, prometheus = self.where
        return {
            "bootstrap": bootstrap,
            "cluster_id": cluster_id,
            "default": True,
            "record": {"topic": f"_provisioner_{each.name}"},
            "defaults": {
                "partitions": 3,
                "replication_factor": 3,
                "config": {"message.timestamp.type": "LogAppendTime"},
            },
            "team": "platform",
            "metrics": {
                "profile": each.profile,
                "matchers": {"cluster": each.profile},
                "scrape_interval": f"{self.pace.scrape}s",
            },
            "alerts": {"type": "files", "folder": str(each.rules), "reload": [prometheus], "layout": each.layout},
            "alert_settings": {name: dict(values) for name, values in self.pace.settings.items()},
        }

    def _teams(self) -> Mapping[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = defaultdict(dict, platform={})
        found["payments"]["topics"] = [self._topic(topic) for topic in self.story.topics]
        for group in self.story.groups:
            if group.team is not None:
                found[group.team].setdefault("consumers", []).append(self._consumer(group))
        return found

    def _topic(self, topic: Topic) -> dict[str, Any]:
        return {"name": topic.name, "lag": f"{self.pace.lag}s", **topic.fields}

    def _consumer(self, group: Group) -> dict[str, Any]:
        own = {"lag": self.own_lags[group.name]} if group.name in self.own_lags else {}
        return {"topic": group.topic, "group": group.name, **group.fields, **own}

    def _file(self, path: Path, declared: Mapping[str, Any] | Sequence[Any]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(declared, sort_keys=False))
