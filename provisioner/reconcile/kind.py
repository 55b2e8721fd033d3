"""What the engine and the reports know of a kind: its words, what may go unasked, and what is dangerous about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Protocol

from provisioner.reconcile.model import Hazard, Observed, R, Wanted


class Pruning(Enum):
    """What may go without being declared absent."""

    NEVER = "nothing"
    MARKED = "what bears our mark at its destination"


class Kind(Protocol[R]):
    """One sort of resource.

    `name` is what a plan calls one of them (`topic`), `lane` the word of `--lane` (`topics`), `nouns` are one and many
    of them in counts. `derived`: each belongs to a resource of another kind, and is shown and counted beside it.
    """

    name: str
    lane: str
    nouns: tuple[str, str]
    pruning: Pruning
    derived: bool

    def hazards(self, before: R | None, after: R | None) -> Iterable[Hazard]:
        """Every danger of going from what is there to what is wanted; None: not there."""
        return ()

    def noticed(self, same: Mapping[str, Wanted[R]], found: Mapping[str, Observed[R]]) -> Iterable[str]:
        """What there is to know of resources that do not change, given what is there."""
        return ()
