"""A plan: everything that would be done to one cluster, as a value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from provisioner.problem import Problem, Span
from provisioner.reconcile.change import Action, Change, sha256
from provisioner.reconcile.model import Key, Observed
from provisioner.reconcile.record import Record

if TYPE_CHECKING:
    from provisioner.reconcile.held_back import Hold
    from provisioner.reconcile.kind import Kind
    from provisioner.reconcile.sighting import Sighting


@dataclass(frozen=True, slots=True)
class Held:
    """A default that the destination does not know, and why.

    `without`: the names that go without it, their other changes go on; `refused`: new ones, that would not be as asked.
    """

    kind: str
    field: str
    span: Span
    why: str
    without: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that would be done to one cluster, and what was only counted.

    `standing`: differences that the files did not make; `remarks`: worth knowing, about no one change;
    `base`: the commit that the files are compared with, if any; `already_applied`: how many reviewed changes are as
    wanted already.
    `unknown`: what was not read, and why: neither unchanged nor absent. `held`: defaults that are not known there.
    `kinds`: those that were planned, in the order of applying; for reports, and in no digest.
    `record`: what was applied last. `waiting`: changes of earlier merges; `ahead`: what was applied from a newer commit
    than the base has; `unreviewed`: what a reviewed plan does not have of a change that it has. `sightings`: what an
    apply may note; `forgotten`: entries that no file has any more; `reasons`: why each of `standing` stands.
    `found`: what is there, of a comparison of everything.
    `held_back`: what errors of the files govern; nothing is known of it. `wrong`: those that only making a kind's
    resources showed, each with what it holds back; `texts`: of the files that they are in.
    `untouched`: the files changed nothing of the cluster since the base, and nobody was asked. `not_looked_at`: of a
    kind, how many the files ask for as at the base, so that nothing was asked about them.
    `underway`: the fields of what is there that are on their way to what is asked.
    `recognized`: the inputs of resources that are as wanted, and of which their stores did not know that.
    """

    cluster: str
    cluster_id: str | None
    changes: tuple[Change[Any], ...]
    declared: Mapping[str, int] = field(default_factory=dict)
    unchanged: Mapping[str, int] = field(default_factory=dict)
    unmanaged: int = 0
    stopped: Mapping[str, str] = field(default_factory=dict)
    standing: tuple[Change[Any], ...] = ()
    remarks: tuple[str, ...] = ()
    base: str | None = None
    already_applied: int = 0
    unknown: Mapping[Key, str] = field(default_factory=dict)
    held: tuple[Held, ...] = ()
    kinds: tuple[Kind[Any], ...] = ()
    recognized: Mapping[Key, str] = field(default_factory=dict)
    record: Record = field(default_factory=Record)
    waiting: tuple[Change[Any], ...] = ()
    unreviewed: tuple[Change[Any], ...] = ()
    ahead: tuple[Change[Any], ...] = ()
    sightings: Mapping[Key, Sighting] = field(default_factory=dict)
    forgotten: tuple[Key, ...] = ()
    reasons: Mapping[Key, str] = field(default_factory=dict)
    found: Mapping[Key, Observed[Any]] = field(default_factory=dict)
    held_back: Mapping[Key, Hold] = field(default_factory=dict)
    untouched: bool = False
    not_looked_at: Mapping[str, int] = field(default_factory=dict)
    wrong: Mapping[Problem, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    underway: Mapping[Key, frozenset[str]] = field(default_factory=dict)

    def slow(self, kind: str) -> frozenset[str]:
        """The fields of a kind whose change takes long; none of a kind that was not planned."""
        return next((each.slow for each in self.kinds if each.name == kind), frozenset())

    def kind(self, name: str) -> Kind[Any]:
        """The kind of that name: every change of the plan has one of `kinds`."""
        return next(kind for kind in self.kinds if kind.name == name)

    @property
    def gone(self) -> tuple[Change[Any], ...]:
        """What is declared and was there at the base, and is gone from the destination."""
        return tuple(change for change in self.standing if change.action is Action.CREATE)

    @property
    def counts(self) -> Counter[tuple[str, str]]:
        """(kind, action or "refused") -> how many; each change is counted once."""
        return Counter((change.key.kind, "refused" if change.refusals else change.action) for change in self.changes)

    @property
    def digest(self) -> str:
        """One word for what this plan would do: equal plans have equal digests, refused changes do not count."""
        doable = sorted(change.fingerprint for change in self.changes if not change.refusals)
        return digest([self.cluster, self.cluster_id, doable])


def digest(value: object) -> str:
    """Sixteen hexadecimal digits over a JSON-able value: for the eye."""
    return sha256(value)[:16]
