"""A move that was noted before and does not show: asked for again, it has the same targets.

Perhaps it was never sent. Perhaps it has ended, and the broker that was asked is late to know (seconds, on a busy
cluster): other targets would then move replicas, the same ones change nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from provisioner.moves.cluster import Cluster
from provisioner.moves.move import Move
from provisioner.moves.notes import Notes


def resumed(moves: Iterable[Move], noted: Notes, cluster: Cluster) -> list[Move]:
    """The moves, with the targets that were noted where they still fit: live brokers with room, as many of them."""
    free = {each.id: each.free for each in cluster.live}
    return [_resumed(move, noted.targets.get((move.topic, move.number), ()), free) for move in moves]


def _resumed(move: Move, target: tuple[int, ...], free: dict[int, int | None]) -> Move:
    count = len(move.before)
    is_same = target[:count] == move.before and len(target) == len(move.after)
    return replace(move, added=target[count:]) if is_same and _fits(move, target[count:], free) else move


def _fits(move: Move, added: tuple[int, ...], free: dict[int, int | None]) -> bool:
    room = (free.get(each, 0) for each in added)
    return added != () and all(each is None or each > (move.size or 0) for each in room)
