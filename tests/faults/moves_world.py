"""Four brokers in three racks, and a fifth one that is down until a fault starts it; one move after another on them."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka.admin import AdminClient

from provisioner import sandbox
from provisioner.sandbox import Sandbox, broker
from tests.faults import moves_hands, moves_invariants, moves_witness
from tests.faults.moves_case import EACH, LEASE, MovesCase
from tests.faults.moves_fault import Hurt, MovesFault
from tests.faults.moves_traffic import Traffic

FOUR = frozenset({1, 2, 3, 4})
LATE = 5
SETTLED_SECONDS = 45.0


@dataclass
class MovesWorld:
    """The brokers that all runs of this family share; how much a run has to copy, and how long a claim holds."""

    brokers: Sandbox
    scratch: Path
    each: int = EACH
    lease: int = LEASE

    def run(self, fault: MovesFault, number: int, seed: int) -> list[str]:
        """One run of one fault. Its violations."""
        case = MovesCase(self.brokers, self.scratch / f"{number:03}", number, self.each, self.lease)
        traffic: Traffic | None = None
        try:
            case.prepared()
            traffic = Traffic(self.brokers.bootstrap, case.before, sum(case.messages.values()))
            case.witness.start()
            traffic.start()
            hurt = self._hurt(fault, case, random.Random(seed))
            found = [*self._gone_on(case, hurt), *traffic.stop()]
            case.witness.stop()
            return [*found, *self._judged(case, hurt)]
        except AssertionError as error:
            return [str(error)]
        finally:
            case.witness.stop()
            self._cleared(case, traffic)

    def _hurt(self, fault: MovesFault, case: MovesCase, chance: random.Random) -> Hurt:
        try:
            return fault(case, chance)
        finally:
            self._healed(case)

    def _healed(self, case: MovesCase) -> None:
        for number in sorted(FOUR):
            if not case.brokers.alive(number):
                case.restarted(number)
        self.brokers = case.brokers
        broker.ready(self.brokers, FOUR)

    def _gone_on(self, case: MovesCase, hurt: Hurt) -> Iterator[str]:
        """M5: the next run finishes, and then another one has nothing to do."""
        yield from hurt.violations
        yield from (
            f"the exit code is {each.code}: {each.text[-600:]}" for each in hurt.results if each.code not in hurt.codes
        )
        if hurt.again:
            result = case.run(*hurt.again)
            if result.code != 0:
                yield f"M5 {' '.join(hurt.again)} ended with {result.code}: {result.text[-600:]}"
        deadline = time.monotonic() + self.lease + SETTLED_SECONDS
        while True:
            result = case.run("replicas continue", "--wait", "5m")
            if result.code != 0:
                yield f"M5 the next run ended with {result.code}: {result.text[-600:]}"
            if not (still := list(moves_invariants.left(case))) or time.monotonic() > deadline:
                break
            time.sleep(2)
        yield from still

    def _judged(self, case: MovesCase, hurt: Hurt) -> Iterator[str]:
        names = case.witness.names
        yield from settled(
            lambda: moves_invariants.placed(
                case, hurt, moves_witness.ask(case.brokers, lambda client: moves_witness.sample(client, names)).rows
            )
        )
        yield from settled(lambda: moves_invariants.insync(case))
        yield from moves_invariants.watched(case, hurt)
        yield from moves_invariants.once(case, hurt)
        yield from moves_invariants.tidied(case)
        plan = case.run("plan", "--detailed-exitcode")
        if plan.code != 0:
            yield f"M5 the last plan ended with {plan.code}: {plan.text[-600:]}"

    def _cleared(self, case: MovesCase, traffic: Traffic | None) -> None:
        """A run leaves nothing behind, whatever became of it."""
        if traffic is not None:
            traffic.abandon()
        self._healed(case)
        moves_hands.unthrottled(case.brokers, case.witness.names)
        client = AdminClient({"bootstrap.servers": self.brokers.bootstrap, "log_level": 0})
        names = [name for name in client.list_topics(timeout=30).topics if case.prefix in name]
        for future in (client.delete_topics(names, operation_timeout=60) if names else {}).values():
            future.result(90)
        if self.brokers.alive(LATE):
            sandbox.kill(self.brokers, LATE)
            # For some seconds the others take it for alive, and would place the next run's record there.
            moves_witness.gone(self.brokers, LATE)


def settled(check: Callable[[], Iterable[str]]) -> list[str]:
    """What still is a violation once the brokers have had time to agree with each other."""
    deadline = time.monotonic() + SETTLED_SECONDS
    while (found := list(check())) and time.monotonic() < deadline:
        time.sleep(2)
    return found


@contextmanager
def made(each: int = EACH, lease: int = LEASE) -> Iterator[MovesWorld]:
    """A world, gone at the end."""
    with tempfile.TemporaryDirectory(prefix="moves-") as scratch:
        home = Path(scratch) / "brokers"
        try:
            brokers = sandbox.up("moves", home, nodes=LATE, progress=lambda text: None)
            sandbox.kill(brokers, LATE)
            moves_witness.gone(brokers, LATE)
            yield MovesWorld(brokers, Path(scratch), each, lease)
        finally:
            sandbox.down("moves", home)
