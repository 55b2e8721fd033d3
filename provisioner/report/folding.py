"""Many changes in one line: only those of which everything that could be printed is equal, but for their names."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from provisioner.reconcile.change import Change, sha256
from provisioner.reconcile.kind import Kind
from provisioner.reconcile.plan import Plan

AnyChange = Change[Any]
Printed = Callable[[AnyChange], Iterable[str]]
"""Everything that could be printed about a change, besides its name, owner and place."""

T = TypeVar("T")

FOLD_BEYOND = 5
MOST_TEAMS = 8
"""How many teams a line counts by name."""


def runs(
    plan: Plan,
    changes: Sequence[AnyChange],
    verbose: bool,
    printed: Printed,
    apart: Callable[[AnyChange], object] = lambda _: None,
) -> Iterator[list[AnyChange]]:
    """The changes in the order given; where more than `FOLD_BEYOND` are alike, all of them at the first one's place.

    What goes over somebody's work stands alone. `apart`: what else tells some of them from others.
    """
    if verbose:
        return ([change] for change in changes)

    def signature(change: AnyChange) -> object:
        return None if change.by_hand else (_signature(plan, change, printed(change)), apart(change))

    return grouped(changes, signature)


def grouped(several: Sequence[T], signature: Callable[[T], object]) -> Iterator[list[T]]:
    """In the order given; more than `FOLD_BEYOND` of one signature together, what has none (None) alone."""
    alike: dict[object, list[T]] = defaultdict(list)
    for each in several:
        if (signed := signature(each)) is not None:
            alike[signed].append(each)
    beginning = {id(run[0]): run for run in alike.values() if len(run) > FOLD_BEYOND}
    folded = {id(each) for run in beginning.values() for each in run}
    for each in several:
        if run := beginning.pop(id(each), None):
            yield run
        elif id(each) not in folded:
            yield [each]


def likeness(plan: Plan, change: AnyChange) -> str:
    """One word, equal for changes that differ in nothing but the names of what they change."""
    return sha256(_signature(plan, change, plan.kind(change.key.kind).sentences(change)))[:16]


def _signature(plan: Plan, change: AnyChange, printed: Iterable[str]) -> tuple[Any, ...]:
    """Values are compared whole: what is printed may have been cut."""
    kind: Kind[Any] = plan.kind(change.key.kind)
    fields = () if kind.worded else tuple((one.field, one.before, one.after) for one in change.fields)
    texts = [line for field, rows in kind.diff(change, True) for line in (field, *rows)]
    against = [f"{why.by} {why.reason}" for why in change.refusals]
    words = masked([*against, *texts, *printed], kind.spellings(change.key.name, plan.cluster))
    return change.key.kind, change.action, fields, words


def masked(lines: Sequence[str], spellings: Iterable[str]) -> tuple[str, ...]:
    """The lines without the resource's own name; most have none, and a pattern for each of thousands costs seconds."""
    words = [word for word in spellings if any(word in line for line in lines)]
    name = _own_name(words) if words else None
    return tuple(name.sub("*", line) if name else line for line in lines)


def _own_name(spellings: Iterable[str]) -> re.Pattern[str]:
    """The resource's name as a whole word, however it is spelled."""
    words = "|".join(map(re.escape, dict.fromkeys(spellings)))
    return re.compile(rf"(?<![\w-])(?<!\w\.)(?:{words})(?![\w-]|\.\w)")


def by_team(owners: Iterable[str]) -> str:
    """` (finance 100, payments 2)`, the most first; of very many those that have the most."""
    counts = Counter(owner for owner in owners if owner)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    # One more by name takes no more room than to count it.
    shown = ordered if len(ordered) <= MOST_TEAMS + 1 else ordered[:MOST_TEAMS]
    named = [f"{team} {count}" for team, count in shown]
    more = [f"{len(ordered) - len(shown)} more teams"] if len(shown) < len(ordered) else []
    return f" ({', '.join([*named, *more])})" if named else ""
