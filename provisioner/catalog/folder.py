"""The folder of declarations, read: which files there are, and whose they are."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from provisioner import printable
from provisioner.catalog.documents import MAX_BYTES
from provisioner.catalog.entries import CLUSTERS_FILE, TEAM_FILE, Declarations, Entry, Sections, take
from provisioner.catalog.known import Known
from provisioner.catalog.naming import misnamed
from provisioner.catalog.quoting import quoted
from provisioner.catalog.strangers import repositories, unread
from provisioner.catalog.suggesting import did_you_mean
from provisioner.files import FileFault, Root
from provisioner.problem import Problem, Severity, Span

__all__ = ["CLUSTERS_FILE", "MAX_FILES", "TEAM_FILE", "Declarations", "Entry", "read"]

CHECKS = {
    "link": "files/link",
    "kind": "files/kind",
    "too-large": "files/too-large",
    "missing": "files/missing",
    "unreadable": "files/unreadable",
}
"""Why a file cannot be used, as the name of a check."""

MAX_FILES = 20_000
MAX_TOTAL_BYTES = 32 * 1024 * 1024


def read(
    folder: Path,
    lenient: bool = False,
    called: str | None = None,
    sections: Sections = MappingProxyType({}),
    texts: Mapping[Path, bytes] = MappingProxyType({}),
    known: Known | None = None,
) -> Declarations:
    """Read every declaration below the folder. Never raises for what is in the files; problems are collected.

    `lenient`, `sections`: as `Declarations` has them. `called`: what places say for the folder, where it is but a copy.
    `texts`: what files are taken to hold, whatever is there. `known`: files that need not be parsed again.
    """
    declarations = Declarations(str(folder), lenient, sections)
    total = 0
    for path in _well_named(_files(folder, declarations.problems), folder, declarations.problems):
        raw = texts[path] if path in texts else _bytes(path, folder, declarations.problems)
        total += len(raw or b"")
        if total > MAX_TOTAL_BYTES:
            declarations.problems.append(_too_much(folder))
            break
        place = printable.line(f"{called}/{path.relative_to(folder)}" if called else str(path))
        parts = path.relative_to(folder).parts
        if raw is None:
            declarations.unread[place] = parts[0]
        elif known is None or not known.take(declarations, place, parts, raw):
            take(declarations, place, parts, raw)
    _teams_present(declarations, folder)
    _a_cluster_present(declarations, folder)
    return declarations


def _files(folder: Path, problems: list[Problem]) -> list[Path]:
    if not folder.is_dir():
        problems.append(
            Problem(
                "files/folder",
                f"there is no folder {quoted(str(folder))}",
                _place(folder),
                "name the folder of declarations",
            )
        )
        return []
    try:
        Root(folder).names()
    except FileFault as fault:
        problems.append(Problem(CHECKS[fault.kind], fault.reason, _place(folder), fault.hint))
        return []
    problems += [*repositories(folder), *unread(folder, (".yaml", ".yml"))]
    found: list[Path] = []
    for base, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        here = Path(base)
        problems += [_link(here / name) for name in folders if (here / name).is_symlink()]
        found += [here / name for name in sorted(files) if _is_declaration(here / name, folder, problems)]
    if len(found) > MAX_FILES:
        problems.append(
            Problem("files/too-many", f"more than {MAX_FILES} files", _place(folder), "group topics in fewer files")
        )
    return found[:MAX_FILES]


def _well_named(paths: Sequence[Path], folder: Path, problems: list[Problem]) -> Iterator[Path]:
    """The files of teams that can be called so; what lies in another folder becomes nobody's topics."""
    refused: dict[str, list[Problem]] = {}
    for path in paths:
        team, *file = path.relative_to(folder).parts
        if file and team not in refused:
            refused[team] = misnamed("teams/name", "team", team, _place(folder / team))
            problems += refused[team]
        if not refused.get(team):
            yield path


def _place(path: Path) -> Span:
    """A file or folder as a message names it, whatever its name is made of."""
    return Span(printable.line(str(path)), 0, 0)


def _is_declaration(path: Path, folder: Path, problems: list[Problem]) -> bool:
    if path.name.startswith(".") or path.suffix not in (".yaml", ".yml"):
        return False
    depth = len(path.relative_to(folder).parts)
    if path.suffix == ".yml":
        problem = ("files/name", "files end in .yaml here, this one in .yml", f"rename it to {path.stem}.yaml")
    elif depth > 2:
        problem = ("files/place", "a folder inside a team's folder", "a team is one folder: move the file up")
    elif depth == 1 and path.name != CLUSTERS_FILE:
        near = did_you_mean(path.stem, [Path(CLUSTERS_FILE).stem])
        home = f"move it to {printable.line(str(folder))}/<team>/, the folder of the team that owns it"
        problem = ("files/place", "this file belongs to no team", f"rename it to {CLUSTERS_FILE}" if near else home)
    else:
        return True
    problems.append(Problem(problem[0], problem[1], _place(path), problem[2]))
    return False


def _link(path: Path) -> Problem:
    return Problem("files/link", "a link to a folder is not followed", _place(path), "put the files themselves here")


def _too_much(folder: Path) -> Problem:
    return Problem(
        "files/too-large",
        f"more than {MAX_TOTAL_BYTES >> 20} MiB in all",
        _place(folder),
        "this is no folder of declarations",
    )


def _bytes(path: Path, folder: Path, problems: list[Problem]) -> bytes | None:
    try:
        return Root(folder).read(path.relative_to(folder).as_posix(), MAX_BYTES)
    except FileFault as fault:
        problems.append(Problem(CHECKS[fault.kind], fault.reason, _place(path), fault.hint))
        return None


def _teams_present(declarations: Declarations, folder: Path) -> None:
    used = {other.team: other.document.path for entries in declarations.others.values() for other in entries}
    used |= {consumer.team: consumer.document.path for consumer in declarations.consumers}
    used |= {topic.team: topic.document.path for topic in declarations.topics}
    for team in sorted(set(used) - set(declarations.teams)):
        message = f"team {quoted(team)} has topics or consumers, but no {TEAM_FILE}"
        near = did_you_mean(team, declarations.teams)
        hint = f'create it, with chat: "#room" and a runbook: (its first file is {used[team]})'
        hint = f"{near} Then move the files there; for a new team {hint}" if near else hint
        declarations.problems.append(Problem("files/no-team", message, _place(folder / team / TEAM_FILE), hint))


def _a_cluster_present(declarations: Declarations, folder: Path) -> None:
    """Where something is wrong already, a cluster may only be missing for that."""
    if not declarations.clusters and all(one.severity is Severity.WARNING for one in declarations.problems):
        hint = "create it; docs/clusters.md shows one"
        place = _place(folder / CLUSTERS_FILE)
        declarations.problems.append(Problem("files/no-clusters", "no cluster is declared", place, hint))
