"""What errors of the files hold back, as text and for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from provisioner.line import Line, Part, Style, signed
from provisioner.problem import Problem
from provisioner.reconcile.held_back import Hold
from provisioner.reconcile.model import Key
from provisioner.reconcile.plan import Plan
from provisioner.report import problems
from provisioner.report.results import Faults
from provisioner.report.summary import counted_of

FOLD_BEYOND = 3
HELD_BACK = Part("HELD BACK", Style.ALARM)


def of_faults(faults: Faults) -> Iterator[Line]:
    """The errors, each with what it holds back; those that the base has are counted."""
    if faults.errors:
        yield from problems.lines(faults.errors, faults.sources, words=faults.words)
        yield Line("")
    if faults.old:
        counted = problems.counted(len(faults.old), "error")
        why = "that the base has, in files that are as they were (provisioner validate): what they govern is held back"
        yield Line(f"{counted} {why}", Style.NOTE)


def lines(plan: Plan, verbose: bool) -> Iterator[Line]:
    """By problem; what is derived from something that is held back goes without saying."""
    names = {key.name for key in plan.held_back if not plan.kind(key.kind).derived}
    for problem, keys in _by_problem(plan).items():
        own = [key for key in keys if not plan.kind(key.kind).derived]
        yield from _lines(plan, problem, own, verbose)
        yield from _lines(plan, problem, [key for key in keys if key not in own and key.name not in names], verbose)


def _by_problem(plan: Plan) -> dict[Problem, list[Key]]:
    found: dict[Problem, list[Key]] = {}
    for key, hold in plan.held_back.items():
        found.setdefault(hold.problem, []).append(key)
    return dict(sorted(found.items(), key=lambda each: each[0].span))


def _lines(plan: Plan, problem: Problem, keys: Sequence[Key], verbose: bool) -> Iterator[Line]:
    names: dict[str, list[Key]] = {}
    for key in keys:
        names.setdefault(key.name, []).append(key)
    if len(names) > FOLD_BEYOND and not verbose:
        yield _line(_folded(plan, keys), problem)
        return
    width = max(map(len, names), default=0)
    for name, those in names.items():
        kinds, hold = ", ".join(dict.fromkeys(key.kind for key in those)), plan.held_back[those[0]]
        yield _line(f"{kinds} {name:<{width}}     {hold.owner:<10} {_where(hold)}", problem)


def _folded(plan: Plan, keys: Sequence[Key]) -> str:
    counts = Counter(key.kind for key in keys)
    counted = ", ".join(counted_of(count, plan.kind(kind)) for kind, count in counts.items())
    names = list(dict.fromkeys(key.name for key in keys))
    owners = sorted({plan.held_back[key].owner for key in keys} - {""})
    whose = f" of {', '.join(owners[:FOLD_BEYOND])}{', ...' if len(owners) > FOLD_BEYOND else ''}" if owners else ""
    return f"{counted}{whose}: {', '.join(names[:FOLD_BEYOND])}, ... {names[-1]}"


def _where(hold: Hold) -> str:
    return f"{hold.span.path}:{hold.span.line}" if hold.span.line else hold.span.path


def _line(text: str, problem: Problem) -> Line:
    return signed("?", Style.UNKNOWN, text, Part("   "), HELD_BACK, Part(f" ({problem.check})"))


def document(held: Mapping[Key, Hold]) -> list[dict[str, Any]]:
    """For programs."""
    return [_entry(key, hold) for key, hold in sorted(held.items(), key=lambda each: each[0])]


def _entry(key: Key, hold: Hold) -> dict[str, Any]:
    place = {"file": hold.span.path, "line": max(1, hold.span.line), "column": max(1, hold.span.column)}
    said = {"check": hold.problem.check, "reason": hold.problem.message}
    return {
        "kind": key.kind,
        "name": key.name,
        "destination": key.destination,
        "owner": hold.owner,
        "place": place,
    } | said
