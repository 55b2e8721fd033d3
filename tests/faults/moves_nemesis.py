"""The faults of the tool while replicas are on their way: killed at any step, interrupted, cancelled, two at once."""

from __future__ import annotations

import random
import signal
import time

from tests.faults import moves_invariants, moves_witness, tool
from tests.faults.moves_case import MovesCase
from tests.faults.moves_fault import GO, WAIT, Hurt, MovesFault, copied, is_copying, signalled, until

MOMENTS = (
    "after-claim:1",
    "before-note:1",
    "after-note:1",
    "after-throttle:1",
    "after-request:1",
    "before-return:1",
    "before-look:2",
    "before-removal:1",
    "after-removal:1",
    "before-return:3",
)
"""Where the tool is killed, in the order in which it comes there, the end of its last step last; a run takes each in
turn.
"""


def mover_killed(case: MovesCase, chance: random.Random) -> Hurt:
    """SIGKILL at each step of a move in turn. RUNS=10 takes each."""
    moment = MOMENTS[case.number % len(MOMENTS)]
    return _killed(case, moment)


def killed_after_request(case: MovesCase, chance: random.Random) -> Hurt:
    """SIGKILL when the cluster has taken the request and before anybody has said so."""
    return _killed(case, "after-request:1")


def _killed(case: MovesCase, moment: str) -> Hurt:
    result = case.run("apply", *WAIT, kill=moment)
    return Hurt([result], {-signal.SIGKILL})


def two_movers(case: MovesCase, chance: random.Random) -> Hurt:
    """Two applies of the same files at once, or an apply and a run of the schedule: one of them begins."""
    first = time.monotonic()
    both = [case.start("apply", *WAIT)]
    time.sleep(chance.choice([0, 0, 0.3, 1.0]))
    both.append(case.start("apply", *WAIT))
    return Hurt([tool.ended(each, first) for each in both], {0, 1, 3})


def mover_interrupted(case: MovesCase, chance: random.Random) -> Hurt:
    """Ctrl-C, once or twice, or the end of --wait: what runs goes on under its throttle, and the exit code says so."""
    way = case.number % 3
    if way < 2:
        result, codes = signalled(case, 0.1, signal.SIGINT, way + 1), {0, 1}
    else:
        result, codes = case.run("apply", "--yes", "--wait", "4s"), {0}
    hurt = Hurt([result], codes)
    throttles = moves_witness.throttles(case.brokers, case.witness.names)
    if is_copying(case) and not any(kind == "broker" for kind, _, _ in throttles):
        hurt.violations.append("M6 it is copied without a throttle")
    return hurt


def cancelled(case: MovesCase, chance: random.Random) -> Hurt:
    """Somebody cancels in the middle: it stands as it was, nobody begins it again, until somebody names it."""
    began = case.run("apply", *GO)
    until(lambda: is_copying(case), "a copy")
    copied(case, chance.uniform(0, 0.15))
    some = ("--topic", case.two) if chance.random() < 0.3 else ()
    result = case.run("replicas cancel", *some)
    named = ("apply", *WAIT, "--scope", "all", "--topic", f"{case.prefix}*")
    hurt = Hurt([began, result], is_cancelled=True, again=named)
    if some:
        return hurt
    for _ in range(2):
        hurt.results.append(case.run("replicas continue", "--wait", "1m"))
    look = moves_witness.ask(case.brokers, lambda client: moves_witness.sample(client, case.witness.names))
    hurt.violations += [f"M5 {key} moves though it was cancelled" for key in look.moving]
    hurt.violations += moves_invariants.tidied(case)
    return hurt


ON_MOVER: tuple[MovesFault, ...] = (mover_killed, killed_after_request, two_movers, mover_interrupted, cancelled)
