"""Whose a difference is, by what the record says: ours, standing, or nobody can tell. One row of the table a branch.

docs/decisions/0009 has the table; tests/reconcile/test_verdict.py has a test for each of its rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from provisioner.reconcile.entry import Applied


class Whose(StrEnum):
    """Who made a difference."""

    OURS = "ours"
    STANDING = "standing"
    UNSURE = "unsure"


BY_HAND = "changed by hand"
MADE_AGAIN = "made again by hand"
GONE = "gone"
NOT_KNOWN = "whose it is, is not known"
NEWER_FORM = "edited by hand; a newer form waits"

UNRECORDED = "nothing is recorded of it"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`why`: of what stands, in words. `recorded`: False where nothing is recorded, and a danger needs a second key.

    `is_by_hand`: what is there is not what was applied, though the files ask for something else, too.
    """

    whose: Whose
    why: str = ""
    recorded: bool = True
    is_by_hand: bool = False


OURS = Verdict(Whose.OURS)


@dataclass(frozen=True, slots=True)
class Case:
    """What is known besides the field itself.

    `applied`: the entry, None where there is none. `is_same`: what is there is the very thing that was applied, not a
    namesake made later. `is_new`: the files changed it since the base; True without a base. `underway`: fields that
    are between what they were and what they are to be.
    """

    applied: Applied | None
    is_same: bool = True
    is_new: bool = True
    underway: frozenset[str] = frozenset()


def of_field(field: str, asked: str | None, live: str | None, case: Case) -> Verdict:
    """One field of what is there. `asked` None: no file names it; `live` None: it is not set there, nor inherited."""
    applied = case.applied
    if applied is None or field in applied.unclaimed:
        return _unrecorded(case)
    if field in applied.open and live == applied.open[field]:
        return OURS
    former = applied.former if case.is_same else {**applied.former, **applied.asked}
    if field in former or not case.is_same:
        return Verdict(Whose.STANDING, MADE_AGAIN) if asked == former.get(field) else _unrecorded(case)
    recorded = applied.asked.get(field)
    if asked == recorded:
        return Verdict(Whose.STANDING, BY_HAND)
    is_begun = field in applied.open and field in case.underway
    return Verdict(Whose.OURS, is_by_hand=live != recorded and not is_begun)


@dataclass(frozen=True, slots=True)
class Texts:
    """Digests of a rendered resource: of what people wrote for it, of what is there, of what would be written."""

    inputs: str
    there: str
    wanted: str


def of_rendered(texts: Texts, case: Case, *, untouched: bool) -> Verdict:
    """A rendered resource that is there. `untouched`: its destination vouches that nobody wrote there but us.

    That is less than what is on record of it: whoever edits one of several in a file has their work carried along.
    """
    applied = case.applied
    if applied is None or not applied.written:
        return OURS if untouched else _unwritten(texts, case)
    if applied.written == texts.there:
        return OURS
    if applied.inputs == texts.inputs:
        return Verdict(Whose.STANDING, BY_HAND if applied.written == texts.wanted else NEWER_FORM)
    return Verdict(Whose.OURS, is_by_hand=True)


def _unwritten(texts: Texts, case: Case) -> Verdict:
    """It was never written by a run that keeps a record; at most it was found as asked."""
    if case.applied is None:
        return _unrecorded(case)
    if case.applied.inputs == texts.inputs:
        return Verdict(Whose.STANDING, BY_HAND)
    return Verdict(Whose.OURS, is_by_hand=True)


def of_missing(case: Case, *, is_only_ours: bool) -> Verdict:
    """What is asked for and not there. `is_only_ours`: nobody removes such a thing as a fix, an alert for example."""
    if case.applied is None or is_only_ours:
        return OURS
    return Verdict(Whose.STANDING, GONE)


def of_unwanted(case: Case) -> Verdict:
    """What is there and declared absent, or asked for by no file any more."""
    if case.applied is None or not case.is_same:
        return _unrecorded(case)
    return OURS


def _unrecorded(case: Case) -> Verdict:
    if case.is_new:
        return Verdict(Whose.OURS, recorded=False)
    return Verdict(Whose.STANDING, NOT_KNOWN, recorded=False)
