"""Topics under reassignment, read as what they will be: their replicas name those on their way in, and those to go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from provisioner.errors import UnreachableError
from provisioner.stores.kafka import partitions
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.kafka_python import KafkaPython, NoClientError
from provisioner.stores.kafka.reading import Shape


@dataclass(frozen=True, slots=True)
class Shapes:
    """`growing`: the topics that are getting replicas right now; `unknown`: why that could not be asked, or empty."""

    shapes: Mapping[str, Shape]
    growing: frozenset[str] = frozenset()
    unknown: str = ""

    @property
    def remarks(self) -> tuple[str, ...]:
        """What there is to know of the reading itself."""
        behind = sum(not shape.in_sync for shape in self.shapes.values())
        return (f"{behind} topics not in sync; whether they are being moved is not known: {self.unknown}",) * bool(
            self.unknown
        )


def coming(connection: Connection, shapes: Mapping[str, Shape]) -> Shapes:
    """The shapes when what runs has ended. Where every replica is in sync nothing runs, and nothing is asked."""
    behind = [name for name, shape in shapes.items() if not shape.in_sync]
    if not behind:
        return Shapes(shapes)
    try:
        with KafkaPython(connection) as client:
            return _coming(client, shapes, behind)
    except (NoClientError, UnreachableError) as error:
        return Shapes(shapes, unknown=str(error))


def _coming(client: KafkaPython, shapes: Mapping[str, Shape], behind: Sequence[str]) -> Shapes:
    moving = partitions.running(client, behind)
    growing = frozenset(topic for (topic, _), move in moving.items() if move.adding)
    shrinking = sorted({topic for (topic, _), move in moving.items() if move.removing})
    counts: dict[str, list[int]] = defaultdict(list)
    if shrinking:
        for row in partitions.placement(client, shrinking).partitions.values():
            counts[row.topic].append(len(row.coming))
    counted = {name: replace(shapes[name], replicas=min(each), most=max(each)) for name, each in counts.items()}
    return Shapes({**shapes, **counted}, growing)
