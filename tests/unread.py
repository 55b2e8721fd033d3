"""What consumer groups have not read, told by a file: the store of `lag` in memory."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from provisioner.errors import UnreachableError
from provisioner.lag.reading import Committed, Group, Log, Reading


@dataclass
class MemoryUnread:
    """`at`: when it was read; `logs`: topic -> [start, end] of each partition; `groups`: name -> connected, why, and
    by topic and partition the committed offset, the age of the first unread record in seconds, `open`, `why`.

    `down`: why nobody answers; `unsure`, `gaps` as in a reading.
    """

    path: Path

    def read(self, topics: Sequence[str], declared: Collection[str], selects: Callable[[str], bool]) -> Reading:
        """The groups of the file that are declared or listed; of others nothing was committed."""
        said = yaml.safe_load(self.path.read_text("utf-8"))
        if "down" in said:
            raise UnreachableError(said["down"], "check bootstrap: and the network")
        at = int(datetime.fromisoformat(said["at"]).timestamp() * 1000)
        logs = {name: dict(enumerate(Log(*log) for log in each)) for name, each in said["logs"].items()}
        there = {name: _group(group, logs, at, set(topics)) for name, group in (said.get("groups") or {}).items()}
        names = [name for name in {**dict.fromkeys(sorted(declared)), **there} if selects(name)]
        return Reading(
            "4L6g3nShT-eMCtK--X86sw",
            {name: len(logs[name]) for name in topics if name in logs},
            {name: there.get(name, Group(at)) for name in names},
            {name: why for name, why in (said.get("unsure") or {}).items() if name in topics},
            said.get("gaps") or (),
        )


def _group(said: Mapping[str, Any], logs: Mapping[str, Mapping[int, Log]], at: int, topics: set[str]) -> Group:
    if "why" in said:
        return Group(why=said["why"])
    read = {
        topic: {number: _committed(each, at) for number, each in partitions.items()}
        for topic, partitions in said["topics"].items()
        if topic in topics
    }
    return Group(at, read, {name: logs[name] for name in read}, said.get("connected"))


def _committed(said: Mapping[str, Any], at: int) -> Committed:
    oldest = None if "age" not in said else at - round(said["age"] * 1000)
    return Committed(said["offset"], oldest, said.get("open", False), said.get("why", ""))
