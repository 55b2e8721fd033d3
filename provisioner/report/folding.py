"""Many changes in one line: only those of which everything that could be printed is equal, but for their names."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from provisioner.reconcile.change import Change
from provisioner.reconcile.kind import Kind
from provisioner.reconcile.plan import Plan

AnyChange = Change[Any]
Printed = Callable[[AnyChange], Iterable[str]]
"""Everything that could be printed about a change, besides its name, owner and place."""

FOLD_BEYOND = 5


def runs(plan: Plan, changes: Sequence[AnyChange], verbose: bool, printed: Printed) -> Iterator[list[AnyChange]]:
    """The changes in the order given; where more than `FOLD_BEYOND` are alike, all of them at the first one's place.

    What goes over somebody's work stands alone.
    """
    if verbose:
        yield from ([change] for change in changes)
        return
    alike: dict[tuple[Any, ...], list[AnyChange]] = defaultdict(list)
    for change in (change for change in changes if not change.by_hand):
        alike[_signature(plan, change, printed)].append(change)
    beginning = {id(run[0]): run for run in alike.values() if len(run) > FOLD_BEYOND}
    folded = {id(change) for run in beginning.values() for change in run}
    for change in changes:
        if run := beginning.pop(id(change), None):
            yield run
        elif id(change) not in folded:
            yield [change]


def _signature(plan: Plan, change: AnyChange, printed: Printed) -> tuple[Any, ...]:
    """Values are compared whole: what is printed may have been cut."""
    kind: Kind[Any] = plan.kind(change.key.kind)
    fields = () if kind.worded else change.fields
    texts = [line for field, rows in kind.diff(change, True) for line in (field, *rows)]
    against = [f"{why.by} {why.reason}" for why in change.refusals]
    masked = _masked([*against, *texts, *printed(change)], kind.spellings(change.key.name, plan.cluster))
    return change.key.kind, change.action, fields, masked


def _masked(lines: Sequence[str], spellings: Iterable[str]) -> tuple[str, ...]:
    """The lines without the resource's own name; most have none, and a pattern for each of thousands costs seconds."""
    words = [word for word in spellings if any(word in line for line in lines)]
    name = _own_name(words) if words else None
    return tuple(name.sub("*", line) if name else line for line in lines)


def _own_name(spellings: Iterable[str]) -> re.Pattern[str]:
    """The resource's name as a whole word, however it is spelled."""
    words = "|".join(map(re.escape, dict.fromkeys(spellings)))
    return re.compile(rf"(?<![\w-])(?<!\w\.)(?:{words})(?![\w-]|\.\w)")


def by_team(changes: Iterable[AnyChange]) -> str:
    """` (finance 100, payments 2)`, the most first."""
    counts = Counter(change.owner for change in changes if change.owner)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return f" ({', '.join(f'{team} {count}' for team, count in ordered)})" if ordered else ""
