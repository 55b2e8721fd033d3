"""What must hold of replicas that were on their way, whatever was hurt. Each check yields its violations.

M1 the tool moves no leader. M2 nothing is copied twice. M3 no partition is below its old factor, nor out of sync.
M4 only old and new replicas have a log. M5 the next run finishes. M6 no throttle and no note is left. M7 every
partition has three replicas in three racks, and min.insync.replicas is two. I2, of records, is in moves_traffic.py.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping

from tests.faults import moves_witness, record_truth, truth
from tests.faults.moves_case import MovesCase
from tests.faults.moves_fault import Hurt
from tests.faults.moves_witness import Key, Row, Sample

MOST = 1.05
"""Times the least that has to be copied."""
SLACK = 200_000
"""Bytes that are written while the last copies are measured."""
BLIND = 30.0
"""Seconds without a look after which nobody can say what happened: a broker that is killed takes some."""
RACKS = 3
MIN_INSYNC = "2"


def watched(case: MovesCase, hurt: Hurt) -> Iterator[str]:
    """M1, M3: at every look."""
    times = [each.at for each in case.witness.samples]
    longest = max((late - soon for soon, late in itertools.pairwise(times)), default=BLIND)
    if longest >= BLIND:
        yield f"nobody looked on for {longest:.0f} s"
    found = [text for look in case.witness.samples for text in _seen(case, hurt, look)]
    yield from dict.fromkeys(found)


def _seen(case: MovesCase, hurt: Hurt, look: Sample) -> Iterator[str]:
    for key, row in look.rows.items():
        was = case.before[key]
        if not hurt.killed & set(was) and row.leader != was[0]:
            yield f"M1 {key} was led by {was[0]}, and is by {row.leader}"
        if not set(was) <= set(row.replicas):
            yield f"M3 {key} was on {was}, and is on {row.replicas}"
        if not hurt.killed and not set(was) <= row.isr:
            yield f"M3 {key}: of {was} only {sorted(row.isr)} are in sync"


def placed(case: MovesCase, hurt: Hurt, rows: Mapping[Key, Row]) -> Iterator[str]:
    """M7, and that replicas were appended."""
    for key, was in case.before.items():
        row = rows.get(key, Row((), frozenset(), -1))
        if row.replicas[: len(was)] != was or len(row.replicas) != RACKS or row.isr != set(row.replicas):
            yield f"M7 {key} was on {was}, and is on {row.replicas}, of which {sorted(row.isr)} are in sync"
        elif len({each % RACKS for each in row.replicas}) < RACKS:
            yield f"M7 {key} is on {row.replicas}: not in every rack"
        if not hurt.killed & set(was) and row.leader != was[0]:
            yield f"M1 {key} was led by {was[0]}, and is by {row.leader}"


def insync(case: MovesCase) -> Iterator[str]:
    """M7: raised when the replicas were there."""
    for name, topic in truth.topics(case.brokers.bootstrap).items():
        if name in case.witness.names and topic.effective.get("min.insync.replicas") != MIN_INSYNC:
            yield f"M7 {name} has min.insync.replicas {topic.effective.get('min.insync.replicas')}"


def once(case: MovesCase, hurt: Hurt) -> Iterator[str]:
    """M2, M4: by the bytes that came into logs, unless a broker died or somebody put something back."""
    witness = case.witness
    new = {copy for copy in witness.seen if copy[2] not in case.before[copy[0], copy[1]]}
    if hurt.is_cancelled:
        return
    if strays := {copy for copy in new if copy not in witness.last}:
        yield f"M4 there was a log of {sorted(strays)}, and is none any more"
    came, least = sum(witness.grown[copy] for copy in new), sum(witness.last.get(copy, 0) for copy in new)
    if not hurt.killed and (came > MOST * least + SLACK or any(witness.resets[copy] for copy in new)):
        yield f"M2 {came} bytes were copied, {least} are there; {witness.resets.total()} logs lost something"
    if not hurt.killed and least < case.to_copy:
        yield f"M2 only {least} bytes are there, of {case.to_copy}"


def tidied(case: MovesCase) -> Iterator[str]:
    """M6."""
    for (kind, name, key), value in moves_witness.throttles(case.brokers, case.witness.names).items():
        yield f"M6 {kind} {name} still has {key}={value}"
    for name in notes(case, "moves"):
        yield f"M6 the record still has {name}"


def notes(case: MovesCase, kind: str) -> list[str]:
    """What the record has of that kind."""
    keys = [json.loads(key) for key in record_truth.raw(case.brokers.bootstrap, case.record)]
    return [" ".join(words[1:]) for words in keys if words[1] == kind]


def left(case: MovesCase) -> Iterator[str]:
    """What a later run has to do yet."""
    look = moves_witness.ask(case.brokers, lambda client: moves_witness.sample(client, case.witness.names))
    yield from (f"M5 {key} is still moving" for key in look.moving)
    yield from (f"M5 {key} has {row.replicas}" for key, row in look.rows.items() if len(row.replicas) < RACKS)
    yield from (f"M5 {name}" for name in notes(case, "approved topic"))
    yield from tidied(case)
