"""The folder of declarations, read: which files there are, what each may hold, and their entries validated."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from provisioner.catalog.declarations import ClusterDeclaration, ConsumerDeclaration, TeamDeclaration, TopicDeclaration
from provisioner.catalog.documents import MAX_BYTES, Document, Loc, parse
from provisioner.catalog.schema import did_you_mean, validated
from provisioner.problem import Problem, Span

M = TypeVar("M", bound=BaseModel)

CLUSTERS_FILE = "clusters.yaml"
TEAM_FILE = "team.yaml"
SECRETS = frozenset(
    {
        "sasl.password",
        "sasl.oauthbearer.client.secret",
        "sasl.oauthbearer.config",
        "ssl.key.password",
        "ssl.key.pem",
        "ssl.keystore.password",
    }
)
"""Client properties that may only be named, never written out."""

_NAMES = "|".join(re.escape(name) for name in sorted(SECRETS))
_WRITTEN_OUT = re.compile(rf"((?:{_NAMES})[\"']?\s*:\s*)(?!\{{)([^,}}\s][^,}}\n]*)")
_IN_A_URL = re.compile(r"(://)([^/@\s]+)(?=@)")
MAX_FILES = 20_000
MAX_TOTAL_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Entry(Generic[M]):
    """One declaration and the place it was written at."""

    value: M
    document: Document
    loc: Loc
    team: str = ""

    def span(self, *loc: str | int) -> Span:
        """The place of a value inside this entry."""
        return self.document.span((*self.loc, *loc))

    def key_span(self, *loc: str | int) -> Span:
        """The place of a key inside this entry."""
        return self.document.key_span((*self.loc, *loc))


@dataclass(slots=True)
class Declarations:
    """All entries of a folder, with every problem found while reading, and the text of each file for reports.

    `names` holds every topic name that was seen, also in entries that are wrong otherwise.
    """

    folder: str
    clusters: dict[str, Entry[ClusterDeclaration]] = field(default_factory=dict)
    teams: dict[str, Entry[TeamDeclaration]] = field(default_factory=dict)
    topics: list[Entry[TopicDeclaration]] = field(default_factory=list)
    consumers: list[Entry[ConsumerDeclaration]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    broken_clusters: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    sources: dict[str, str] = field(default_factory=dict)


def read(folder: Path) -> Declarations:
    """Read every declaration below the folder. Never raises for what is in the files; problems are collected."""
    declarations = Declarations(str(folder))
    total = 0
    for path in _files(folder, declarations.problems):
        raw = _bytes(path, folder, declarations.problems)
        total += len(raw or b"")
        if total > MAX_TOTAL_BYTES:
            declarations.problems.append(_too_much(path))
            break
        if raw is not None:
            _take(declarations, path, path.relative_to(folder).parts, raw)
    _teams_present(declarations, folder)
    return declarations


def _files(folder: Path, problems: list[Problem]) -> list[Path]:
    if not folder.is_dir():
        problems.append(
            Problem(
                "files/folder",
                f"there is no folder {str(folder)!r}",
                Span(str(folder)),
                "name the folder of declarations",
            )
        )
        return []
    found: list[Path] = []
    for base, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        here = Path(base)
        problems += [_link(here / name) for name in folders if (here / name).is_symlink()]
        found += [here / name for name in sorted(files) if _is_declaration(here / name, folder, problems)]
    if len(found) > MAX_FILES:
        problems.append(
            Problem("files/too-many", f"more than {MAX_FILES} files", Span(str(folder)), "group topics in fewer files")
        )
    return found[:MAX_FILES]


def _is_declaration(path: Path, folder: Path, problems: list[Problem]) -> bool:
    if path.name.startswith(".") or path.suffix not in (".yaml", ".yml"):
        return False
    depth = len(path.relative_to(folder).parts)
    if path.suffix == ".yml":
        problem = ("files/name", "files end in .yaml here, this one in .yml", f"rename it to {path.stem}.yaml")
    elif depth > 2:
        problem = ("files/place", "a folder inside a team's folder", "a team is one folder: move the file up")
    elif depth == 1 and path.name != CLUSTERS_FILE:
        near = did_you_mean(path.name, [CLUSTERS_FILE])
        problem = (
            "files/place",
            "this file belongs to no team",
            near or "move it into the folder of the team that owns it",
        )
    else:
        return True
    problems.append(Problem(problem[0], problem[1], Span(str(path)), problem[2]))
    return False


def _link(path: Path) -> Problem:
    return Problem("files/link", "a link to a folder is not followed", Span(str(path)), "put the files themselves here")


def _too_much(path: Path) -> Problem:
    return Problem(
        "files/too-large",
        f"more than {MAX_TOTAL_BYTES >> 20} MiB in all",
        Span(str(path)),
        "this is no folder of declarations",
    )


def _bytes(path: Path, folder: Path, problems: list[Problem]) -> bytes | None:
    try:
        problem = _unreadable(path, folder)
        if problem is None:
            return path.read_bytes()
    except OSError as error:
        problem = Problem("files/unreadable", f"cannot be read: {error.strerror}", Span(str(path)), "check its rights")
    problems.append(problem)
    return None


def _unreadable(path: Path, folder: Path) -> Problem | None:
    info = path.stat()
    if path.is_symlink() and not path.resolve().is_relative_to(folder.resolve()):
        return Problem("files/link", "a link that leads out of the folder", Span(str(path)), "put the file itself here")
    if not stat.S_ISREG(info.st_mode):
        return Problem("files/kind", "no regular file (a pipe, a device or a folder)", Span(str(path)), "remove it")
    if info.st_size > MAX_BYTES:
        size = f"{info.st_size / 1048576:.1f} MiB, more than {MAX_BYTES >> 20} MiB"
        return Problem("files/too-large", size, Span(str(path)), "split it into several files")
    return None


def _take(declarations: Declarations, path: Path, parts: tuple[str, ...], raw: bytes) -> None:
    document, problems = parse(str(path), raw)
    declarations.problems += problems
    declarations.sources[str(path)] = masked(raw.decode("utf-8-sig", errors="replace"))
    if parts == (CLUSTERS_FILE,):
        _take_clusters(declarations, document)
    elif parts[-1] == TEAM_FILE:
        _take_team(declarations, document, parts[0])
    else:
        _take_entries(declarations, document, parts[0])


def masked(text: str) -> str:
    """The text for reports: a secret that somebody wrote out is not repeated in a log."""
    for pattern in (_WRITTEN_OUT, _IN_A_URL):
        text = pattern.sub(lambda match: match[1] + "*" * len(match[2]), text)
    return text


def _take_clusters(declarations: Declarations, document: Document) -> None:
    for name, data in _section(declarations, document, ("clusters",), dict).items():
        value, problems = validated(ClusterDeclaration, document, ("clusters", name), data)
        declarations.problems += problems
        if value is None:
            declarations.broken_clusters.add(name)
        else:
            declarations.clusters[name] = Entry(value, document, ("clusters", name))


def _take_team(declarations: Declarations, document: Document, team: str) -> None:
    data = {} if document.data is None else document.data
    value, problems = validated(TeamDeclaration, document, (), data)
    declarations.problems += problems
    declarations.teams[team] = Entry(value or TeamDeclaration(), document, (), team)


def _take_entries(declarations: Declarations, document: Document, team: str) -> None:
    wanted = (("topics", TopicDeclaration), ("consumers", ConsumerDeclaration))
    _section(declarations, document, tuple(name for name, _ in wanted), dict)
    if not isinstance(document.data, dict):
        return
    for index, data in enumerate(_items(declarations, document, "topics")):
        if isinstance(data, dict) and isinstance(data.get("name"), str):
            declarations.names.add(data["name"])
        topic, problems = validated(TopicDeclaration, document, ("topics", index), data)
        declarations.problems += problems
        if topic:
            declarations.topics.append(Entry(topic, document, ("topics", index), team))
    for index, data in enumerate(_items(declarations, document, "consumers")):
        consumer, problems = validated(ConsumerDeclaration, document, ("consumers", index), data)
        declarations.problems += problems
        if consumer:
            declarations.consumers.append(Entry(consumer, document, ("consumers", index), team))


def _section(declarations: Declarations, document: Document, known: tuple[str, ...], kind: type) -> dict[str, Any]:
    """A file's top: a map of the known words. Returns the first word's content, or nothing where that is wrong."""
    data = document.data
    if not isinstance(data, dict):
        if () not in document.damaged:
            what = (
                "the file is empty"
                if data is None
                else "the file must begin with " + " or ".join(f"`{word}:`" for word in known)
            )
            declarations.problems.append(Problem("schema/file", what, document.span(()), f"begin with `{known[0]}:`"))
        return {}
    for word in data:
        if word not in known:
            hint = did_you_mean(word, known) or f"known here: {', '.join(known)}"
            declarations.problems.append(
                Problem("schema/unknown-field", f"unknown field {word!r}", document.key_span((word,)), hint)
            )
    section = data.get(known[0], {})
    if len(known) == 1 and not isinstance(section, kind):
        declarations.problems.append(
            Problem("schema/value", f"{known[0]!r} must be a map", document.span(known), "write `name:` lines below it")
        )
        return {}
    return section if isinstance(section, dict) else {}


def _items(declarations: Declarations, document: Document, word: str) -> list[Any]:
    items = document.data.get(word, [])
    if isinstance(items, list):
        return items
    if (word,) not in document.damaged:
        hint = "put `- ` before each entry"
        declarations.problems.append(
            Problem("schema/value", f"{word!r} must be a list", document.key_span((word,)), hint)
        )
    return []


def _teams_present(declarations: Declarations, folder: Path) -> None:
    used = {consumer.team: consumer.document.path for consumer in declarations.consumers}
    used |= {topic.team: topic.document.path for topic in declarations.topics}
    for team in sorted(set(used) - set(declarations.teams)):
        path = str(folder / team / TEAM_FILE)
        message = f"team {team!r} has topics or consumers, but no {TEAM_FILE}"
        hint = f'create it, with chat: "#room" and a runbook: (its first file is {used[team]})'
        declarations.problems.append(Problem("files/no-team", message, Span(path), hint))
