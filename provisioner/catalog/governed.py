"""What a place in the files governs: the run, a cluster, a team, a file, or one entry of a file."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from provisioner import printable
from provisioner.catalog.documents import Document, Loc
from provisioner.catalog.entries import CLUSTERS_FILE, TEAM_FILE, Declarations
from provisioner.problem import Span

Position = tuple[int, int]
"""Line and column."""


class What(StrEnum):
    """How much one place governs."""

    RUN = "run"
    CLUSTER = "cluster"
    TEAM = "team"
    FILE = "file"
    ENTRY = "entry"


class Governed(NamedTuple):
    """`name`: of the cluster or the team, or the file's path; `loc`: of an entry in its file."""

    what: What
    name: str = ""
    loc: Loc = ()


RUN = Governed(What.RUN)


@dataclass(slots=True)
class Places:
    """What places in the files of some declarations govern."""

    declarations: Declarations
    _begins: dict[str, list[tuple[Position, Loc]]] = field(default_factory=dict)

    def governed(self, span: Span) -> Governed:
        """What the place governs. Where that is not clear, it is the next larger thing."""
        file = self.declarations.files.get(span.path)
        if file is None:
            return _unread(span.path, self.declarations)
        if file.parts == (CLUSTERS_FILE,):
            loc = self._loc(span, file.document, 2)
            return Governed(What.CLUSTER, str(loc[1])) if loc[:1] == ("clusters",) else RUN
        if file.parts[-1] == TEAM_FILE:
            return Governed(What.TEAM, file.parts[0])
        loc = self._loc(span, file.document, 1)
        return Governed(What.ENTRY, span.path, loc) if loc else Governed(What.FILE, span.path)

    def _loc(self, span: Span, document: Document, depth: int) -> Loc:
        """The entry that a place is in, whose location has so many steps above it; () for none."""
        if document.path not in self._begins:
            self._begins[document.path] = [] if _is_unclear(document, depth) else sorted(_begins(document))
        begins = self._begins[document.path]
        at = bisect_right(begins, (span.line, span.column), key=itemgetter(0)) - 1
        return begins[at][1] if at >= 0 and span.line else ()


def _unread(path: str, declarations: Declarations) -> Governed:
    """Of a file or folder that was not read, by where it lies."""
    folder = printable.line(declarations.folder)
    if not Path(path).is_relative_to(folder):
        return RUN
    parts = Path(path).relative_to(folder).parts
    if parts in ((), (CLUSTERS_FILE,)):
        return RUN
    return Governed(What.TEAM, parts[0]) if parts[1:] == (TEAM_FILE,) else Governed(What.FILE, path)


def _is_unclear(document: Document, depth: int) -> bool:
    """True where keys above the entries are wrong or given twice: then nobody knows which entries there are."""
    if not document.whole or any(len(loc) <= depth for loc in document.doubled):
        return True
    return any(len(loc) <= 1 or (len(loc) == depth and not _is_named(document.data, loc)) for loc in document.damaged)


def _is_named(data: Any, loc: Loc) -> bool:
    section = data.get(loc[0]) if isinstance(data, dict) else None
    return isinstance(section, dict) and loc[1] in section


def _begins(document: Document) -> Iterator[tuple[Position, Loc]]:
    """Where each entry begins, and each key above them, which is in none."""
    for word, section in document.data.items() if isinstance(document.data, dict) else ():
        yield _position(document.key_span((word,))), ()
        for step in section if isinstance(section, dict) else range(len(section)) if isinstance(section, list) else ():
            yield _position(document.key_span((word, step))), (word, step)


def _position(span: Span) -> Position:
    return span.line, span.column
