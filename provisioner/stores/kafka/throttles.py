"""Setting and removing throttles, each place read back.

Both halves stay for ever unless somebody removes them. Nothing that somebody else has set is overwritten or removed:
the caller says what is ours. A move begins when all are set (rates, then lists), and they go after it (lists, rates).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from provisioner.stores.kafka import codes, reading
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.nodes import nodes
from provisioner.stores.kafka.throttle_values import KEYS, Kind, Place, Throttles, changes, foreign

BATCH = 200
"""Topics in one request; of brokers each is asked alone, as it answers for itself only."""

LONGEST = 60
"""Characters of a value that is told."""

GONE = "it does not exist"
NOT_REACHABLE = "not reachable"
LATER = f"{NOT_REACHABLE}, to be removed later"
UNSEEN = "accepted, but not shown yet"

LOOKS: Mapping[tuple[Kind, str], float] = {
    ("topic", GONE): 3,
    ("topic", NOT_REACHABLE): math.inf,
    ("broker", NOT_REACHABLE): 2,
}
"""How often that has to be the answer: a broker may be late to know a topic, and another one may know it."""

_RESOURCES: Mapping[Kind, ResourceType] = {"broker": ResourceType.BROKER, "topic": ResourceType.TOPIC}
_SIZES: Mapping[Kind, int] = {"broker": 1, "topic": BATCH}
_SOURCES: Mapping[Kind, int] = {"broker": 2, "topic": reading.OVERRIDE_SOURCE}
"""Where a value comes from that was set on this very place: DYNAMIC_BROKER_CONFIG, DYNAMIC_TOPIC_CONFIG."""
_ON: Mapping[Kind, str] = {"broker": "the cluster", "topic": "the topic"}

Gaps = dict[Place, str]
"""Place -> why it is not as asked, or not known."""

Ask = Callable[[Sequence[Place]], Mapping[Any, Any]]


def read(connection: Connection, places: Collection[Place]) -> tuple[Throttles, Gaps]:
    """What is set on these places themselves; one with nothing set has an empty map, one that is not known is a gap.

    Raises UnreachableError where no broker answers at all.
    """
    alive = {Place("broker", str(node.id)) for node in nodes(connection)}
    asked = [place for place in places if place.kind == "topic" or place in alive]
    said = _asked(connection, asked, _describing(connection), _values)
    if any(codes.is_unclear(each) for each in said.values() if isinstance(each, int)):
        connection.recover()
    gaps = {place: NOT_REACHABLE for place in places if place not in said}
    gaps |= {place: _why(place, each, "DESCRIBE_CONFIGS") for place, each in said.items() if isinstance(each, int)}
    return {place: each for place, each in said.items() if not isinstance(each, int)}, gaps


def put(connection: Connection, wanted: Throttles, ours: Throttles) -> Gaps:
    """Set these, rates first. `ours`: what earlier runs of ours have set there. Raises UnreachableError.

    A place in no gap was read back as wanted; one that somebody else has throttled is a gap and stays as it is.
    """
    gaps: Gaps = {}
    for kind in KEYS:
        part = {place: values for place, values in wanted.items() if place.kind == kind}
        gaps |= _made_so(connection, part, ours, spares=False)
    return gaps


def remove(connection: Connection, ours: Throttles) -> Gaps:
    """Remove what still is as we set it, lists first. Raises UnreachableError.

    A place in no gap holds nothing of ours any more; what somebody else put there instead stays. A dead broker is a
    gap, LATER: nobody but the broker itself takes it away.
    """
    gaps: Gaps = {}
    for kind in reversed(tuple(KEYS)):
        part: Throttles = {place: {} for place in ours if place.kind == kind}
        gaps |= _made_so(connection, part, ours, spares=True)
    left = {place: why for place, why in gaps.items() if why != GONE}
    return {place: LATER if why == NOT_REACHABLE else why for place, why in left.items()}


def _made_so(connection: Connection, wanted: Throttles, ours: Throttles, *, spares: bool) -> Gaps:
    """Sent until each place has taken it, looked at until it shows; `spares`: what somebody else has set is no gap."""
    gaps, left, taken = Gaps(), set(wanted), set[Place]()
    timeouts, looks = connection.timeouts, 0
    deadline = time.monotonic() + timeouts.visible
    while left:
        found, unknown = read(connection, left)
        looks += 1
        gaps |= {place: why for place, why in unknown.items() if _is_final(place, why, looks)}
        if not spares:
            gaps |= _foreign(found, wanted, ours)
        todo = {place: changes(values, wanted[place], ours.get(place, {})) for place, values in found.items()}
        said = _sent(connection, {at: each for at, each in todo.items() if each and at not in taken | gaps.keys()})
        taken |= {place for place, code in said.items() if code == codes.OK}
        gaps |= _refused(said)
        left = {place for place in left if place not in gaps and todo.get(place) != {}}
        if time.monotonic() > deadline:
            return {**{place: UNSEEN if place in taken else NOT_REACHABLE for place in left}, **gaps}
        time.sleep(timeouts.again_pause if left & unknown.keys() else timeouts.look_pause[0] if left else 0)
    return gaps


def _is_final(place: Place, why: str, looks: int) -> bool:
    return looks >= LOOKS.get((place.kind, why), 1)


def _foreign(found: Throttles, wanted: Throttles, ours: Throttles) -> Gaps:
    gaps: Gaps = {}
    for place, values in found.items():
        for key in foreign(values, wanted[place], ours.get(place, {})):
            gaps[place] = somebodys(key, values[key])
    return gaps


def somebodys(key: str, value: str) -> str:
    """Why a place is left alone."""
    return f"{key} is set by somebody else ({value[:LONGEST]})"


def _sent(connection: Connection, todo: Mapping[Place, Mapping[str, str | None]]) -> dict[Place, int]:
    said = _asked(connection, list(todo), _altering(connection, todo), lambda *_: codes.OK)
    if codes.TIMED_OUT in said.values():
        connection.renew_writer()
    return said


def _refused(said: Mapping[Place, int]) -> Gaps:
    """Where an answer is missing the next look tells, and it is sent again."""
    final = {place: code for place, code in said.items() if code != codes.OK and not codes.is_unclear(code)}
    return {place: _why(place, code, "ALTER_CONFIGS") for place, code in final.items()}


def _why(place: Place, code: int, right: str) -> str:
    if codes.is_denied(code):
        return f"our user lacks {right} on {_ON[place.kind]}"
    if place.kind == "topic" and code == codes.UNKNOWN_TOPIC:
        return GONE
    return NOT_REACHABLE if codes.is_unclear(code) else f"the cluster refuses it ({codes.named(code)})"


def _describing(connection: Connection) -> Ask:
    def ask(places: Sequence[Place]) -> Mapping[Any, Any]:
        resources = [ConfigResource(_RESOURCES[place.kind], place.name) for place in places]
        answer: Mapping[Any, Any] = connection.reader.describe_configs(
            resources, request_timeout=connection.timeouts.read
        )
        return answer

    return ask


def _altering(connection: Connection, todo: Mapping[Place, Mapping[str, str | None]]) -> Ask:
    def ask(places: Sequence[Place]) -> Mapping[Any, Any]:
        resources = [
            ConfigResource(_RESOURCES[place.kind], place.name, incremental_configs=_entries(todo[place]))
            for place in places
        ]
        answer: Mapping[Any, Any] = connection.writer.incremental_alter_configs(
            resources, request_timeout=connection.timeouts.read
        )
        return answer

    return ask


def _entries(values: Mapping[str, str | None]) -> list[ConfigEntry]:
    kinds = {True: AlterConfigOpType.DELETE, False: AlterConfigOpType.SET}
    return [ConfigEntry(key, value, incremental_operation=kinds[value is None]) for key, value in values.items()]


def _asked(
    connection: Connection, places: Sequence[Place], ask: Ask, taken: Callable[[Place, Any], Any]
) -> dict[Place, Any]:
    """What is `taken` from each place's answer, or its error code. All are asked before any answer is waited for."""
    waiting: dict[Place, Any] = {}
    for kind, size in _SIZES.items():
        for portion in reading.portions([place for place in places if place.kind == kind], size):
            waiting |= {Place(kind, resource.name): future for resource, future in ask(portion).items()}
    return {place: _answer(connection, place, future, taken) for place, future in waiting.items()}


def _answer(connection: Connection, place: Place, future: Any, taken: Callable[[Place, Any], Any]) -> Any:
    try:
        return taken(place, future.result(connection.timeouts.read_future))
    except codes.FUTURE_ERRORS as error:
        return codes.code_of(error)[0]


def _values(place: Place, entries: Mapping[str, Any]) -> dict[str, str]:
    rows = ((key, entries.get(key)) for key in KEYS[place.kind])
    return {key: row.value for key, row in rows if row is not None and row.value and row.source == _SOURCES[place.kind]}
