"""The declarations of a folder, checked: what every command begins with."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from provisioner import checks, wiring
from provisioner.catalog import catalog, folder, holding
from provisioner.catalog.codeowners import Repository
from provisioner.catalog.held import NOTHING, Held
from provisioner.catalog.model import Catalog
from provisioner.catalog.schema import did_you_mean
from provisioner.commands.console import Console
from provisioner.errors import InputError, RefusedError, UsageError
from provisioner.problem import Problem, Severity
from provisioner.templates import Templates


@dataclass(frozen=True, slots=True)
class Fleet:
    """Every cluster's catalog, the problems found on the way, the files' texts for showing them, the bare entries.

    `held`: what the errors hold back.
    """

    catalogs: Mapping[str, Catalog]
    problems: Sequence[Problem]
    sources: Mapping[str, str]
    declarations: folder.Declarations
    held: Held = NOTHING

    @property
    def errors(self) -> list[Problem]:
        """Those of the problems that hold something back."""
        return [problem for problem in self.problems if problem.severity is Severity.ERROR]


def read(
    path: Path,
    called: str | None = None,
    texts: Mapping[Path, bytes] = MappingProxyType({}),
    repository: Repository | None = None,
    templates: Callable[[], Templates] | None = None,
) -> Fleet:
    """Read, merge and check; nothing is raised for what the files say.

    `called`: what places say for the folder; `texts`: what files are taken to hold; `repository`: around them.
    `templates`: asked for only where files set something of an alert, or name a profile that is not shipped: neither
    is looked at without them.
    """
    with collector_paused():
        sections = wiring.sections()
        declarations = folder.read(path, lenient=True, called=called, sections=sections, texts=texts)
        catalogs, unfit = catalog.catalogs(declarations)
        known = templates() if templates and checks.asks_for_templates(declarations) else Templates({}, {})
        checked = checks.run(checks.Context(tuple(catalogs.values()), declarations, known, repository))
        problems = [*declarations.problems, *unfit, *checked]
    return Fleet(catalogs, list(dict.fromkeys(problems)), declarations.sources, declarations)


@contextmanager
def collector_paused() -> Iterator[None]:
    """Hundreds of thousands of small objects, none of them garbage: collecting costs more than reading."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def load_valid(path: Path, console: Console, templates: Callable[[], Templates] | None = None) -> Fleet:
    """The fleet, if nothing is wrong with it; warnings are said. Raises InputError with every problem.

    Raises RefusedError where no file is found: a wrong path must not look like a wish to have nothing.
    """
    fleet = _found(path, templates)
    if fleet.errors:
        raise InputError(fleet.problems, fleet.sources)
    _count_warnings(fleet, path, console)
    return fleet


def load(path: Path, console: Console, templates: Callable[[], Templates] | None = None) -> Fleet:
    """The fleet, knowing what its errors hold back; what is left goes on. Warnings are counted.

    Raises InputError where they govern the whole run, and what `load_valid` raises where no file is found.
    """
    fleet = _found(path, templates)
    held = holding.held(fleet.problems, fleet.declarations)
    if held.run or not fleet.catalogs.keys() - held.clusters.keys():
        raise InputError(fleet.problems, fleet.sources)
    _count_warnings(fleet, path, console)
    left = {name: replace(each, held=held) for name, each in fleet.catalogs.items() if name not in held.clusters}
    return replace(fleet, catalogs=left, held=held)


def _found(path: Path, templates: Callable[[], Templates] | None) -> Fleet:
    fleet = read(path, templates=templates)
    if not fleet.sources:
        raise RefusedError(f"no declaration was found in {path}: nothing is done", "name the folder of declarations")
    return fleet


def _count_warnings(fleet: Fleet, path: Path, console: Console) -> None:
    if warnings := sum(problem.severity is Severity.WARNING for problem in fleet.problems):
        counted = "1 warning" if warnings == 1 else f"{warnings} warnings"
        console.say(f"{counted}; `provisioner validate {path}` shows more")


def chosen(fleet: Fleet, name: str | None) -> list[Catalog]:
    """The named cluster's catalog, or all of them. Raises UsageError for a name that clusters.yaml does not have,
    and InputError for one that is held back.
    """
    if name is None:
        return list(fleet.catalogs.values())
    if name in fleet.held.clusters:
        raise InputError(fleet.problems, fleet.sources)
    if name not in fleet.catalogs:
        hint = did_you_mean(name, fleet.catalogs) or f"declared: {', '.join(fleet.catalogs)}"
        raise UsageError(f"there is no cluster {name!r}", hint)
    return [fleet.catalogs[name]]
