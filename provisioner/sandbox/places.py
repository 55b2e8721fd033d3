"""Where a sandbox lies: below the user's cache folder by its name, so that it is the same from every folder."""

from __future__ import annotations

import re
from pathlib import Path

from provisioner import files
from provisioner.errors import SandboxError
from provisioner.sandbox import cache

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def shelf() -> Path:
    """The folder of all sandboxes of this user."""
    return cache.root() / "sandboxes"


def home(name: str, folder: Path | None = None) -> Path:
    """The folder of one sandbox: by its name, unless the caller has one. Raises SandboxError."""
    named(name)
    # The way to the cache is the user's own and may have links; the working folder's is anybody's.
    return place(folder) if folder else _unlinked(shelf().resolve() / name)


def names() -> list[str]:
    """The sandboxes that lie in the user's cache folder, running or not."""
    try:
        return sorted(path.name for path in shelf().iterdir() if path.is_dir() and not path.is_symlink())
    except OSError:
        return []


def named(name: str) -> None:
    """Refuse a name that could lead out of the folder where sandboxes lie."""
    if not _NAME.fullmatch(name):
        raise SandboxError(f"{name!r} cannot be a sandbox's name", "use letters, digits, `.`, `_` and `-`")


def place(folder: Path) -> Path:
    """The folder without any link on its way below the working folder, and none at its end.

    A link there would have brokers started, and everything removed, wherever it leads. Raises SandboxError.
    """
    root, name = files.located(folder)
    reached = root.path
    for part in Path(name).parts:
        reached = _unlinked(reached / part)
    return reached


def _unlinked(path: Path) -> Path:
    if path.is_symlink():
        raise SandboxError(f"{path} is a link, and a sandbox's folder is none", "remove the link")
    return path
