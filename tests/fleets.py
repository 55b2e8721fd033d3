"""Random fleets as files, for tests that compare two versions of one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

Fleet = Mapping[str, Any]
"""Path below the folder -> what the file holds; JSON is YAML, quoted throughout."""

TEAMS, FILES = ("ads", "pay", "web"), ("a.yaml", "b.yaml")
NAMES = tuple(f"topic-{number}" for number in range(6))
CLUSTERS = {
    "prod": {"default": True, "bootstrap": "kafka:9092", "alerts": {"type": "files", "folder": "/nowhere/rules"}},
    "staging": {"bootstrap": "kafka:9093", "dashboards": {"type": "files", "folder": "/nowhere/boards"}},
}

places = st.tuples(st.sampled_from(TEAMS), st.sampled_from(FILES))
entries = st.fixed_dictionaries(
    {},
    optional={
        "partitions": st.sampled_from([3, 6]),
        "lag": st.sampled_from(["5m", "none"]),
        "clusters": st.sampled_from([["prod"], ["prod", "staging"]]),
        "config": st.sampled_from([{"retention.ms": "1d"}, {"retention.ms": "2d", "segment.ms": "1h"}]),
        "dead_letter": st.sampled_from(["topic-0", "letters-1", "letters-2", "letters-3"]),
        "allow": st.just({"more-partitions": 6}),
    },
)
teams = st.sampled_from([{"chat": "#us"}, {"chat": "#them", "defaults": {"config": {"retention.ms": "9d"}}}])
groups = st.tuples(st.sampled_from(NAMES), st.sampled_from(["billing", "audit"]))
topics, readers = st.tuples(places, entries), st.tuples(places, st.sampled_from(["1m", "2m"]))


@dataclass(frozen=True)
class Draft:
    """What stands in a fleet: topics and readers, each in one file, teams, and one cluster's defaults."""

    topics: Mapping[str, Any]
    readers: Mapping[Any, Any]
    teams: Mapping[str, Any]
    defaults: Mapping[str, Any]

    def files(self) -> Fleet:
        prod = {**CLUSTERS["prod"], "defaults": self.defaults}
        made: dict[str, Any] = {"clusters.yaml": {"clusters": {**CLUSTERS, "prod": prod}}}
        made |= {f"{team}/team.yaml": held for team, held in self.teams.items()}
        for name, ((team, file), entry) in self.topics.items():
            _section(made, team, file, "topics").append({"name": name, **entry})
        for (topic, group), ((team, file), lag) in self.readers.items():
            if topic in self.topics:
                _section(made, team, file, "consumers").append({"topic": topic, "group": group, "lag": lag})
        return made


drafts = st.builds(
    Draft,
    st.dictionaries(st.sampled_from(NAMES), topics, min_size=3),
    st.dictionaries(groups, readers, max_size=3),
    st.fixed_dictionaries(dict.fromkeys(TEAMS, teams)),
    st.just({}),
)


def _section(files: dict[str, Any], team: str, file: str, word: str) -> list[Any]:
    found: list[Any] = files.setdefault(f"{team}/{file}", {}).setdefault(word, [])
    return found


@st.composite
def pairs(draw: Any) -> tuple[Fleet, Fleet]:
    """Two versions: a few entries came, went or changed."""
    then: Draft = draw(drafts)
    changed = draw(st.dictionaries(st.sampled_from(NAMES), st.none() | topics, max_size=2))
    kept = {name: held for name, held in {**then.topics, **changed}.items() if held is not None}
    now = replace(then, topics=kept, readers={**then.readers, **draw(st.dictionaries(groups, readers, max_size=1))})
    now = replace(now, teams={**now.teams, **draw(st.dictionaries(st.sampled_from(TEAMS), teams, max_size=1))})
    return then.files(), replace(now, defaults=draw(st.sampled_from([{}, {}, {}, {"partitions": 9}]))).files()


def write(folder: Path, fleet: Fleet) -> Path:
    """The folder, holding these files alone."""
    shutil.rmtree(folder, ignore_errors=True)
    for path, held in fleet.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(held), "utf-8")
    return folder
