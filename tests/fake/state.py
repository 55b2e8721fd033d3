"""What the fake cluster holds. Topics are values: a view of the past is kept by keeping the old mapping."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Partition:
    """Where the copies of one partition are."""

    replicas: tuple[int, ...]
    isr: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FakeTopic:
    """One topic; `configs` holds only what was set on the topic itself."""

    partitions: tuple[Partition, ...]
    configs: Mapping[str, str] = field(default_factory=dict)
    topic_id: uuid.UUID = field(default_factory=uuid.uuid4)


Topics = Mapping[str, FakeTopic]


@dataclass(frozen=True, slots=True)
class Move:
    """A reassignment that runs."""

    before: tuple[int, ...]
    target: tuple[int, ...]


@dataclass
class Quirks:
    """How this cluster differs from Apache Kafka."""

    honours_validate_only: bool = True
    checks_names: bool = True
    creates_on_metadata: bool = False
    """auto.create.topics.enable."""


@dataclass
class State:
    """The truth that all brokers share. `hidden`: topics that our user may not describe.

    `inherits`: broker -> its own values of topic configs (None: it lacks the key); `own`: broker -> its own configs.
    `sizes`: topic -> bytes of each replica; None: our user may not ask.
    """

    brokers: Sequence[int]
    topics: Topics = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    quirks: Quirks = field(default_factory=Quirks)
    inherits: dict[int, dict[str, str | None]] = field(default_factory=dict)
    own: dict[int, dict[str, str | None]] = field(default_factory=dict)
    sizes: dict[str, int] | None = field(default_factory=dict)
    watchers: list[Callable[[Topics], None]] = field(default_factory=list)
    dynamic: dict[int, dict[str, str]] = field(default_factory=dict)
    """Broker -> those of its configs that were set at run time."""
    moving: dict[tuple[str, int], Move] = field(default_factory=dict)
    """What is being reassigned."""

    def change(self, changes: Mapping[str, FakeTopic | None]) -> None:
        """Put or (None) remove topics, all at once; watchers are told what was before."""
        if not changes:
            return
        before = self.topics
        self.topics = {name: topic for name, topic in {**before, **changes}.items() if topic is not None}
        for watcher in self.watchers:
            watcher(before)

    def add(self, name: str, partitions: int = 1, replicas: int = 3, **configs: str) -> FakeTopic:
        """Put a topic there as somebody else would; config keys are written with `_` for the dot."""
        settings = {key.replace("_", "."): value for key, value in configs.items()}
        topic = FakeTopic(self.placed(0, partitions, replicas), settings)
        self.change({name: topic})
        return topic

    def placed(self, first: int, last: int, replicas: int) -> tuple[Partition, ...]:
        """Partitions `first` to `last`, striped over the brokers."""
        rows = (tuple(self._broker(at + copy) for copy in range(replicas)) for at in range(first, last))
        return tuple(Partition(row, row) for row in rows)

    def _broker(self, at: int) -> int:
        return self.brokers[at % len(self.brokers)]
