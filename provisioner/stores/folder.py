"""A folder of files that are ours: every file whole or old, and a manifest of what we wrote.

A reader (Prometheus, Grafana) may look at any instant: files are written beside under a hidden name, synced and
renamed. Losing the manifest costs only the clean-up of files that nothing asks for any more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from provisioner.errors import UnreachableError
from provisioner.files import FileFault, Root, Staged, anchored
from provisioner.stores import manifest
from provisioner.stores.manifest import Inputs, Manifest

LOCK_SECONDS = 120.0
MAX_BYTES = 256 * 1024 * 1024
OTHER_CONTENT = "the file does not hold what was written: does something else write it?"
EDITED = "the file was edited since it was written, and so is not removed: remove it by hand"


@dataclass
class Folder:
    """One folder and the part of it that belongs to `owner`, a cluster and kind: several may share a folder.

    `names`: whether a name is one that we would write; a manifest that lists any other is not believed at all.
    `create`: the folder may be made where it is missing.
    """

    path: Path
    owner: str
    names: Callable[[str], bool]
    noted: Manifest = field(default_factory=Manifest)
    create: bool = False

    @property
    def absent(self) -> str | None:
        """Why nothing can be said of the folder: it is not on this machine, or not yet."""
        return None if self.create or self.is_there else f"the folder {self.path} is not visible from here"

    @property
    def manifest(self) -> str:
        """The file that notes what is ours."""
        return f".provisioner-{self.owner}.json"

    @property
    def is_there(self) -> bool:
        """False for a folder that is still to be made."""
        return self.path.is_dir()

    @property
    def owned(self) -> Mapping[str, str]:
        """What we wrote: name -> SHA-256."""
        return self.noted.files

    def load(self) -> None:
        """Read the manifest; none, or one that we would not have written, means that nothing is ours."""
        raw = self._bytes(self.manifest, manifest.MAX_BYTES)
        self.noted = manifest.parsed(raw, self.owner, self.names) if raw is not None else Manifest()

    def text(self, name: str) -> str | None:
        """A file's text; None if it is not there, is no text, or something else stands in its place."""
        raw = self._bytes(name, MAX_BYTES)
        try:
            return None if raw is None else raw.decode("utf-8")
        except UnicodeDecodeError:
            return None

    def wrote(self, name: str, text: str) -> bool:
        """True if this is what we wrote there last: nobody has touched it since."""
        return self.owned.get(name) == sha256(text)

    def matching(self, pattern: str) -> list[str]:
        """The names in the folder itself that fit a glob."""
        if not self.is_there:
            return []
        root, base = self._anchor
        with self._reachable():
            return [name for name in root.names(base) if fnmatchcase(name, pattern)]

    def replace(
        self,
        files: Mapping[str, str | None],
        *,
        awaiting: bool = False,
        inputs: Mapping[str, Inputs] = MappingProxyType({}),
    ) -> dict[str, str | None]:
        """Write these files (None: remove), untouched where equal. Returns the old text of each that changed.

        All are prepared before the first is renamed, so a full disk changes nothing. A file that somebody edited since
        we wrote it is written over, never removed. `awaiting`: until `confirm`, the manifest says that nobody has
        taken the changed files yet. `inputs`: what each file was made of. Raises UnreachableError.
        """
        with self._reachable():
            old = {name: self.text(name) for name in files}
            changed = {name: text for name, text in files.items() if old[name] != text}
            staged = self._staged({name: text for name, text in changed.items() if text is not None})
            if awaiting and changed:
                self._note(self.noted.awaiting(changed))
            for each in staged:
                self._root.commit(each)
            kept = {name for name, text in changed.items() if text is None and not self._removed(name, old[name])}
            self._note(
                self.noted.after({name: text for name, text in files.items() if name not in kept}, sha256, inputs)
            )
        return {name: old[name] for name in changed}

    def remember(self, inputs: Mapping[str, Inputs]) -> None:
        """Note what files are made of, as far as they are still those that were read. Raises UnreachableError."""
        before = self.owned
        with self.locked():
            self.load()
            same = {name: each for name, each in inputs.items() if self.owned.get(name, "") == before.get(name)}
            self._note(replace(self.noted, inputs={**self.noted.inputs, **same}))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One run at a time changes what is ours here; what another one wrote meanwhile is read first."""
        with self._reachable(), self._root.locked(self._name(f".provisioner-{self.owner}.lock"), LOCK_SECONDS):
            yield

    def confirm(self) -> None:
        """Whoever reads the files has taken them all."""
        if self.noted.unconfirmed:
            with self._reachable():
                self._note(self.noted.confirmed())

    def _staged(self, files: Mapping[str, str]) -> list[Staged]:
        staged: list[Staged] = []
        try:
            for name, text in files.items():
                staged.append(self._root.stage(self._name(name), text.encode()))
        except BaseException:
            for each in staged:
                self._root.discard(each)
            raise
        return staged

    def _removed(self, name: str, text: str | None) -> bool:
        """Remove a file that is as we wrote it, or that is no file; anything else is somebody's work."""
        if text is not None and not self.wrote(name, text):
            return False
        self._root.remove(self._name(name))
        return True

    def _note(self, noted: Manifest) -> None:
        self._root.write(self._name(self.manifest), noted.text(self.owner).encode())
        self.noted = noted

    @property
    def _root(self) -> Root:
        return self._anchor[0]

    def _name(self, name: str) -> str:
        return f"{self._anchor[1]}/{name}"

    @cached_property
    def _anchor(self) -> tuple[Root, str]:
        return anchored(self.path)

    def _bytes(self, name: str, limit: int) -> bytes | None:
        """None for what is not there, and for what is no file: it is replaced then."""
        with self._reachable():
            try:
                return self._root.read(self._name(name), limit)
            except FileFault as fault:
                if fault.kind == "unreadable":
                    raise
                return None

    @contextmanager
    def _reachable(self) -> Iterator[None]:
        try:
            yield
        except FileFault as fault:
            raise UnreachableError(f"{fault.path}: {fault.reason}", fault.hint) from None


def sha256(text: str) -> str:
    """The hash that the manifest holds."""
    return hashlib.sha256(text.encode()).hexdigest()
