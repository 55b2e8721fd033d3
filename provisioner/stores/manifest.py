"""What we noted of a folder: which files are ours, by hash, what they were made of, and which nobody has read yet.

Whoever can write to the folder can write the manifest: it is believed only if every word of it is one of ours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

FORMAT_VERSION = 3
READABLE = {2: {"format_version", "owner", "files", "unconfirmed"}}
READABLE[FORMAT_VERSION] = {*READABLE[2], "inputs"}
"""Version -> its words. Before the third nobody noted what files were made of."""
MAX_BYTES = 64 * 1024 * 1024
MOST_INPUTS = 100_000
"""Resources in one file."""
_SHA256 = re.compile(r"[0-9a-f]{64}")
_INPUTS = re.compile(r"(?:[0-9a-f]{32})?")

Inputs = Mapping[str, str]
"""Resource -> the digest of what it was made of, "" where nobody knows."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """`files`: name -> SHA-256 of what we wrote; `inputs`: name -> the resources in it.

    `unconfirmed`: names that changed and were not taken, removed ones too.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    unconfirmed: frozenset[str] = frozenset()
    inputs: Mapping[str, Inputs] = field(default_factory=dict)

    def awaiting(self, names: Iterable[str]) -> Manifest:
        """These are about to change."""
        return replace(self, unconfirmed=self.unconfirmed | frozenset(names))

    def confirmed(self) -> Manifest:
        """All was taken."""
        return replace(self, unconfirmed=frozenset())

    def after(
        self, written: Mapping[str, str | None], digest: Callable[[str], str], inputs: Mapping[str, Inputs]
    ) -> Manifest:
        """These were written (None: removed), made of those inputs; of a file without them nothing is known."""
        files = {**self.files, **{name: digest(text) for name, text in written.items() if text is not None}}
        noted = {name: each for name, each in self.inputs.items() if name not in written}
        noted |= {name: inputs[name] for name, text in written.items() if text is not None and name in inputs}
        left = {name: sha for name, sha in files.items() if written.get(name, "") is not None}
        return replace(self, files=left, inputs=noted)

    def text(self, owner: str) -> str:
        """The file's text."""
        noted = {"format_version": FORMAT_VERSION, "owner": owner, "files": dict(self.files)}
        inputs = {name: dict(each) for name, each in self.inputs.items()}
        return json.dumps({**noted, "unconfirmed": sorted(self.unconfirmed), "inputs": inputs}, sort_keys=True)


def parsed(raw: bytes, owner: str, names: Callable[[str], bool]) -> Manifest:
    """The manifest of that owner; an empty one for anything that we would not have written."""
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError):
        return Manifest()
    if not _is_ours(document, owner, names):
        return Manifest()
    return Manifest(document["files"], frozenset(document["unconfirmed"]), document.get("inputs", {}))


def _is_ours(document: Any, owner: str, names: Callable[[str], bool]) -> bool:
    if not isinstance(document, dict) or not isinstance(document.get("format_version"), int):
        return False
    if set(document) != READABLE.get(document["format_version"]):
        return False
    files, unconfirmed = document["files"], document["unconfirmed"]
    return (
        document["owner"] == owner
        and isinstance(files, dict)
        and isinstance(unconfirmed, list)
        and all(isinstance(name, str) and names(name) for name in (*files, *unconfirmed))
        and all(isinstance(sha, str) and bool(_SHA256.fullmatch(sha)) for sha in files.values())
        and _are_inputs(document.get("inputs", {}), files)
    )


def _are_inputs(inputs: Any, files: Mapping[str, str]) -> bool:
    if not isinstance(inputs, dict) or not inputs.keys() <= files.keys():
        return False
    return all(
        isinstance(each, dict)
        and len(each) <= MOST_INPUTS
        and all(isinstance(digest, str) and bool(_INPUTS.fullmatch(digest)) for digest in each.values())
        for each in inputs.values()
    )
