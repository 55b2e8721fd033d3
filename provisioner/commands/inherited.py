"""Errors that the base has already, in files that nobody touched since: they are not this merge request's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from provisioner import printable
from provisioner.commands import fleet
from provisioner.commands.fleet import Fleet
from provisioner.problem import Problem
from provisioner.report.results import Faults
from provisioner.templates import Templates

Same = tuple[str, str, str]
"""Of two equal errors: check, message, place."""


@dataclass(frozen=True, slots=True)
class Past:
    """The errors of the files at the base, and their texts, by the paths that they have today."""

    errors: frozenset[Same]
    sources: Mapping[str, str]


def past(files: Path, path: Path, templates: Callable[[], Templates] | None = None) -> Past:
    """Of the base's files, which lie elsewhere; `path`: the folder that they are of."""
    then, called = fleet.read(files, str(path), templates=templates), printable.line(str(files))

    def today(text: str) -> str:
        return text.replace(called, printable.line(str(path)))

    errors = {(check, today(message), today(place)) for check, message, place in map(_same, then.errors)}
    return Past(frozenset(errors), then.sources)


def faults(found: Fleet, then: Past | None) -> Faults:
    """The errors of today's files, parted."""
    old = [
        error for error in found.errors if then and _same(error) in then.errors and not _is_touched(error, found, then)
    ]
    known = set(old)
    new = [error for error in found.errors if error not in known]
    return Faults(new, found.sources, found.held.words, old)


def _same(error: Problem) -> Same:
    return error.check, error.message, str(error.span)


def _is_touched(error: Problem, found: Fleet, then: Past) -> bool:
    return any(_differs(span.path, found, then) for span in (error.span, *error.governs))


def _differs(path: str, found: Fleet, then: Past) -> bool:
    """True where the file changed; of what is no file that was read, where anything beside it did."""
    if path in found.sources or path in then.sources:
        return found.sources.get(path) != then.sources.get(path)
    beside = {other for other in (*found.sources, *then.sources) if Path(other).parent == Path(path).parent}
    return any(found.sources.get(other) != then.sources.get(other) for other in beside)
