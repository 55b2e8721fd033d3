"""The git work tree around the declarations: what it has of CODEOWNERS, read and written as a stranger's file."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from provisioner import printable
from provisioner.catalog.codeowners import MAX_BYTES, PLACES, OwnersFile, Repository
from provisioner.errors import RefusedError
from provisioner.files import FileFault, Root
from provisioner.stores.closed_git import lexical, top


def repository(folder: Path, templates: Sequence[Path] = ()) -> Repository | None:
    """The work tree around the folder, None where there is none. `templates`: folders that may lie in it, too."""
    above = top(folder)
    if above is None:
        return None
    ours = (_below(path, above) for path in templates if path.is_dir())
    return Repository(_below(folder, above) or "", tuple(filter(None, ours)), tuple(_files(above)))


def write(folder: Path, place: str, text: str) -> None:
    """One CODEOWNERS of the work tree around the folder, whole or as it was. Raises RefusedError."""
    above = top(folder)
    try:
        if above is not None:
            Root(above).put(place, text.encode())
    except FileFault as fault:
        raise RefusedError(f"{_name(above or folder, place)} cannot be written: {fault.reason}", fault.hint) from None


def named(folder: Path, place: str) -> str:
    """A file of the work tree around the folder, as messages name it."""
    return _name(top(folder) or folder, place)


def _below(path: Path, above: Path) -> str | None:
    """The way from the top, empty for the top itself; None for what lies elsewhere."""
    absolute = lexical(path)
    if not absolute.is_relative_to(above):
        return None
    return "/".join(absolute.relative_to(above).parts)


def _files(above: Path) -> Iterator[OwnersFile]:
    for place in PLACES:
        try:
            raw = Root(above).read(place, MAX_BYTES)
        except FileFault as fault:
            if fault.kind != "missing":
                yield OwnersFile(place, _name(above, place), fault=fault.reason)
        else:
            yield _decoded(place, _name(above, place), raw)


def _decoded(place: str, name: str, raw: bytes) -> OwnersFile:
    try:
        return OwnersFile(place, name, raw.decode())
    except UnicodeDecodeError:
        return OwnersFile(place, name, fault="it is not UTF-8")


def _name(above: Path, place: str) -> str:
    return printable.line(os.path.relpath(above / place))
