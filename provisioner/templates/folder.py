"""A folder of templates, read: regular files of one ending, and nothing that git would take for a repository."""

from __future__ import annotations

from pathlib import Path

from provisioner.catalog.documents import MAX_BYTES
from provisioner.catalog.strangers import repositories
from provisioner.files import FileFault, Root
from provisioner.problem import Problem, Span
from provisioner.templates.problems import CHECK
from provisioner.templates.source import Source

Read = tuple[dict[str, Source], list[Problem]]


def read(folder: Path | None, suffix: str, check: str = CHECK) -> Read:
    """The files by name, and what is wrong with the folder. None, and a folder that is not there, have no files.

    `check`: what says so. Hidden files are left out: editors write them, and so do we.
    """
    if folder is None:
        return {}, []
    try:
        names = Root(folder).names()
    except FileFault as fault:
        return {}, [] if fault.kind == "missing" else [_problem(check, folder, fault)]
    sources, problems = {}, list(repositories(folder))
    for name in names:
        if name.endswith(f".{suffix}") and not name.startswith("."):
            try:
                raw = Root(folder).read(name, MAX_BYTES)
            except FileFault as fault:
                problems.append(_problem(check, folder / name, fault))
            else:
                sources[name] = Source(str(folder / name), raw.decode("utf-8-sig", errors="surrogateescape"))
    return sources, problems


def _problem(check: str, path: Path, fault: FileFault) -> Problem:
    return Problem(check, fault.reason, Span(str(path)), fault.hint)
