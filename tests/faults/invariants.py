"""What must hold after any fault. Each check yields its violations; an empty list is the only good answer.

I1 no topic is missing or another one. I2 no partition, replica or record is lost. I3 what is not ours is as it was.
I4 the report is true. I5 the same command goes on to the wanted state, and then there is nothing to do. I6 every file
is whole at every instant. I7 bounded time and memory. I8 no secret anywhere. I9 and I10, of the record, are in
record_invariants.py.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.faults import tool
from tests.faults.case import Case
from tests.faults.tool import Result
from tests.faults.truth import Live

MOST_SECONDS = 540.0
"""Without a quorum the client's own time-outs and the minute of doubt add up to about 200 s on a quiet machine."""

MOST_MIB = 400

Topics = Mapping[str, Live]


def kept(before: Topics, now: Topics, may_go: set[str], *ours: str) -> Iterator[str]:
    """I1, I2, I3 for everything that existed. `may_go`: deleted with consent; `ours`: the prefixes of this run."""
    for name, was in before.items():
        there = now.get(name)
        if there is None or there.topic_id != was.topic_id:
            if name not in may_go:
                yield f"I1 {name} is {'gone' if there is None else 'another topic'}"
            continue
        if there.partitions < was.partitions or there.replicas < was.replicas:
            yield f"I2 {name}: {was} became {there}"
        if not name.startswith(ours) and there != was:
            yield f"I3 {name}: {was} became {there}"


def unharmed(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    """I2 for the records of sentinel topics."""
    for name, checksum in before.items():
        if now.get(name) != checksum:
            yield f"I2 the records of {name} are not what they were"


def true_report(result: Result, now: Topics, excepted: set[str], unreported: bool) -> Iterator[str]:
    """I4: what is called done is done, and an apply that came to its end says something."""
    is_whole = unreported and result.code == 3 and "error: " in result.text
    if result.code in (0, 1, 3) and "outcomes" not in result.report and not is_whole:
        yield f"I4 no report, and exit {result.code}: {result.text[-600:]}"
    for outcome in result.report.get("outcomes", ()):
        if outcome["kind"] == "topic" and outcome["state"] == "done" and outcome["name"] not in excepted:
            yield from _is_true(outcome, now.get(outcome["name"]))


def _is_true(outcome: Mapping[str, Any], there: Live | None) -> Iterator[str]:
    name = outcome["name"]
    for field, moved in outcome["changes"].items():
        wanted = moved["new"]
        found = None if there is None else _field(there, field)
        if found != wanted:
            yield f"I4 {name} is called done with {field} {wanted}, and has {found}"


def _field(there: Live, field: str) -> str | None:
    known = {"partitions": str(there.partitions), "replication_factor": str(there.replicas)}
    return known.get(field) or there.overrides.get(field.removeprefix("config."))


def arrived(case: Case, now: Topics, excepted: set[str]) -> Iterator[str]:
    """I5: the wanted state, topic by topic."""
    for name, (partitions, overrides) in case.wanted().items():
        there = now.get(name)
        found = None if there is None else (there.partitions, dict(there.overrides))
        if found != (partitions, overrides) and name not in excepted:
            yield f"I5 {name} should be {(partitions, overrides)}, is {found}"
    if case.old(6) in now and case.old(6) not in excepted:
        yield f"I5 {case.old(6)} should be gone"


def standing(now: Topics, by_hand: Mapping[tuple[str, str], str]) -> Iterator[str]:
    """I5: what somebody changed by hand is left alone."""
    for (name, field), value in by_hand.items():
        found = _field(now[name], field) if name in now else None
        if found != value:
            yield f"I5 {name} had {field} {value} by hand, and has {found}"


def affordable(result: Result) -> Iterator[str]:
    """I7."""
    if result.seconds > MOST_SECONDS:
        yield f"I7 it took {result.seconds:.0f} s"
    if result.mib > MOST_MIB:
        yield f"I7 it took {result.mib} MiB"
    if result.report and not result.mib:
        yield "I7 nobody knows what memory it took"


def silent(folder: Path, *results: Result) -> Iterator[str]:
    """I8: neither in what was said nor in any file that the tool wrote."""
    for result in results:
        if tool.SECRET in result.text:
            yield "I8 the secret is in the output"
    for path in folder.rglob("*"):
        if path.is_file() and tool.SECRET.encode() in path.read_bytes():
            yield f"I8 the secret is in {path.name}"


def _rules(text: str) -> Any:
    return yaml.load(text, Loader=yaml.CSafeLoader)


class Reader(threading.Thread):
    """I6: reads every rule file and dashboard as soon as it is another one, as Prometheus and Grafana might."""

    def __init__(self, folder: Path) -> None:
        super().__init__(daemon=True)
        self.folder, self.violations = folder, list[str]()
        self._over = threading.Event()
        self._seen: dict[Path, tuple[int, int, int]] = {}

    def run(self) -> None:
        while not self._over.is_set():
            self.look()
            self._over.wait(0.01)

    def look(self) -> None:
        """Each file once."""
        for pattern, parse in (("out/rules/*.yml", _rules), ("out/dashboards/*/*.json", json.loads)):
            for path in self.folder.glob(pattern):
                self._read(path, parse)

    def _read(self, path: Path, parse: Any) -> None:
        try:
            info = path.stat()
            # What is written in place passes through other sizes.
            if self._seen.get(path) == (state := (info.st_ino, info.st_size, info.st_mtime_ns)):
                return
            self._seen[path] = state
            whole = bool(parse(path.read_text("utf-8")))
        except FileNotFoundError:
            return
        except (ValueError, yaml.YAMLError):
            whole = False
        if not whole:
            self.violations.append(f"I6 {path.name} was read while it was not whole")

    def stop(self) -> list[str]:
        """Everything that was seen."""
        self._over.set()
        self.join(30)
        return self.violations
