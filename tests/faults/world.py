"""The brokers that all runs share, what lies on them that must not change, and healing them after each fault."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka.admin import AdminClient, NewTopic

from provisioner import sandbox
from provisioner.sandbox import Sandbox
from tests.faults import invariants, record_invariants, record_truth, truth
from tests.faults.case import PLAIN, Case
from tests.faults.fault import Fault, Told
from tests.faults.tool import Result

SENTINELS = ("sentinel.a", "sentinel.b")
FOREIGN = {"foreign.one": {"retention.ms": "123456"}, "foreign.two": {}}
SETTLED_SECONDS = 45.0


@dataclass
class World:
    """Three brokers with sentinel topics (known records) and foreign topics (nobody declares them)."""

    brokers: Sandbox
    scratch: Path
    records: dict[str, str]

    def run(self, fault: Fault, number: int, seed: int) -> list[str]:
        """One run of one fault. Its violations."""
        case = Case(self.brokers, self.scratch / f"{number:03}", number)
        case.prepared()
        reader = invariants.Reader(case.folder)
        reader.start()
        try:
            told = self._hurt(fault, case, random.Random(seed))
            return [*self._judged(case, told), *reader.stop()]
        except AssertionError as error:
            return [str(error), *reader.stop()]
        finally:
            self._cleared(case.prefix, case.record)

    def _hurt(self, fault: Fault, case: Case, chance: random.Random) -> Told:
        try:
            return fault(case, chance)
        finally:
            self.brokers = healed(self.brokers)
            case.brokers = self.brokers
            case.reached(self.brokers.bootstrap, PLAIN)

    def _cleared(self, prefix: str, record: str) -> None:
        """A run leaves nothing behind: thousands of topics would slow the brokers down."""
        client = AdminClient({"bootstrap.servers": self.brokers.bootstrap})
        names = [name for name in client.list_topics(timeout=30).topics if name.startswith((prefix, record))]
        for future in (client.delete_topics(names, operation_timeout=60) if names else {}).values():
            future.result(90)

    def _judged(self, case: Case, told: Told) -> list[str]:
        found = list(self._settled(lambda now: self._said(case, told, now)))
        found += self._settled(lambda now: self._planned(case, told, now))
        again = self._gone_on(case, told)
        if again.code != 0:
            found.append(f"I5 the next apply ended with {again.code}: {again.text[-600:]}")
        found += self._settled(lambda now: self._arrived(case, told, now))
        found += self._settled(lambda now: self._planned(case, told, now, is_last=again.code == 0))
        found += invariants.unharmed(self.records, truth.records(self.brokers.bootstrap, SENTINELS))
        found += invariants.silent(case.folder, *told.results, again)
        return found

    def _gone_on(self, case: Case, told: Told) -> Result:
        """The next apply. Where nothing is recorded, dangers need a plan that somebody has seen."""
        if not told.reviewed:
            return case.apply()
        case.plan("--out", "reviewed.json")
        return case.apply("--plan", "reviewed.json")

    def _said(self, case: Case, told: Told, now: invariants.Topics) -> Iterator[str]:
        may_go, moved = {case.old(6), *told.excepted}, told.excepted | {name for name, _ in told.standing}
        yield from invariants.kept(case.before, now, may_go, case.prefix, case.record)
        for result in told.results:
            if result.code not in told.codes:
                yield f"the exit code is {result.code}: {result.text[-600:]}"
            yield from invariants.true_report(result, now, moved, told.unreported)
            yield from invariants.affordable(result)
        entries = self._entries(case)
        yield from record_invariants.claimed(case, entries, now, moved)
        if any(result.code == 0 for result in told.results):
            yield from record_invariants.complete(case, entries, told.excepted)

    def _planned(self, case: Case, told: Told, now: invariants.Topics, is_last: bool = False) -> Iterator[str]:
        plan = case.plan()
        yield from record_invariants.scoped(case, self._entries(case), now, plan.report, told)
        yield from invariants.silent(case.folder, plan)
        if is_last and plan.code != 0:
            yield f"I5 the last plan ended with {plan.code}: {plan.text[-600:]}"

    def _arrived(self, case: Case, told: Told, now: invariants.Topics) -> Iterator[str]:
        excepted = told.excepted | {name for name, _ in told.standing}
        yield from invariants.arrived(case, now, excepted | told.lost)
        yield from invariants.standing(now, told.standing)
        entries = self._entries(case)
        yield from record_invariants.claimed(case, entries, now, excepted)
        yield from record_invariants.complete(case, entries, told.excepted)

    def _entries(self, case: Case) -> record_invariants.Entries:
        return record_truth.entries(self.brokers.bootstrap, case.record)

    def _settled(self, check: object) -> Iterator[str]:
        """What still is a violation once the brokers have had time to agree with each other."""
        deadline = time.monotonic() + SETTLED_SECONDS
        while found := list(check(truth.topics(self.brokers.bootstrap))):  # type: ignore[operator]
            if time.monotonic() > deadline:
                break
            time.sleep(2)
        yield from found


def healed(brokers: Sandbox) -> Sandbox:
    """Every broker runs and answers; those that were killed are started again."""
    for node in brokers.nodes:
        sandbox.resume(brokers, node.number)
        if not brokers.alive(node.number):
            brokers = sandbox.start(brokers, node.number)
    sandbox.ready(brokers)
    return brokers


@contextmanager
def made() -> Iterator[World]:
    """A world, gone at the end."""
    with tempfile.TemporaryDirectory(prefix="faults-") as scratch:
        home = Path(scratch) / "brokers"
        try:
            brokers = sandbox.up("faults", home, heap="512m", secure=True, progress=lambda text: None)
            _furnished(brokers)
            yield World(brokers, Path(scratch), truth.records(brokers.bootstrap, SENTINELS))
        finally:
            sandbox.down("faults", home)


def _furnished(brokers: Sandbox) -> None:
    client = AdminClient({"bootstrap.servers": brokers.bootstrap})
    topics = [NewTopic(name, 3, 3, config={"min.insync.replicas": "2"}) for name in SENTINELS]
    topics += [NewTopic(name, 1, 3, config=config) for name, config in FOREIGN.items()]
    for future in client.create_topics(topics).values():
        future.result(60)
    time.sleep(2)
    for name in SENTINELS:
        truth.filled(brokers.bootstrap, name)
