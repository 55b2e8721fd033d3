"""The entries of one file, validated: what a file of each kind may hold, and whose it is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import BaseModel

from provisioner.catalog.cluster_declarations import (
    ClusterDeclaration,
    ClustersFile,
    RepositoryDeclaration,
    SeveritiesDeclaration,
)
from provisioner.catalog.documents import Document, Loc, document_of
from provisioner.catalog.findings import Findings
from provisioner.catalog.masking import masked
from provisioner.catalog.model import DEFAULT_REPOSITORY
from provisioner.catalog.naming import misnamed
from provisioner.catalog.schema import checked, readable, unknown_field
from provisioner.catalog.suggesting import Suggestions
from provisioner.catalog.team_declarations import TeamDeclaration
from provisioner.catalog.topic_declarations import ConsumerDeclaration, TopicDeclaration, TopicsFile
from provisioner.problem import Problem, Span

M = TypeVar("M", bound=BaseModel)

Sections = Mapping[str, type[BaseModel]]
"""A word at the top of a team's file -> what an entry below it may say."""

CLUSTERS_FILE = "clusters.yaml"
TEAM_FILE = "team.yaml"
LINES = ("description",)
"""The keys whose values may have several lines."""


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


class File(NamedTuple):
    """One file that was read, and the way to it from the folder of declarations.

    `digest`: of its bytes; `is_clean`: nothing in it is wrong.
    """

    document: Document
    parts: tuple[str, ...]
    digest: bytes
    is_clean: bool


@dataclass(slots=True)
class Declarations:
    """All entries of a folder, with every problem found while reading, and the text of each file for reports.

    `names` holds every topic name that was seen, also in entries that are wrong otherwise. `lenient`: of these,
    what can be read is taken too, so that all of their problems are seen at once; nothing may be done with it.
    `sections`: what a team's file may hold besides topics and consumers, word by word; `others`: those entries.
    `broken_clusters` are named and cannot be read; those of `broken_defaults` may be the default. `files`: by path.
    `unread`: files of which nobody saw a byte, path -> team.
    """

    folder: str
    lenient: bool = False
    sections: Sections = field(default_factory=dict)
    others: dict[str, list[Entry[Any]]] = field(default_factory=dict)
    clusters: dict[str, Entry[ClusterDeclaration]] = field(default_factory=dict)
    severities: Entry[SeveritiesDeclaration] | None = None
    repository: str = DEFAULT_REPOSITORY
    teams: dict[str, Entry[TeamDeclaration]] = field(default_factory=dict)
    topics: list[Entry[TopicDeclaration]] = field(default_factory=list)
    consumers: list[Entry[ConsumerDeclaration]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    broken_clusters: set[str] = field(default_factory=set)
    broken_defaults: set[str] = field(default_factory=set)
    files: dict[str, File] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    sources: dict[str, str] = field(default_factory=dict)
    suggestions: Suggestions = field(default_factory=Suggestions)


def take(declarations: Declarations, path: str, parts: tuple[str, ...], raw: bytes) -> None:
    """The entries of one file, and its text for reports. `parts`: the way to it from the folder of declarations."""
    findings = Findings(declarations.suggestions)
    document = document_of(path, raw, findings, LINES)
    text = raw.decode("utf-8-sig", errors="replace").removeprefix("\ufeff")
    declarations.sources[path] = masked(text, document.hidden, document.whole)
    if parts == (CLUSTERS_FILE,):
        _take_clusters(declarations, document, findings)
    elif parts[-1] == TEAM_FILE:
        _take_team(declarations, document, parts[0], findings)
    else:
        _take_entries(declarations, document, parts[0], findings)
    problems = findings.problems()
    declarations.files[path] = File(document, parts, digest_of(raw), not problems)
    declarations.problems += problems


def digest_of(raw: bytes) -> bytes:
    """Equal ones are of equal files, whoever wrote these."""
    return hashlib.sha256(raw).digest()


def _take_clusters(declarations: Declarations, document: Document, findings: Findings) -> None:
    top = _top(document, ClustersFile, (), findings)
    if written := {word: top[word] for word in SeveritiesDeclaration.model_fields if word in top}:
        severities = checked(SeveritiesDeclaration, document, (), written, findings)
        declarations.severities = Entry(severities, document, ()) if severities else None
    if "repository" in top:
        declared = checked(RepositoryDeclaration, document, (), {"repository": top["repository"]}, findings)
        declarations.repository = declared.repository if declared else DEFAULT_REPOSITORY
    for name, data in _map(document, "clusters", top, findings).items():
        loc = ("clusters", name)
        wrong = misnamed("clusters/name", "cluster", name, document.key_span(loc))
        for problem in wrong:
            findings.add(problem)
        value = checked(ClusterDeclaration, document, loc, data, findings)
        if value is None or wrong:
            declarations.broken_clusters.add(name)
            if isinstance(data, dict) and data.get("default", False) is not False:
                declarations.broken_defaults.add(name)
        else:
            declarations.clusters[name] = Entry(value, document, loc)


def _take_team(declarations: Declarations, document: Document, team: str, findings: Findings) -> None:
    data = {} if document.data is None else document.data
    value = _taken(declarations, TeamDeclaration, document, (), data, findings)
    declarations.teams[team] = Entry(value or TeamDeclaration(), document, (), team)


def _taken(
    declarations: Declarations, model: type[M], document: Document, loc: Loc, data: Any, findings: Findings
) -> M | None:
    value = checked(model, document, loc, data, findings)
    return readable(model, data) if value is None and declarations.lenient and not findings.full else value


def _take_entries(declarations: Declarations, document: Document, team: str, findings: Findings) -> None:
    data = _top(document, TopicsFile, declarations.sections, findings)
    for entry in _entries(declarations, TopicDeclaration, document, "topics", data, findings):
        declarations.topics.append(Entry(entry.value, document, entry.loc, team))
    declarations.names.update(_names(data.get("topics")))
    for consumer in _entries(declarations, ConsumerDeclaration, document, "consumers", data, findings):
        declarations.consumers.append(Entry(consumer.value, document, consumer.loc, team))
    for word, model in declarations.sections.items():
        for other in _entries(declarations, model, document, word, data, findings):
            declarations.others.setdefault(word, []).append(Entry(other.value, document, other.loc, team))


def _names(topics: Any) -> Iterator[str]:
    for data in topics if isinstance(topics, list) else ():
        if isinstance(data, dict) and isinstance(data.get("name"), str):
            yield data["name"]


def _entries(
    declarations: Declarations, model: type[M], document: Document, word: str, data: dict[str, Any], findings: Findings
) -> Iterator[Entry[M]]:
    for index, item in enumerate(_items(document, word, data, findings)):
        if value := _taken(declarations, model, document, (word, index), item, findings):
            yield Entry(value, document, (word, index))


def _top(document: Document, model: type[BaseModel], more: Iterable[str], findings: Findings) -> dict[str, Any]:
    """A file's top: a map of the model's words and of `more`, empty where the file begins otherwise."""
    data, known = document.data, (*model.model_fields, *more)
    if not isinstance(data, dict):
        if () not in document.damaged:
            words = " or ".join(f"`{word}:`" for word in known)
            what = "the file is empty" if data is None else f"the file must begin with {words}"
            findings.add(Problem("schema/file", what, document.span(()), f"begin with `{known[0]}:`"))
        return {}
    for word in data:
        if word not in known:
            _unknown(document, word, model, findings)
    return data


def _unknown(document: Document, word: str, model: type[BaseModel], findings: Findings) -> None:
    span = document.key_span((word,))
    if findings.full:
        findings.count(span)
    else:
        findings.add(unknown_field(model, word, document.data[word], span, findings))


def _map(document: Document, word: str, top: dict[str, Any], findings: Findings) -> dict[str, Any]:
    section = top.get(word, {})
    if isinstance(section, dict):
        return section
    if (word,) not in document.damaged:
        hint = "write `name:` lines below it"
        findings.add(Problem("schema/value", f"{word!r} must be a map", document.span((word,)), hint))
    return {}


def _items(document: Document, word: str, data: dict[str, Any], findings: Findings) -> list[Any]:
    items = data.get(word, [])
    if isinstance(items, list):
        return items
    if (word,) not in document.damaged:
        hint = "put `- ` before each entry"
        findings.add(Problem("schema/value", f"{word!r} must be a list", document.key_span((word,)), hint))
    return []
