"""New files for people beside their own: nothing that is there is overwritten, all are prepared before one is renamed.

No syncing: the folder is a git working tree, and whoever loses power imports again.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from provisioner.catalog.addition import Addition
from provisioner.errors import RefusedError, UnreachableError


@dataclass(frozen=True, slots=True)
class DeclarationFolder:
    """One team's folder."""

    path: Path

    def names(self) -> frozenset[str]:
        """Every name in the folder in lower case: some file systems know no other."""
        with _reachable(self.path):
            return (
                frozenset(path.name.casefold() for path in self.path.iterdir()) if self.path.exists() else frozenset()
            )

    def content(self, name: str) -> bytes | None:
        """A file's bytes, None where there is no such file."""
        with _reachable(self.path):
            path = self.path / name
            return path.read_bytes() if path.is_file() and not path.is_symlink() else None

    def add(self, files: Mapping[str, Addition]) -> None:
        """Write beside, then rename. Raises RefusedError where somebody else wrote meanwhile, or UnreachableError."""
        with _reachable(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            staged: dict[str, Path] = {}
            try:
                for name, addition in files.items():
                    staged[name] = self.path / f".new-{secrets.token_hex(8)}"
                    staged[name].write_bytes(addition.content)
                self._unchanged(files)
                for name, temporary in staged.items():
                    self._put(temporary, self.path / name)
            finally:
                for temporary in staged.values():
                    temporary.unlink(missing_ok=True)

    def _unchanged(self, files: Mapping[str, Addition]) -> None:
        there = self.names()
        for name, addition in files.items():
            if self.content(name) != addition.before or (addition.before is None and name.casefold() in there):
                raise RefusedError(f"{self.path / name} changed while it was to be written", "run this again")

    def _put(self, temporary: Path, target: Path) -> None:
        if target.exists():
            shutil.copymode(target, temporary)
        temporary.replace(target)


@contextmanager
def _reachable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        where = error.filename or path
        raise UnreachableError(f"{where}: {error.strerror}", "check the folder, its rights and its disk") from None
