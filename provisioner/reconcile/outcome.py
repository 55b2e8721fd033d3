"""What became of a change."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from provisioner.reconcile.model import FieldChange, Key
from provisioner.reconcile.on_demand import Deferred


class State(StrEnum):
    """What became of a change."""

    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    SKIPPED = "skipped"
    DOUBT = "in doubt"
    STARTED = "started"
    STOPPED = "stopped"


SATISFIED = frozenset({State.DONE, State.STARTED})
"""What lets dependants go on: a change that has begun and needs time changes nothing for its alerts and dashboard."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one change; `changes` holds only what was read back."""

    key: Key
    state: State
    comment: str = ""
    seen: tuple[FieldChange, ...] | Deferred[tuple[FieldChange, ...]] = ()

    @property
    def changes(self) -> tuple[FieldChange, ...]:
        """The fields that were read back."""
        return self.seen.make() if isinstance(self.seen, Deferred) else self.seen
