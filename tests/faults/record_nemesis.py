"""The faults of the record: lost, hidden, not to be written, out of reach, written by others, or behind the cluster."""

from __future__ import annotations

import json
import random
import signal
import time
from collections.abc import Mapping

from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourcePatternType,
    ResourceType,
)

from provisioner import sandbox
from provisioner.sandbox import rights
from tests.faults import record_truth, truth
from tests.faults.case import SASL, Case
from tests.faults.fault import Fault, Told, at_call
from tests.faults.record_invariants import effective
from tests.faults.tool import Result

FLUSHES = ("flush:2", "flush:3", "flush:4", "flush:5", "flush:6", "flush:7")
"""The waits for the entries of a batch: three of creations, one of updates, alerts, dashboards, the deletion."""


def killed_before_entry(case: Case, chance: random.Random) -> Told:
    """SIGKILL after the cluster's answer to a batch of topics, before all of its entries are written."""
    call = chance.choice(["put:2", "put:9", "put:17", "put:32", "put:47", "put:50", "put:53"])
    result = case.apply(kill=call)
    if not _unnoted(case):
        raise AssertionError(f"killed before {call}, and the record knows everything that was done")
    return Told([result], {-signal.SIGKILL})


def record_leader_paused(case: Case, chance: random.Random) -> Told:
    """The broker that leads the record stands still from a batch's entries on, for some seconds."""
    leader = record_truth.leader(case.brokers.bootstrap, case.record)

    def hurt() -> None:
        sandbox.pause(case.brokers, leader)

    result = at_call(case, chance.choice(FLUSHES), hurt, lambda: sandbox.resume(case.brokers, leader), 8)
    return Told([result], {0, 1})


def record_leader_killed(case: Case, chance: random.Random) -> Told:
    """The broker that leads the record dies while a batch's entries are on their way."""
    leader = record_truth.leader(case.brokers.bootstrap, case.record)
    result = at_call(case, chance.choice(FLUSHES), lambda: sandbox.kill(case.brokers, leader))
    return Told([result], {0, 1})


def record_denied(case: Case, chance: random.Random) -> Told:
    """A right to the record is taken away while the apply runs: it stops before its next batch, and says so (1).

    Without WRITE before the first batch it is refused (3). Without READ it is not noticed before there is something new
    to read, which is the run's own entry: all is stopped.
    """
    read, write = AclOperation.READ, AclOperation.WRITE
    later = [(call, right, 1) for call in FLUSHES[:4] for right in (read, write)]
    call, right, code = chance.choice([*later, *[("read:2", read, 1), ("put:1", write, 3)] * 2])
    case.reached(case.brokers.secure_bootstrap, SASL)
    result = at_call(case, call, lambda: _denied(case, right))
    _ended(case, result, code)
    return Told([result], {code}, unreported=True)


def record_deleted_before(case: Case, chance: random.Random) -> Told:
    """Somebody deletes the record between two runs: dangers and removals are not done (3), the rest is."""
    record_truth.deleted(case.brokers.bootstrap, case.record)
    result = case.apply()
    _refused(result, {case.old(4), case.old(5), case.old(6)})
    return _lost(case, result, 3)


def record_deleted_during(case: Case, chance: random.Random) -> Told:
    """Somebody deletes the record while the apply runs, and sometimes makes it again: it stops, and says so (1).

    Before the first batch nothing is sent (4).
    """
    call, code = chance.choice([*((call, 1) for call in FLUSHES[:4]), ("read:2", 4)])
    is_made_again = chance.choice([True, False])
    result = at_call(case, call, lambda: _gone(case, is_made_again))
    _ended(case, result, code)
    return _lost(case, result, code)


def record_hidden(case: Case, chance: random.Random) -> Told:
    """We may not read the record: what is missing is made, the rest is refused by name as unsure (4)."""
    then = record_truth.raw(case.brokers.bootstrap, case.record)
    _denied(case, AclOperation.READ)
    case.reached(case.brokers.secure_bootstrap, SASL)
    result = case.apply()
    _refused(result, {case.old(number) for number in range(7)})
    _untouched(case, then)
    return Told([result], {4})


def record_unwritable(case: Case, chance: random.Random) -> Told:
    """We may not write to the record: nothing is sent (3), and the right that is missing is named."""
    then = record_truth.raw(case.brokers.bootstrap, case.record)
    _denied(case, AclOperation.WRITE)
    case.reached(case.brokers.secure_bootstrap, SASL)
    result = case.apply()
    _ended(case, result, 3)
    if f"--operation Write --topic {case.record}" not in result.text:
        raise AssertionError(f"the missing right is not named: {result.text[-600:]}")
    _untouched(case, then)
    return Told([result], {3}, unreported=True)


def foreign_entries(case: Case, chance: random.Random) -> Told:
    """Another repository has one topic (3), a newer version of ours wrote about another one, or about its run (4)."""
    foreign = record_truth.key("topic", case.old(1), "platform-topics")
    newer = record_truth.key("topic", case.old(0))
    run = record_truth.key("run", "")
    then = record_truth.raw(case.brokers.bootstrap, case.record)
    strange = json.dumps({"version": 2, "wanted": {"partitions": 2}}).encode()
    everything = {case.old(number) for number in range(7)}
    added, refused, code = chance.choice(
        [
            ({foreign: then[record_truth.key("topic", case.old(1))]}, {case.old(1)}, 3),
            ({newer: strange}, {case.old(0)}, 4),
            ({newer: strange, foreign: strange}, {case.old(0), case.old(1)}, 4),
            ({run: strange}, everything, 4),
        ]
    )
    record_truth.put(case.brokers.bootstrap, case.record, added)
    result = case.apply()
    _refused(result, refused)
    now = record_truth.raw(case.brokers.bootstrap, case.record)
    if any(now.get(key) != value for key, value in added.items()):
        raise AssertionError("an entry of somebody else was overwritten")
    record_truth.put(case.brokers.bootstrap, case.record, {key: then.get(key) for key in added})
    return Told([result], {code})


def hand_fix_during(case: Case, chance: random.Random) -> Told:
    """Somebody alters a topic after its change was noted: that stands, in the next plan and after the next apply."""
    name = case.old(chance.randrange(4))
    entry = ConfigEntry("segment.ms", "7200000", incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, name, incremental_configs=[entry])

    def hurt() -> None:
        client = AdminClient({"bootstrap.servers": case.brokers.bootstrap, "log_level": 0})
        for future in client.incremental_alter_configs([resource]).values():
            future.result(30)

    result = at_call(case, "flush:6", hurt)
    return Told([result], {0}, standing={(name, "config.segment.ms"): "7200000"})


def _unnoted(case: Case) -> set[str]:
    """Topics that are as the files ask, without an entry that says so."""
    now = truth.topics(case.brokers.bootstrap)
    entries = record_truth.entries(case.brokers.bootstrap, case.record)
    noted = {name: entry.asked for (kind, name), entry in entries.items() if kind == "topic"}
    there = {name: asked for name, asked in case.asked().items() if name in now and noted.get(name) != asked}
    return {n for n, asked in there.items() if all(effective(now[n], field) == asked[field] for field in asked)}


def _denied(case: Case, right: AclOperation) -> None:
    where = (ResourceType.TOPIC, case.record, ResourcePatternType.LITERAL, "User:writer", "*")
    rights.create(case.brokers, [AclBinding(*where, right, AclPermissionType.DENY)])


def _gone(case: Case, is_made_again: bool) -> None:
    record_truth.deleted(case.brokers.bootstrap, case.record)
    if is_made_again:
        time.sleep(1)
        client = AdminClient({"bootstrap.servers": case.brokers.bootstrap, "log_level": 0})
        topic = NewTopic(case.record, 1, 3, config={"cleanup.policy": "compact"})
        client.create_topics([topic])[case.record].result(30)


def _ended(case: Case, result: Result, code: int) -> None:
    """Broken off between two batches (1), or nothing was sent."""
    states = {each["state"] for each in result.report.get("outcomes", ())}
    if code == 1 and ("stopped" not in states or "not_on_record" not in result.report):
        raise AssertionError(f"the record broke off, and the apply did not stop: {states}, {result.text[-800:]}")
    now = truth.topics(case.brokers.bootstrap)
    if code != 1 and ({**now, case.record: None} != {**case.before, case.record: None} or states):
        raise AssertionError(f"exit {result.code}, and something was sent: {result.text[-800:]}")


def _refused(result: Result, names: set[str]) -> None:
    """These topics and no others, by name; everything else is done."""
    topics = [each for each in result.report.get("outcomes", ()) if each["kind"] == "topic"]
    refused = {each["name"] for each in topics if each["state"] == "refused"}
    others = {each["state"] for each in topics if each["name"] not in names}
    if refused != names or others - {"done"}:
        raise AssertionError(f"refused are {refused}, not {names}; the others are {others}: {result.text[-800:]}")


def _untouched(case: Case, then: Mapping[bytes, bytes]) -> None:
    if record_truth.raw(case.brokers.bootstrap, case.record) != then:
        raise AssertionError("the record was written to")


def _lost(case: Case, result: Result, code: int) -> Told:
    """Nobody can tell any more that the override of old07 is ours."""
    return Told([result], {code}, {case.record}, reviewed=True, lost={case.old(7)})


ON_RECORD: tuple[Fault, ...] = (
    killed_before_entry,
    record_leader_paused,
    record_leader_killed,
    record_denied,
    record_deleted_before,
    record_deleted_during,
    record_hidden,
    record_unwritable,
    foreign_entries,
    hand_fix_during,
)
