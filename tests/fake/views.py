"""What each broker believes: reads are answered from it, and it may be late."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from tests.fake.state import State, Topics


@dataclass
class Late:
    """A broker's old view, for so many more reads (None: until told otherwise)."""

    topics: Topics
    reads: int | None


@dataclass
class Views:
    """`lag` makes brokers late after every change, `freeze` from now on."""

    state: State
    lags: dict[int, int] = field(default_factory=dict)
    late: dict[int, Late] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.state.watchers.append(self._changed)

    def lag(self, reads: int, brokers: Collection[int] | None = None) -> None:
        """After each change the next `reads` reads of these brokers (None: of each) show what was before it."""
        self.lags = dict.fromkeys(self.state.brokers if brokers is None else brokers, reads)

    def freeze(self, *brokers: int) -> None:
        """These brokers (none named: all) show what is now, whatever happens."""
        for broker in brokers or self.state.brokers:
            self.late[broker] = Late(self.state.topics, None)

    def thaw(self) -> None:
        """All brokers show the truth."""
        self.lags, self.late = {}, {}

    def _changed(self, before: Topics) -> None:
        for broker, reads in self.lags.items():
            if broker in self.late:
                before = self.late[broker].topics
            self.late[broker] = Late(before, reads)

    def read(self, broker: int) -> Topics:
        """The topics as that broker sees them, for one read."""
        late = self.late.get(broker)
        if late is None:
            return self.state.topics
        if late.reads is not None:
            late.reads -= 1
            if late.reads < 0:
                del self.late[broker]
                return self.state.topics
        return late.topics
