"""Which request meets which fault."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.fake.apis import BY_NAME
from tests.fake.call import Call
from tests.fake.faults import Fault, Pass

When = Callable[[Call], bool]


def always(call: Call) -> bool:
    """Any request."""
    return True


def real(call: Call) -> bool:
    """Not a dry run."""
    return not call.dry


def dry(call: Call) -> bool:
    """With validate_only."""
    return call.dry


def about(name: str) -> When:
    """A request that names this topic."""
    return lambda call: name in call.subjects


@dataclass
class Rule:
    """A fault that waits for its request; `times` None: for ever."""

    api: str
    fault: Fault
    times: int | None
    when: When

    def takes(self, call: Call) -> bool:
        """Whether this is its request; it is used up by saying yes."""
        if self.times == 0 or self.api != call.frame.api.name or not self.when(call):
            return False
        if self.times is not None:
            self.times -= 1
        return True


@dataclass
class Script:
    """Faults in the order in which they wait; the first that takes a request is played."""

    rules: list[Rule] = field(default_factory=list)

    def on(self, api: str, *faults: Fault, times: int | None = 1, when: When = always) -> None:
        """The next requests of that API meet these faults, one after the other, each `times` times."""
        if api not in BY_NAME:
            raise ValueError(f"{api} is none of {sorted(BY_NAME)}")
        self.rules.extend(Rule(api, fault, times, when) for fault in faults)

    def take(self, call: Call) -> Fault:
        """What this request meets."""
        return next((rule.fault for rule in self.rules if rule.takes(call)), Pass())

    @property
    def left(self) -> list[Rule]:
        """Faults that no request has met yet."""
        return [rule for rule in self.rules if rule.times]

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        self.rules = []
