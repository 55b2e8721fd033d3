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
from tests.faults import invariants, truth
from tests.faults.case import Case
from tests.faults.nemesis import Fault, Told

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
            told = fault(case, random.Random(seed))
        finally:
            self.brokers = healed(self.brokers)
            case.brokers = self.brokers
        try:
            return [*self._judged(case, told), *reader.stop()]
        finally:
            self._cleared(case.prefix, case.record)

    def _cleared(self, prefix: str, record: str) -> None:
        """A run leaves nothing behind: thousands of topics would slow the brokers down."""
        client = AdminClient({"bootstrap.servers": self.brokers.bootstrap})
        names = [name for name in client.list_topics(timeout=30).topics if name.startswith((prefix, record))]
        for future in (client.delete_topics(names, operation_timeout=60) if names else {}).values():
            future.result(90)

    def _judged(self, case: Case, told: Told) -> list[str]:
        found = list(self._settled(lambda now: self._said(case, told, now)))
        again, empty = case.apply(), case.plan()
        if again.code != 0:
            found.append(f"I5 the next apply ended with {again.code}: {again.text[-600:]}")
        elif empty.code != 0:
            found.append(f"I5 a plan after it ended with {empty.code}: {empty.text[-600:]}")
        found += self._settled(lambda now: invariants.arrived(case, now, told.excepted))
        found += invariants.unharmed(self.records, truth.records(self.brokers.bootstrap, SENTINELS))
        found += invariants.silent(case.folder, *told.results, again, empty)
        return found

    def _said(self, case: Case, told: Told, now: invariants.Topics) -> Iterator[str]:
        may_go = {case.old(6), *told.excepted}
        yield from invariants.kept(case.before, now, may_go, case.prefix)
        for result in told.results:
            if result.code not in told.codes:
                yield f"the exit code is {result.code}: {result.text[-600:]}"
            yield from invariants.true_report(result, now, told.excepted)
            yield from invariants.affordable(result)

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
