"""What may not be done: hazards without consent, impossible changes, too many deletions, and what depends on them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

from provisioner.errors import RefusedError
from provisioner.reconcile import members
from provisioner.reconcile.change import Action, Change
from provisioner.reconcile.lanes import Lane
from provisioner.reconcile.model import Key, R, Reading, Refusal, Wanted
from provisioner.reconcile.verdict import UNRECORDED

DEFAULTS = "defaults"
"""Whose consents come from levels above the resource's own entry."""
UNREVIEWED = "unreviewed"
BY_NAME = "name it: --scope all --topic NAME"
SECOND_KEYS = {UNRECORDED: f"have a plan reviewed and apply it with --plan, or {BY_NAME}"}
"""Reason -> what else it takes besides a consent: a plan of what stands would not be fresh any more."""
FEWEST_KNOWN = 20
"""Below so many names a share says nothing: one of two moved is half of them."""
LOST_SHARE = 3
"""A run that lost more than one in so many of its declarations is a wrong folder or a broken checkout."""


def refusals(change: Change[R]) -> Iterator[Refusal]:
    """Why this change will not be done as the files stand."""
    ordered = sorted(change.consents, key=lambda consent: consent.by != DEFAULTS)
    consents = {(consent.slug, consent.value): consent.by for consent in ordered}
    for hazard in change.hazards:
        by = consents.get((hazard.slug, hazard.value))
        if not hazard.possible:
            yield Refusal("impossible", hazard.reason, hazard.hint)
        elif hazard.asks and by is None:
            yield Refusal("consent", f"{hazard.slug}: {hazard.reason}", hazard.hint)
        elif hazard.asks and by == DEFAULTS and hazard.field in change.by_hand:
            why = "a consent among defaults does not reach what was changed by hand"
            hint = f"if meant, write allow: {{{hazard.slug}: {hazard.value}}} on the topic itself"
            yield Refusal(DEFAULTS, why, hint)


def is_harmless(change: Change[Any]) -> bool:
    """True for what needs no consent and no second key: nothing of it can lose data, order or availability."""
    return not change.second_key and not any(hazard.asks for hazard in change.hazards)


def without_second_key(changes: Sequence[Change[Any]], names: Collection[str] = ()) -> list[Change[Any]]:
    """Refuse what needs a reviewed plan or its name besides the consent, and is none of the `names`."""
    return [_unreviewed(named(change, names)) for change in changes]


def named(change: Change[R], names: Collection[str]) -> Change[R]:
    """The change with its second key, if it is one of those names."""
    return replace(change, reserved={}) if change.key.name in names else change


def _unreviewed(change: Change[R]) -> Change[R]:
    if not change.second_key or change.refusals:
        return change
    why = f"{change.second_key}: a consent in the file is not enough"
    return refused(change, Refusal(UNREVIEWED, why, SECOND_KEYS.get(change.second_key, BY_NAME)))


def of_others(lane: Lane[R], change: Change[R]) -> Iterator[Refusal]:
    """What another repository applied is not ours to change."""
    if (repository := lane.record.others.get(change.key)) is not None:
        hint = "declare it there, or here with state: external; `repository:` in clusters.yaml says who we are"
        yield Refusal("repository", f"kept by repository {repository}", hint)


def is_possible(change: Change[Any]) -> bool:
    """False for what no consent permits: nobody need be asked about it."""
    return all(hazard.possible for hazard in change.hazards)


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
    """Refuse what requires a resource that will not be there; a plan must not promise what apply would skip.

    What requires a resource that is there goes on, whatever is refused of that: it is kept in step with the files. Of
    what requires several, those that will not be there are left out.
    """
    bad = {change.key for change in changes if change.refusals and change.leaves_nothing}
    return tuple(left for change in changes if (left := _blocked(change, bad)))


def _blocked(change: Change[R], bad: set[Key]) -> Change[R] | None:
    lost = sorted(change.requires & bad)
    if not lost or change.refusals:
        return change
    why = f"its {lost[0].kind} {lost[0].name} is refused"
    if (left := members.without(change, lost)) is not None:
        return None if members.is_needless(left) else members.noted(left, lost, "is refused")
    if change.leaves_nothing:
        bad.add(change.key)
    return refused(change, Refusal("requires", why))


def refused(change: Change[R], *why: Refusal) -> Change[R]:
    """The same change with more reasons against it."""
    return replace(change, refusals=(*change.refusals, *why))


def refuse_mass_removal(lane: Lane[R], reading: Reading[R]) -> None:
    """Raises RefusedError where more than a third of what was applied, or declared at the base, is in no file any more.

    Where neither is known: of the names that our own mark says we wrote. What errors of the files hold back is not
    lost, nor is what stands in the text of a file that cannot be read; a broken file hides no wrong folder.
    """
    known, since = _known(lane, reading)
    lost = sorted(name for name in known - lane.wanted.keys() - lane.held.keys() if not lane.unread.mentions(name))
    if lane.max_forgotten is not None and len(lost) <= lane.max_forgotten:
        return
    if len(known) >= FEWEST_KNOWN and len(lost) * LOST_SHARE > len(known):
        raise RefusedError(
            f"{len(lost)} of the {len(known)} {lane.kind.name} names that {since} are in no file any more "
            f"({', '.join(lost[:3])}{', ...' if len(lost) > 3 else ''}): nothing is done",
            f"check the folder and the checkout; if it is meant, write limits: {{max_forgotten: {len(lost)}}} for the "
            "cluster, and take it out afterwards",
        )


def _known(lane: Lane[R], reading: Reading[R]) -> tuple[set[str], str]:
    if recorded := set(lane.record.names(lane.kind.name, lane.destination)):
        return recorded, "were applied"
    if lane.base is not None:
        return set(lane.base.keys()), "the base named"
    return _ours(lane, reading), "the last run wrote"


def _ours(lane: Lane[R], reading: Reading[R]) -> set[str]:
    return reading.found.keys() | reading.orphans.keys() if lane.is_marked else set()


def unused_consents(lane: Lane[R], differing: Collection[str], reading: Reading[R]) -> Iterator[str]:
    """Consents that nothing needs any more: what they accept is done. `differing`: names that still differ.

    With a base those of the files that changed since: whoever wrote the others is not here to remove them.
    """
    changed = _changed(lane)
    left = [
        f"{name} {consent.slug} ({want.span.path}:{want.span.line})"
        for name, want in lane.looked_at
        if want.consents and name not in differing and name not in reading.unsure and want.span.path in changed
        for consent in want.consents
        if consent.by == "entry"
    ]
    left = list(dict.fromkeys(left))
    if left:
        shown = ", ".join(left[:3]) + (f" and {len(left) - 3} more" if len(left) > 3 else "")
        yield f"consents that nothing needs any more, remove them when convenient: {shown}"


def _changed(lane: Lane[R]) -> set[str]:
    """The files with an entry that is new or differs since the base; all of them without a base."""
    base = lane.base
    return {
        want.span.path
        for name, want in lane.looked_at
        if base is None or name not in base or _asked(want) != _asked(base[name])
    }


def _asked(want: Wanted[R]) -> tuple[object, ...]:
    return want.inputs or want.given, want.consents, want.owner
