"""What we noted of a folder: which files are ours, by hash, and which of them nobody has confirmed to have read.

Whoever can write to the folder can write the manifest: it is believed only if every word of it is one of ours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

FORMAT_VERSION = 2
MAX_BYTES = 64 * 1024 * 1024
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Manifest:
    """`files`: name -> SHA-256 of what we wrote; `unconfirmed`: names that changed and were not taken, removed too."""

    files: Mapping[str, str] = field(default_factory=dict)
    unconfirmed: frozenset[str] = frozenset()

    def awaiting(self, names: Iterable[str]) -> Manifest:
        """These are about to change."""
        return replace(self, unconfirmed=self.unconfirmed | frozenset(names))

    def confirmed(self) -> Manifest:
        """All was taken."""
        return replace(self, unconfirmed=frozenset())

    def after(self, written: Mapping[str, str | None], digest: Callable[[str], str]) -> Manifest:
        """These were written (None: removed)."""
        files = {**self.files, **{name: digest(text) for name, text in written.items() if text is not None}}
        return replace(self, files={name: sha for name, sha in files.items() if written.get(name, "") is not None})

    def text(self, owner: str) -> str:
        """The file's text."""
        noted = {"format_version": FORMAT_VERSION, "owner": owner, "files": dict(self.files)}
        return json.dumps({**noted, "unconfirmed": sorted(self.unconfirmed)}, sort_keys=True)


def parsed(raw: bytes, owner: str, names: Callable[[str], bool]) -> Manifest:
    """The manifest of that owner; an empty one for anything that we would not have written."""
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError):
        return Manifest()
    if not _is_ours(document, owner, names):
        return Manifest()
    return Manifest(document["files"], frozenset(document["unconfirmed"]))


def _is_ours(document: Any, owner: str, names: Callable[[str], bool]) -> bool:
    if not isinstance(document, dict) or set(document) != {"format_version", "owner", "files", "unconfirmed"}:
        return False
    files, unconfirmed = document["files"], document["unconfirmed"]
    return (
        document["format_version"] == FORMAT_VERSION
        and document["owner"] == owner
        and isinstance(files, dict)
        and isinstance(unconfirmed, list)
        and all(isinstance(name, str) and names(name) for name in (*files, *unconfirmed))
        and all(isinstance(sha, str) and bool(_SHA256.fullmatch(sha)) for sha in files.values())
    )
