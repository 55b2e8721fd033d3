"""A folder of files that are ours: every file whole or old, and a manifest of what we wrote.

A reader (Prometheus, Grafana) may look at any instant: files are written beside under a hidden name, synced and
renamed. Losing the manifest costs only the clean-up of files that nothing asks for any more.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from provisioner.errors import UnreachableError

FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class Owned:
    """A file of ours: the hash of what we wrote, and whatever its store wants to remember about it."""

    sha256: str
    memo: Any = None


@dataclass
class Folder:
    """One folder and the part of it that belongs to `owner`, a cluster and kind: several may share a folder."""

    path: Path
    owner: str
    owned: dict[str, Owned] = field(default_factory=dict)

    @property
    def manifest(self) -> Path:
        """Where we note what is ours."""
        return self.path / f".provisioner-{self.owner}.json"

    @property
    def is_there(self) -> bool:
        """False where the folder is not on this machine, or not yet."""
        return self.path.is_dir()

    def load(self) -> None:
        """Read the manifest; none, or a broken one, means that nothing is ours."""
        with self._reachable():
            try:
                noted = json.loads(self.manifest.read_text("utf-8"))
                files = noted["files"].items() if noted["format_version"] == FORMAT_VERSION else ()
                self.owned = {name: Owned(entry["sha256"], entry.get("memo")) for name, entry in files}
            except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
                self.owned = {}

    def text(self, name: str) -> str | None:
        """A file's text, None if it is not there or no text."""
        with self._reachable():
            try:
                return (self.path / name).read_text("utf-8")
            except (FileNotFoundError, NotADirectoryError, UnicodeDecodeError):
                return None

    def wrote(self, name: str, text: str) -> bool:
        """True if this is what we wrote there last: nobody has touched it since."""
        noted = self.owned.get(name)
        return noted is not None and noted.sha256 == sha256(text)

    def matching(self, pattern: str) -> list[str]:
        """The names of files in the folder itself that fit a glob."""
        with self._reachable():
            return sorted(path.name for path in self.path.glob(pattern) if path.is_file())

    def replace(self, files: Mapping[str, str | None], memos: Mapping[str, Any]) -> dict[str, str | None]:
        """Write these files (None: remove), untouched where equal. Returns the old text of each that changed.

        All are prepared before the first is renamed, so a full disk changes nothing. Raises UnreachableError.
        """
        with self._reachable():
            old = {name: self.text(name) for name in files}
            changed = {name: text for name, text in files.items() if old[name] != text}
            staged = self._staged(changed)
            for name, temporary in staged.items():
                temporary.replace(self.path / name)
            for name in changed.keys() - staged.keys():
                (self.path / name).unlink(missing_ok=True)
            self._remember(files, memos)
        return {name: old[name] for name in changed}

    def _staged(self, files: Mapping[str, str | None]) -> dict[str, Path]:
        staged: dict[str, Path] = {}
        try:
            for name, text in files.items():
                if text is not None:
                    staged[name] = _written(self.path / name, text)
        except OSError:
            for temporary in staged.values():
                temporary.unlink(missing_ok=True)
            raise
        return staged

    def _remember(self, files: Mapping[str, str | None], memos: Mapping[str, Any]) -> None:
        for name, text in files.items():
            if text is None:
                self.owned.pop(name, None)
            else:
                self.owned[name] = Owned(sha256(text), memos.get(name))
        entries = {name: {"sha256": o.sha256, "memo": o.memo} for name, o in sorted(self.owned.items())}
        noted = json.dumps({"format_version": FORMAT_VERSION, "owner": self.owner, "files": entries}, sort_keys=True)
        _written(self.manifest, noted).replace(self.manifest)

    @contextmanager
    def _reachable(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            where = error.filename or self.path
            raise UnreachableError(f"{where}: {error.strerror}", "check the folder, its rights and its disk") from None


def sha256(text: str) -> str:
    """The hash that the manifest holds."""
    return hashlib.sha256(text.encode()).hexdigest()


def _written(target: Path, text: str) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.parent / f".new-{secrets.token_hex(8)}"
    try:
        with temporary.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    return temporary
