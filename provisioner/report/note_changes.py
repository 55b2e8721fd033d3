"""The changes of the plans as a note tells them: each once, with what comes along, and how much it asks of a reader."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from provisioner.reconcile.kind import Kind
from provisioner.reconcile.model import RECORD, UNSURE, Key
from provisioner.report.note_input import Plans
from provisioner.report.planfile import ChangeInPlan, HazardOfChange, PlanDocument


class Weight(IntEnum):
    """What a reader has to do with a change."""

    REFUSED = 0
    DANGEROUS = 1
    TOLD = 2
    UNKNOWN = 3


@dataclass(frozen=True, slots=True)
class Told:
    """One change. `along`: what is made or removed with it; `subject`: what it is about, itself or what it is of.

    `losses`: the words of what goes while its subject stays.
    """

    cluster: str
    change: ChangeInPlan
    kind: Kind[Any]
    subject: Key
    along: tuple[ChangeInPlan, ...] = ()
    losses: tuple[str, ...] = ()

    @property
    def weight(self) -> Weight:
        """The first that applies; what nothing is known of is neither refused nor harmless."""
        against = {why.by for why in self.change.refusals}
        if against:
            return Weight.UNKNOWN if against <= {UNSURE, RECORD} else Weight.REFUSED
        if self.losses or self.change.by_hand or any(hazard.asks for hazard in self.change.hazards):
            return Weight.DANGEROUS
        return Weight.TOLD

    @property
    def hazards(self) -> list[HazardOfChange]:
        """The dangers that somebody has to consent to."""
        return [hazard for hazard in self.change.hazards if hazard.asks]


def told(plans: Plans) -> list[Told]:
    """Of all clusters in their order, kind by kind in that of applying."""
    order = {kind.name: number for number, kind in enumerate(plans.kinds)}
    found = (_of_plan(plans, document) for document in plans.documents)
    return [each for several in found for each in sorted(several, key=lambda each: order[each.change.kind])]


def _of_plan(plans: Plans, document: PlanDocument) -> Iterator[Told]:
    changes = {(change.kind, change.name): change for change in document.changes}
    along: dict[tuple[str, str], list[ChangeInPlan]] = defaultdict(list)
    silent = set()
    for change in document.changes:
        other = changes.get(_required(plans, change) or ("", ""))
        if other is not None and _goes_along(change, other):
            along[other.kind, other.name].append(change)
        if other is not None and (_goes_along(change, other) or _falls(change, other)):
            silent.add((change.kind, change.name, change.destination))
    for change in document.changes:
        if (change.kind, change.name, change.destination) not in silent:
            yield _one(plans, document, change, tuple(along[change.kind, change.name]), changes)


def _one(
    plans: Plans,
    document: PlanDocument,
    change: ChangeInPlan,
    along: tuple[ChangeInPlan, ...],
    changes: dict[tuple[str, str], ChangeInPlan],
) -> Told:
    required = _required(plans, change)
    subject = Key(*(required or (change.kind, change.name)))
    leaves = required in changes and changes[required].action == "delete" if required else False
    losses = () if leaves else tuple(_losses(plans, change))
    return Told(document.cluster, change, plans.kind(change.kind), subject, along, losses)


def _required(plans: Plans, change: ChangeInPlan) -> tuple[str, str] | None:
    """The one resource that a derived one is made for."""
    is_of_one = plans.kind(change.kind).derived and len(change.requires) == 1
    return change.requires[0] if is_of_one else None


def _goes_along(change: ChangeInPlan, other: ChangeInPlan) -> bool:
    own = change.refusals or other.refusals or change.hazards or change.notes
    return change.action == other.action != "update" and not own


def _falls(change: ChangeInPlan, other: ChangeInPlan) -> bool:
    """Refused for no other reason than that what it is made for is."""
    return bool(other.refusals and change.refusals) and all(why.by == "requires" for why in change.refusals)


def _losses(plans: Plans, change: ChangeInPlan) -> Iterator[str]:
    """Words that begin with a minus tell of what goes; a whole resource may have no words."""
    gone = [word[2:] for word in change.words if word.startswith("- ")]
    if plans.kind(change.kind).derived and change.action == "delete":
        yield "all of it" + (f": {'; '.join(gone)}" if gone else "")
    elif change.action == "update":
        yield from gone


def by_weight(changes: Sequence[Told], *weights: Weight) -> list[Told]:
    """Those of these weights, the heaviest first."""
    return sorted((each for each in changes if each.weight in weights), key=lambda each: each.weight)
