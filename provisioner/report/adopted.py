"""What was adopted: per topic the YAML that its entry says now, what is left and why, and what the checks say of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import unified_diff
from itertools import groupby
from typing import Any

from provisioner.line import Flow, Line, Style
from provisioner.problem import Problem, Severity, Span
from provisioner.reconcile import plain_words
from provisioner.reconcile.drift import Difference
from provisioner.report import problems
from provisioner.report.drift import Drift
from provisioner.report.drift_lines import unknown

FORMAT_VERSION = 1

_STYLES = {"+": Style.ADDED, "-": Style.REMOVED}


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry that was written. `paste`: the YAML that it says now; `out`: what was taken out of it."""

    span: Span
    paste: str
    out: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Left:
    """A difference that was not written, why, and the YAML to paste where there is some."""

    difference: Difference
    why: str
    paste: str = ""


@dataclass(frozen=True, slots=True)
class Adoption:
    """One run. `files`: path -> the bytes before and after; `is_shown`: nothing was written.

    `new`: problems that the files did not have before; `problems`: all that they have now.
    """

    drift: Drift
    entries: Mapping[str, Entry]
    left: Sequence[Left] = ()
    files: Mapping[str, tuple[bytes, bytes]] = field(default_factory=dict)
    is_shown: bool = False
    new: Sequence[Problem] = ()
    problems: Sequence[Problem] = ()
    sources: Mapping[str, str] = field(default_factory=dict)


def lines(done: Adoption) -> Iterator[Line]:
    """The diff, or the entries; what is left; the checks; the counts."""
    if done.is_shown:
        yield from _diff(done)
    else:
        yield from _entries(done)
    for name, group in groupby(done.left, key=lambda left: (left.difference.key, left.difference.span)):
        yield from _left(done, name[1], list(group))
    yield from unknown(done.drift)
    yield from _checked(done)
    verb = "Would adopt" if done.is_shown else "Adopted"
    left = len({left.difference.key for left in done.left})
    yield Line(f"{verb}: {_counted(len(done.entries))}{f'; {left} left' if left else ''}.")


def _counted(count: int) -> str:
    return "nothing" if not count else "1 entry" if count == 1 else f"{count} entries"


def _diff(done: Adoption) -> Iterator[Line]:
    for text in _unified(done):
        style = _STYLES.get(text[:1], Style.PLAIN) if text[:3] not in ("+++", "---") else Style.PLAIN
        yield Line(text, style, Flow.WHOLE)


def _unified(done: Adoption) -> Iterator[str]:
    for path, texts in done.files.items():
        old, new = (text.decode("utf-8-sig").splitlines() for text in texts)
        yield from unified_diff(old, new, path, path, lineterm="")


def _entries(done: Adoption) -> Iterator[Line]:
    for name, entry in done.entries.items():
        yield Line(f"adopted {name}   {entry.span.path}:{entry.span.line}")
        yield from (Line(f"    {line}", flow=Flow.WHOLE) for line in entry.paste.splitlines())
        yield from (Line(f"    without {out}") for out in entry.out)
    yield from (Line(f"wrote {path}") for path in done.files)


def _left(done: Adoption, span: Span, group: Sequence[Left]) -> Iterator[Line]:
    key = group[0].difference.key
    yield Line(f"left {key.kind} {key.name}   {span.path}:{span.line}", Style.WARNING)
    if done.drift.is_worded(key):
        yield Line(f"    {group[0].why}")
        return
    kind = done.drift.kind(key.kind)
    for left in group:
        one = left.difference
        values = (plain_words.value(one.field, value, kind.shown) for value in (one.declared, one.live))
        yield Line(f"    {f'{one.field}  ' if one.field else ''}{' -> '.join(values)}: {left.why}")
        yield from (Line(f"      {line}", flow=Flow.WHOLE) for line in left.paste.splitlines())


def _checked(done: Adoption) -> Iterator[Line]:
    if done.new:
        yield from problems.lines(done.new, done.sources)
        return
    errors, warnings = (_number(done, severity) for severity in (Severity.ERROR, Severity.WARNING))
    yield Line(f"validate: nothing new ({errors} errors, {warnings} warnings)")


def _number(done: Adoption, severity: Severity) -> int:
    return sum(one.severity is severity for one in done.problems)


def document(done: Adoption) -> dict[str, Any]:
    """For programs."""
    return {
        "format_version": FORMAT_VERSION,
        "cluster": done.drift.cluster,
        "written": not done.is_shown,
        "adopted": [_entry(name, entry) for name, entry in done.entries.items()],
        "left": [_document(left) for left in done.left],
        "files": list(done.files),
        "diff": "\n".join(_unified(done)),
        "errors": _number(done, Severity.ERROR),
        "warnings": _number(done, Severity.WARNING),
        "new_problems": problems.document(done.new)["problems"],
    }


def _entry(name: str, entry: Entry) -> dict[str, Any]:
    place = {"file": entry.span.path, "line": entry.span.line}
    return {"name": name, "place": place, "yaml": entry.paste, "taken_out": list(entry.out)}


def _document(left: Left) -> dict[str, Any]:
    one = left.difference
    head = {"kind": one.key.kind, "name": one.key.name, "field": one.field or None, "verdict": str(one.verdict)}
    values = {"declared": one.declared, "live": one.live}
    return {**head, **values, "why": left.why, "yaml": left.paste or None}
