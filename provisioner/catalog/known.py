"""Files that were read before: one with the same content at the same place is not parsed again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from provisioner.catalog.documents import Document
from provisioner.catalog.entries import CLUSTERS_FILE, TEAM_FILE, Declarations, Entry, File, digest_of


class Known:
    """The files of a folder in which nothing is wrong, and their entries; a cluster's are always read anew."""

    def __init__(self, read: Declarations) -> None:
        clean = (file for file in read.files.values() if file.is_clean)
        self._files = {file.parts: file for file in clean if file.parts != (CLUSTERS_FILE,)}
        self._read = read
        self._topics = _by_file(read.topics)
        self._consumers = _by_file(read.consumers)
        self._others = {word: _by_file(entries) for word, entries in read.others.items()}

    def take(self, declarations: Declarations, path: str, parts: tuple[str, ...], raw: bytes) -> bool:
        """As `entries.take`, with the places of `path`; False, and nothing taken, where its content is not known."""
        file = self._files.get(parts)
        if file is None or file.digest != digest_of(raw):
            return False
        document = replace(file.document, path=path)
        declarations.files[path] = file._replace(document=document)
        declarations.sources[path] = self._read.sources[file.document.path]
        if parts[-1] == TEAM_FILE:
            declarations.teams[parts[0]] = replace(self._read.teams[parts[0]], document=document)
        else:
            self._take_entries(declarations, file, document)
        return True

    def _take_entries(self, declarations: Declarations, file: File, document: Document) -> None:
        path = file.document.path
        topics = _moved(self._topics.get(path, ()), document)
        declarations.topics += topics
        declarations.names.update(topic.value.name for topic in topics)
        declarations.consumers += _moved(self._consumers.get(path, ()), document)
        for word, entries in self._others.items():
            if path in entries:
                declarations.others.setdefault(word, []).extend(_moved(entries[path], document))


def _by_file(entries: Iterable[Entry[Any]]) -> dict[str, list[Entry[Any]]]:
    found: dict[str, list[Entry[Any]]] = {}
    for entry in entries:
        found.setdefault(entry.document.path, []).append(entry)
    return found


def _moved(entries: Iterable[Entry[Any]], document: Document) -> list[Entry[Any]]:
    return [Entry(entry.value, document, entry.loc, entry.team) for entry in entries]
