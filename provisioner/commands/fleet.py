"""The declarations of a folder, checked: what every command begins with."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from provisioner import checks, wiring
from provisioner.catalog import catalog, folder
from provisioner.catalog.model import Catalog
from provisioner.catalog.schema import did_you_mean
from provisioner.commands.console import Console
from provisioner.errors import InputError, RefusedError, UsageError
from provisioner.problem import Problem, Severity


@dataclass(frozen=True, slots=True)
class Fleet:
    """Every cluster's catalog, the problems found on the way, the files' texts for showing them, the bare entries."""

    catalogs: Mapping[str, Catalog]
    problems: Sequence[Problem]
    sources: Mapping[str, str]
    declarations: folder.Declarations


def read(path: Path, texts: Mapping[Path, bytes] = MappingProxyType({})) -> Fleet:
    """Read, merge and check; nothing is raised for what the files say. `texts`: what files are taken to hold."""
    with _collector_paused():
        declarations = folder.read(path, lenient=True, sections=wiring.sections(), texts=texts)
        catalogs, unfit = catalog.catalogs(declarations)
        checked = checks.run(checks.Context(tuple(catalogs.values()), declarations))
        problems = [*declarations.problems, *unfit, *checked]
    return Fleet(catalogs, list(dict.fromkeys(problems)), declarations.sources, declarations)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Hundreds of thousands of small objects, none of them garbage: collecting costs more than reading."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def load_valid(path: Path, console: Console) -> Fleet:
    """The fleet, if nothing is wrong with it; warnings are said. Raises InputError with every problem.

    Raises RefusedError where no file is found: a wrong path must not look like a wish to have nothing.
    """
    fleet = read(path)
    if not fleet.sources:
        raise RefusedError(f"no declaration was found in {path}: nothing is done", "name the folder of declarations")
    if any(problem.severity is Severity.ERROR for problem in fleet.problems):
        raise InputError(fleet.problems, fleet.sources)
    if warnings := sum(problem.severity is Severity.WARNING for problem in fleet.problems):
        counted = "1 warning" if warnings == 1 else f"{warnings} warnings"
        console.say(f"{counted}; `provisioner validate {path}` shows more")
    return fleet


def chosen(fleet: Fleet, name: str | None) -> list[Catalog]:
    """The named cluster's catalog, or all of them. Raises UsageError for a name that clusters.yaml does not have."""
    if name is None:
        return list(fleet.catalogs.values())
    if name not in fleet.catalogs:
        hint = did_you_mean(name, fleet.catalogs) or f"declared: {', '.join(fleet.catalogs)}"
        raise UsageError(f"there is no cluster {name!r}", hint)
    return [fleet.catalogs[name]]
