"""What slows the copying of replicas: a rate on each broker, and on each topic the list of replicas that it is for.

These are the values; throttles.py sets and removes them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Literal, NamedTuple

from provisioner.catalog.copying import LEAST_RATE
from provisioner.stores.kafka.partitions import Key

LEADER_RATE, FOLLOWER_RATE = "leader.replication.throttled.rate", "follower.replication.throttled.rate"
LEADER_LIST, FOLLOWER_LIST = "leader.replication.throttled.replicas", "follower.replication.throttled.replicas"
EVERY = "*"
MOST_PARTITIONS, MOST_CHARACTERS = 2_000, 32_000
"""Of one list; Kafka takes 32,767 characters."""

Kind = Literal["broker", "topic"]
KEYS: Mapping[Kind, tuple[str, str]] = {"broker": (LEADER_RATE, FOLLOWER_RATE), "topic": (LEADER_LIST, FOLLOWER_LIST)}


class Place(NamedTuple):
    """One broker by its id, or one topic."""

    kind: Kind
    name: str


Throttles = Mapping[Place, Mapping[str, str]]
"""Place -> key -> value."""


def rates(brokers: Collection[int], rate: float) -> Throttles:
    """The same rate on each of them, in bytes a second, both ways; never less than LEAST_RATE."""
    value = str(max(LEAST_RATE, round(rate)))
    return {Place("broker", str(each)): dict.fromkeys(KEYS["broker"], value) for each in sorted(brokers)}


def lists(moves: Mapping[Key, tuple[Sequence[int], Sequence[int]]]) -> Throttles:
    """The lists of the topics of these moves, each partition with its replicas before and after.

    Whoever has it may be asked for it, whoever gets it copies. A long list is `*`: then a replica of the topic that
    fell behind for another reason is slowed, too.
    """
    topics: dict[str, dict[int, tuple[Sequence[int], Sequence[int]]]] = {}
    for (topic, number), move in sorted(moves.items()):
        topics.setdefault(topic, {})[number] = move
    return {Place("topic", topic): _of_topic(rows) for topic, rows in topics.items()}


def _of_topic(rows: Mapping[int, tuple[Sequence[int], Sequence[int]]]) -> dict[str, str]:
    sources = [f"{number}:{each}" for number, (before, _) in rows.items() for each in before]
    copies = [f"{number}:{each}" for number, (before, after) in rows.items() for each in after if each not in before]
    values = (",".join(each) for each in (sources, copies))
    is_long = len(rows) > MOST_PARTITIONS
    return {
        key: EVERY if is_long or len(value) > MOST_CHARACTERS else value
        for key, value in zip(KEYS["topic"], values, strict=True)
        if value
    }


def changes(found: Mapping[str, str], wanted: Mapping[str, str], ours: Mapping[str, str]) -> dict[str, str | None]:
    """What to set and (None) to remove on a place, so that it holds what is wanted and no value of ours besides."""
    keys = [key for key in {**wanted, **ours} if found.get(key) != wanted.get(key)]
    return {key: wanted.get(key) for key in keys if key not in foreign(found, wanted, ours)}


def foreign(found: Mapping[str, str], wanted: Mapping[str, str], ours: Mapping[str, str]) -> list[str]:
    """The keys on a place that somebody else has set: neither as wanted nor as we set them."""
    keys = {**wanted, **ours}
    return [key for key in keys if key in found and found[key] not in (wanted.get(key), ours.get(key))]
