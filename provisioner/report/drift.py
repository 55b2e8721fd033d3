"""The differences of one cluster as a value: by team, each with the run that applied it and the ways out of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from provisioner.reconcile.change import Action, Change
from provisioner.reconcile.drift import Difference, Verdict
from provisioner.reconcile.entry import NOBODY, EntryError, Stamp
from provisioner.reconcile.kind import Kind
from provisioner.reconcile.model import Key, Observed
from provisioner.reconcile.record import Record


@dataclass(frozen=True, slots=True)
class Way:
    """How a difference ends: the YAML that its entry would say (None: it cannot be said, and `why`), or the command."""

    adopt: str | None = None
    undo: str | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Drift:
    """One cluster's differences. `stopped`: kinds whose store did not answer, and why; `unknown`: what was not read.

    `record`: what was applied. `ways`: how a difference ends, by key and field; `found`: what is there.
    `changes`: what an apply would do, from live to declared; `kinds`: those that were looked at. `entries`: the YAML of
    everything that an entry would have to say.
    """

    cluster: str
    base: str | None
    differences: Sequence[Difference]
    stopped: Mapping[str, str]
    unknown: Mapping[Key, str] = field(default_factory=dict)
    changes: Mapping[Key, Change[Any]] = field(default_factory=dict)
    kinds: tuple[Kind[Any], ...] = ()
    record: Record = field(default_factory=Record)
    ways: Mapping[tuple[Key, str], Way] = field(default_factory=dict)
    found: Mapping[Key, Observed[Any]] = field(default_factory=dict)
    entries: Mapping[Key, str] = field(default_factory=dict)

    def kind(self, name: str) -> Kind[Any]:
        """The kind of that name: every difference is of one of `kinds`."""
        return next(kind for kind in self.kinds if kind.name == name)

    def is_worded(self, key: Key) -> bool:
        """True where the difference is told in words, its fields being for programs."""
        change = self.changes.get(key)
        return change is not None and change.action is Action.UPDATE and self.kind(key.kind).worded

    def stamp(self, key: Key) -> Stamp:
        """Of the apply that is on record for it."""
        try:
            applied = self.record.applied(key)
        except EntryError:
            return NOBODY
        return applied.stamp if applied else NOBODY

    @property
    def in_order(self) -> list[Difference]:
        """By team; what belongs to one name together, in the order of the kinds."""
        order = [kind.name for kind in self.kinds]
        return sorted(
            self.differences,
            key=lambda one: (one.owner, one.key.name, order.index(one.key.kind), one.key.destination, one.field),
        )


def own_unknown(drift: Drift) -> dict[Key, str]:
    """What nothing is known of; what is derived from such a thing goes without saying."""
    names = {key.name for key in drift.unknown if not drift.kind(key.kind).derived}
    return {key: why for key, why in drift.unknown.items() if key.name not in names or not drift.kind(key.kind).derived}


def common(differences: Sequence[Difference]) -> Verdict:
    """Of a resource that is told in words."""
    verdicts = {one.verdict for one in differences}
    return verdicts.pop() if len(verdicts) == 1 else Verdict.BOTH


def counted(drift: Drift, differences: Iterable[Difference]) -> Counter[Verdict]:
    """Field by field; a resource that is told in words is one difference."""
    by_key: dict[Key, list[Difference]] = {}
    for one in differences:
        by_key.setdefault(one.key, []).append(one)
    groups = ([common(some)] if drift.is_worded(key) else [one.verdict for one in some] for key, some in by_key.items())
    return Counter(verdict for group in groups for verdict in group)
