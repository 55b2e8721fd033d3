"""What must hold of the record, and of what a plan makes of it, after any fault.

I9 the record never claims what was not read back. I10 the next plan's scope is right: what is not as wanted and asked
anew is in it; what somebody changed by hand stands; nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.faults.case import Case
from tests.faults.fault import Told
from tests.faults.record_truth import Entry, Named
from tests.faults.truth import Live

Topics = Mapping[str, Live]
Entries = Mapping[Named, Entry]
Fields = set[tuple[str, str]]
"""Topics and fields of them; "" is the topic itself."""


def claimed(case: Case, entries: Entries, now: Topics, excepted: set[str]) -> Iterator[str]:
    """I9: each value was asked by the files, and is or was on the cluster."""
    then, last = case.asked_before(), case.asked()
    written = {
        "alerts": _text(case.folder, "out/rules/*.yml"),
        "dashboard": _text(case.folder, "out/dashboards/*/*.json"),
    }
    for (kind, name), entry in entries.items():
        if name not in then and name not in last:
            yield f"I9 {kind} {name} is on record, and no file ever asked for it"
        elif kind in written and name in last and name not in excepted and name not in written[kind]:
            yield f"I9 the {kind} of {name} is on record, and was not written"
        elif kind == "topic" and name not in excepted:
            for field, value in entry.asked.items():
                yield from _is_seen(name, field, value, (then.get(name, {}), last.get(name, {})), now.get(name))


def _text(folder: Path, pattern: str) -> str:
    return "\n".join(path.read_text("utf-8") for path in folder.glob(pattern))


def _is_seen(
    name: str, field: str, value: str, asked: tuple[Mapping[str, str], Mapping[str, str]], there: Live | None
) -> Iterator[str]:
    then, last = (fields.get(field) for fields in asked)
    live = None if there is None else effective(there, field)
    # What was applied before and is overwritten, or deleted, without a word about it yet, is no false claim.
    is_dropped = last is None and there is not None and field.removeprefix("config.") not in there.overrides
    is_former = value == then and (live in (then, last, None) or is_dropped)
    if value not in (then, last):
        yield f"I9 {name} is on record with {field} {value}, which no file ever asked for"
    elif live != value and not is_former:
        yield f"I9 {name} is on record with {field} {value}, and has {live}"


def effective(there: Live, field: str) -> str | None:
    """Set or inherited."""
    known = {"partitions": str(there.partitions), "replication_factor": str(there.replicas)}
    return known.get(field) or there.effective.get(field.removeprefix("config."))


def complete(case: Case, entries: Entries, excepted: set[str]) -> Iterator[str]:
    """I9 at the end: the record says all that the files ask, and nothing of what went."""
    for name, fields in case.asked().items():
        entry = entries.get(Named("topic", name))
        if name not in excepted and (entry is None or entry.asked != fields or entry.open):
            yield f"I9 {name} should be on record with {fields}, is {entry}"
        for kind in ("alerts", "dashboard"):
            if name not in excepted and Named(kind, name) not in entries:
                yield f"I9 the {kind} of {name} should be on record"
    for kind, name in entries:
        if name == case.old(6) and name not in excepted:
            yield f"I9 {kind} {name} is gone, and still on record"


def scoped(case: Case, entries: Entries, now: Topics, plan: Mapping[str, Any], told: Told) -> Iterator[str]:
    """I10 for topics."""
    if "changes" not in plan:
        yield "I10 there is no plan"
        return
    ours, standing = _expected(case, entries, now)
    planned, stands, by_hand = _named(plan["changes"]), _named(plan["standing"]), set(told.standing)
    yield from (f"I10 {name} {field} is planned, and should not be" for name, field in sorted(planned - ours))
    yield from (f"I10 {name} {field} is not planned" for name, field in sorted(ours - planned))
    yield from (f"I10 {name} {field} does not stand" for name, field in sorted((standing | by_hand) - stands))
    yield from (f"I10 {name} {field} was fixed by hand, and is planned" for name, field in sorted(planned & by_hand))


def _named(changes: list[Mapping[str, Any]]) -> Fields:
    return {pair for change in changes if change["kind"] == "topic" for pair in _pairs(change)}


def _pairs(change: Mapping[str, Any]) -> Fields:
    counts = [field for field in change["fields"] if field["field"] == "partitions"]
    if any(None in (field["before"], field["after"]) for field in counts):
        return {(change["name"], "")}
    return {(change["name"], field["field"]) for field in change["fields"]}


def _expected(case: Case, entries: Entries, now: Topics) -> tuple[Fields, Fields]:
    """What is ours, and what stands, by the rules of docs/decisions."""
    ours: Fields = {(case.old(6), "")} & {(name, "") for name in now}
    standing: Fields = set()
    for name, asked in case.asked().items():
        entry, there = entries.get(Named("topic", name)), now.get(name)
        if there is None:
            (ours if entry is None else standing).add((name, ""))
            continue
        for field, value in asked.items():
            if effective(there, field) != value:
                (standing if _stands(entry, there, field, value) else ours).add((name, field))
        ours |= {(name, field) for field in _dropped(entry, there) - asked.keys()}
    return ours, standing


def _dropped(entry: Entry | None, there: Live) -> set[str]:
    """What we once set; overrides that nobody asked for stay."""
    is_same = entry is not None and entry.identity == there.topic_id
    return {f"config.{key}" for key in there.overrides} & (entry.asked.keys() if entry and is_same else set())


def _stands(entry: Entry | None, there: Live, field: str, value: str) -> bool:
    if entry is None or field in entry.unclaimed:
        return False
    if field in entry.open and effective(there, field) == entry.open[field]:
        return False
    is_same = entry.identity == there.topic_id
    former = entry.former if is_same else {**entry.former, **entry.asked}
    return value == (former if field in former or not is_same else entry.asked).get(field)
