"""What may not be done: hazards without consent, impossible changes, too many deletions, and what depends on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from provisioner.reconcile.model import Action, Change, Key, R, Refusal


def refusals(change: Change[R]) -> Iterator[Refusal]:
    """Why this change will not be done as the files stand."""
    consents = {(consent.slug, consent.value) for consent in change.consents}
    for hazard in change.hazards:
        if not hazard.possible:
            yield Refusal("impossible", hazard.reason, hazard.hint)
        elif (hazard.slug, hazard.value) not in consents:
            yield Refusal("consent", f"{hazard.slug}: {hazard.reason}", hazard.hint)


def limited(changes: Sequence[Change[R]], most: int | None) -> list[Change[R]]:
    """More deletions than allowed: then none of them is done, since nobody chose which."""
    deletions = [change for change in changes if change.action is Action.DELETE]
    if most is None or len(deletions) <= most:
        return list(changes)
    why = Refusal(
        "limit",
        f"{len(deletions)} deletions in one run, more than {most}",
        "delete in several merge requests, or raise limits.max_deletions of the cluster",
    )
    return [refused(change, why) if change in deletions else change for change in changes]


def blocked(changes: Sequence[Change[Any]]) -> tuple[Change[Any], ...]:
    """Refuse what requires a refused change; a plan must not promise what apply would skip."""
    bad = {change.key for change in changes if change.refusals}
    return tuple(_blocked(change, bad) for change in changes)


def _blocked(change: Change[R], bad: set[Key]) -> Change[R]:
    lost = sorted(change.requires & bad)
    if not lost or change.refusals:
        return change
    bad.add(change.key)
    return refused(change, Refusal("requires", f"its {lost[0].kind} {lost[0].name} is refused"))


def refused(change: Change[R], *why: Refusal) -> Change[R]:
    """The same change with more reasons against it."""
    return replace(change, refusals=(*change.refusals, *why))


def stale(change: Change[R], reviewed: Mapping[Key, str]) -> Refusal | None:
    """Why this change is not one that was reviewed, by fingerprint; None where it is."""
    if reviewed.get(change.key) == change.fingerprint:
        return None
    what = "is not the change that was reviewed" if change.key in reviewed else "was not in the reviewed plan"
    return Refusal("stale", what, "plan again and have that plan reviewed")
