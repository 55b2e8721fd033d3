"""The faults of brokers, disks and other people while replicas are on their way."""

from __future__ import annotations

import random
import time

from provisioner import sandbox
from tests.faults import moves_hands, moves_witness, tool
from tests.faults.moves_case import RATE, MovesCase
from tests.faults.moves_fault import GO, WAIT, Hurt, MovesFault, added, copied, is_copying, until
from tests.faults.moves_others import Other

FULL = 1_000_000
"""Bytes that are free on a disk that is too small."""


def target_killed(case: MovesCase, chance: random.Random) -> Hurt:
    """The broker that gets replicas and leads none of them dies during the copy, and comes back."""
    return _broker_killed(case, chance, 4)


def source_killed(case: MovesCase, chance: random.Random) -> Hurt:
    """A broker that leads what is copied dies during the copy, and comes back."""
    return _broker_killed(case, chance, chance.choice([1, 2, 3]))


def _broker_killed(case: MovesCase, chance: random.Random, victim: int) -> Hurt:
    began = time.monotonic()
    waits = victim > 2 or chance.random() < 0.5
    process = case.start("apply", *(WAIT if waits else GO))
    if victim == 4:
        until(lambda: 4 in added(case, case.one) | added(case, case.two), "a replica for broker 4")
    copied(case, chance.uniform(0.02, 0.3) if victim < 4 and waits else 0.02)
    sandbox.kill(case.brokers, victim)
    time.sleep(chance.uniform(1, 8))
    if chance.random() < 0.5:
        # A run of the schedule while it is down.
        case.run("replicas continue", "--wait", "0")
    case.restarted(victim)
    return Hurt([tool.ended(process, began)], {0, 1, 4}, killed=frozenset({victim}))


def other_tool(case: MovesCase, chance: random.Random) -> Hurt:
    """Another tool moves a topic of its own, slowly: ours waits for its end, or goes on and begins nothing more."""
    other = Other(case, chance.choice([RATE // 2, RATE]))
    other.made()
    is_first = chance.random() < 0.7
    if is_first:
        other.begun()
    began = time.monotonic()
    process = case.start("apply", *(WAIT if chance.random() < 0.5 else GO))
    if not is_first:
        until(lambda: is_copying(case), "a copy")
        other.begun()
    hurt = Hurt([case.run("replicas continue", "--wait", "0")], {0, 1, 3})
    until(lambda: other.has_ended(), "the end of the other move")
    # He has not removed his throttle yet; its rate may be the same as ours.
    hurt.results.append(case.run("replicas continue", "--wait", "0"))
    hurt.violations += other.judged()
    other.tidied()
    hurt.results.append(tool.ended(process, began))
    return hurt


def disk_full(case: MovesCase, chance: random.Random) -> Hurt:
    """No disk is said to have room, from the plan on, from when it is begun, or from the second wave on.

    The next run finds room again. What brokers say of their disks is changed in our own process: a volume that is
    really full needs a mount.
    """
    since = case.number % 3 + 1
    result = case.run("apply", *WAIT, FAULT_FREE=f"{FULL}:{since}")
    hurt = Hurt([result], {1, 3}, again=("apply", *WAIT))
    if "no disk has room for it" not in result.text:
        hurt.violations.append(f"nobody says that there is no room: {result.text[-600:]}")
    allowed = {case.two} if since == 3 else set()
    came = [copy for copy, _ in case.witness.copied() if copy[2] not in case.before[copy[:2]]]
    hurt.violations += [f"{copy} was copied onto a full disk" for copy in came if copy[0] not in allowed]
    return hurt


def throttle_removed(case: MovesCase, chance: random.Random) -> Hurt:
    """Somebody removes our throttle during the copy, or sets another rate: that one stays until he removes it."""
    began = time.monotonic()
    process = case.start("apply", *WAIT)
    copied(case, chance.uniform(0.02, 0.2))
    if case.number % 2:
        moves_hands.unthrottled(case.brokers, case.witness.names)
        return Hurt([tool.ended(process, began)])
    theirs = {("broker", "2", key): "4000000" for key in moves_witness.THROTTLES["broker"]}
    moves_hands.throttled(case.brokers, theirs)
    until(lambda: not is_copying(case), "the end of the wave")
    hurt = Hurt([case.run("replicas continue", "--wait", "0")])
    if not theirs.items() <= moves_witness.throttles(case.brokers, case.witness.names).items():
        hurt.violations.append("M6 somebody else's rate is gone")
    moves_hands.throttled(case.brokers, dict.fromkeys(theirs))
    hurt.results.append(tool.ended(process, began))
    return hurt


def broker_added(case: MovesCase, chance: random.Random) -> Hurt:
    """A broker joins during the copy: what runs goes on, and what begins later may go there."""
    began = time.monotonic()
    process = case.start("apply", *(WAIT if chance.random() < 0.5 else GO))
    until(lambda: is_copying(case), "a copy")
    case.restarted(5)
    return Hurt([tool.ended(process, began)])


ON_BROKERS: tuple[MovesFault, ...] = (
    target_killed,
    source_killed,
    other_tool,
    disk_full,
    throttle_removed,
    broker_added,
)
